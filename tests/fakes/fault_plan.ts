/** Chooses a fault for each request, by a seed and the content of the request, not by its time. */
import { SeededRandom } from "../unit/random.ts";

/** The faults, with their relative frequencies. */
const WEIGHTS = {
  /** 503 SlowDown for this request and the next ones, of any client. */
  slowDown: 6,
  /** The same with Retry-After. */
  slowDownRetryAfter: 3,
  /** 500 InternalError, and the operation was not executed. */
  internalError: 8,
  /** 500 InternalError, although the operation was executed. */
  internalErrorAfter: 5,
  /** The connection is closed after the head of the request. */
  resetBefore: 8,
  /** The connection is closed, with unread bytes, in the middle of the body of the request. */
  resetDuring: 8,
  /** The connection is closed without an answer, after the operation was executed. */
  resetAfter: 8,
  /** The connection is closed after a response with keep-alive. */
  closedIdle: 6,
  /** The connection is closed in the middle of the body of the answer. */
  truncated: 8,
  /** The body of the answer stalls in its middle. */
  stalled: 4,
  /** The operation is not executed, and there is no answer. */
  silence: 3,
  /** The operation is executed, and there is no answer. */
  silenceAfter: 3,
  /** Status 200 with an error document, and the operation was not executed. */
  errorDocument: 40,
  /** The same, although the operation was executed. */
  errorDocumentAfter: 20,
  /** The request is delivered twice, without delay. */
  duplicate: 10,
  /** The request is delivered twice, the second time with a delay. */
  lateDuplicate: 20,
  /** The answer is delayed. */
  slowFirstByte: 6,
  /** The answer has a wrong ETag. */
  wrongETag: 4,
  /** The answer has a wrong checksum. */
  wrongChecksum: 4,
  /** A bit of the body of the request is flipped. */
  flippedBit: 5,
  /** The last bit of the answer is flipped, if the answer has a checksum of the whole object. */
  flippedAnswer: 20,
  /** A bit of the body of the request is flipped, and only the ETag of the answer shows it. */
  flippedPlainBit: 20,
  /** The last bit of the answer is flipped, and only the ETag, which is the MD5 of the object, shows it. */
  flippedPlainAnswer: 20,
  /** The clock of the server changes: an hour ahead, an hour behind, or correct. */
  skew: 3,
  /** The current credentials expire; the provider has others. */
  expired: 3,
  /** The port is closed for a moment, and all connections are reset. */
  refused: 3,
  /** 502, 503 or 504 of a proxy, with a page; the operation was not executed. */
  gatewayPage: 8,
  /** 429 with Retry-After. */
  tooManyRequests: 5,
  /** 409 OperationAborted. */
  operationAborted: 5,
  /** 400 RequestTimeout, and the connection is closed. */
  requestTimeout: 5,
  /** Status 200 with the page of a login, and the operation was not executed. */
  loginPage: 8,
  /** The same, although the operation was executed. */
  loginPageAfter: 5,
  /** Status 200 without a body and without the headers of S3; the operation was not executed. */
  emptyAnswer: 6,
  /** 301 or 307 that names no region. */
  movedNowhere: 5,
  /** 301 or 400 that names another region. */
  movedRegion: 5,
  /** Bytes that are not HTTP. */
  garbage: 5,
  /** A head of 400 KB. */
  hugeHead: 3,
  /** The connection is closed in the middle of the head of the answer. */
  halfHead: 6,
  /** The head of the answer stalls in its middle. */
  stalledHead: 3,
  /** The answer arrives in small pieces. */
  slowDrip: 6,
  /** Content-Length is larger than the body, and the connection is closed. */
  longLength: 6,
  /** Content-Length is smaller than the body. */
  shortLength: 5,
  /** Content-Range names other bytes than the body has. */
  wrongRange: 30,
  /** A response of HTTP/1.0 without Content-Length. */
  http10: 6,
  /** 100 Continue or 103 Early Hints before the answer. */
  interim: 6,
  /** The body of the answer is chunked, with extensions and a trailer. */
  chunked: 6,
  /** The size of a chunk is malformed. */
  brokenChunks: 6,
  /** The last chunk is missing. */
  cutChunks: 6,
  /** The body of the answer is compressed with gzip, which was not requested. */
  gzipped: 6,
  /** Headers in upper case without a reason phrase, and Content-Length twice. */
  oddHead: 6,
} as const;

/** A kind of fault. */
export type FaultKind = keyof typeof WEIGHTS;

/** All kinds of fault. */
export const FAULT_KINDS = Object.keys(WEIGHTS) as FaultKind[];

/** Faults that a client of a correct S3 server meets: of the service, of connections and of the clock. */
export const SERVICE_FAULTS: readonly FaultKind[] = FAULT_KINDS.slice(0, FAULT_KINDS.indexOf("expired") + 1)
  .filter((kind) => !kind.startsWith("flippedPlain"));

/** The properties of a request that decide about faults. */
export interface FaultSubject {
  readonly operation: string;
  /** Distinguishes the request from others, identically in each run. */
  readonly identity: string;
  readonly method: string;
  readonly bodyBytes: number;
  /** Whether the server can detect a damaged body. */
  readonly bodySigned: boolean;
  /** Whether a range was requested. */
  readonly isRange: boolean;
}

/** A fault with its random number. */
export interface Fault {
  readonly kind: FaultKind;
  /** From 0 up to, not including, 1. */
  readonly amount: number;
}

/** Larger bodies take longer to send than a test should. */
const MAX_SILENT_BODY_BYTES = 32 * 1024;

type Applies = (subject: FaultSubject) => boolean;

const answersWithBody: Applies = ({ method, operation }) =>
  method === "GET" || method === "POST" || operation === "CopyObject";
const hasETag: Applies = ({ operation }) => /^(UploadPart|PutObject|GetObject|HeadObject)$/.test(operation);
const isShort: Applies = ({ bodyBytes }) => bodyBytes <= MAX_SILENT_BODY_BYTES;
/** Operations that S3 may answer with 200 before they are complete. */
const answersEarly: Applies = ({ operation }) => operation === "CompleteMultipartUpload" || operation === "CopyObject";

/** The requests to which a fault applies; all requests by default. */
const APPLIES: Partial<Record<FaultKind, Applies>> = {
  resetDuring: ({ bodyBytes }) => bodyBytes > 0,
  truncated: answersWithBody,
  stalled: (subject) => answersWithBody(subject) && isShort(subject),
  silence: isShort,
  silenceAfter: isShort,
  errorDocument: answersEarly,
  errorDocumentAfter: answersEarly,
  duplicate: ({ operation }) => operation !== "CreateMultipartUpload",
  lateDuplicate: ({ operation }) => operation === "UploadPart",
  wrongETag: hasETag,
  wrongChecksum: hasETag,
  flippedAnswer: ({ operation }) => operation === "GetObject",
  flippedBit: ({ bodyBytes, bodySigned }) => bodyBytes > 0 && bodySigned,
  flippedPlainBit: ({ bodyBytes, bodySigned }) => bodyBytes > 0 && !bodySigned,
  flippedPlainAnswer: ({ operation, isRange }) => operation === "GetObject" && !isRange,
  loginPage: ({ method }) => method !== "HEAD",
  loginPageAfter: ({ method }) => method !== "HEAD",
  stalledHead: isShort,
  slowDrip: answersWithBody,
  longLength: answersWithBody,
  shortLength: answersWithBody,
  wrongRange: ({ operation, isRange }) => operation === "GetObject" && isRange,
  http10: answersWithBody,
  chunked: answersWithBody,
  brokenChunks: answersWithBody,
  cutChunks: answersWithBody,
  gzipped: answersWithBody,
};

/** Chooses the faults. */
export class FaultPlan {
  readonly #seed: number;
  readonly #rate: number;
  readonly #kinds: readonly FaultKind[];
  readonly #seen = new Map<string, number>();

  /** @param rate The share of requests with a fault, from 0 to 1. */
  constructor(seed: number, rate: number, kinds: readonly FaultKind[]) {
    this.#seed = seed;
    this.#rate = rate;
    this.#kinds = kinds;
  }

  /**
   * The fault of a request, mostly none.
   *
   * @param missing Faults that have not occurred yet, which are preferred. By frequency alone, faults that apply to few
   * requests would sometimes not occur.
   */
  draw(subject: FaultSubject, missing: (kind: FaultKind) => boolean): Fault | undefined {
    const identity = `${subject.operation} ${subject.identity}`;
    const times = (this.#seen.get(identity) ?? 0) + 1;
    this.#seen.set(identity, times);
    const random = new SeededRandom(hash(`${this.#seed} ${identity} ${times}`));
    if (random.next() >= this.#rate) return undefined;
    const possible = this.#kinds.filter((kind) => APPLIES[kind]?.(subject) ?? true);
    const first = possible.filter(missing);
    const kinds = first.length > 0 ? first : possible;
    let left = random.next() * kinds.reduce((sum, kind) => sum + WEIGHTS[kind], 0);
    const kind = kinds.find((kind) => (left -= WEIGHTS[kind]) < 0)!;
    return { kind, amount: random.next() };
  }
}

/** The FNV-1a hash of the character codes. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state;
}
