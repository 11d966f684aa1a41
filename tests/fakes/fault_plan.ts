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
  /** The clock of the server changes: an hour ahead, an hour behind, or correct. */
  skew: 3,
  /** The current credentials expire; the provider has others. */
  expired: 3,
} as const;

/** A kind of fault. */
export type FaultKind = keyof typeof WEIGHTS;

/** All kinds of fault. */
export const FAULT_KINDS = Object.keys(WEIGHTS) as FaultKind[];

/** The properties of a request that decide about faults. */
export interface FaultSubject {
  readonly operation: string;
  /** Distinguishes the request from others, identically in each run. */
  readonly identity: string;
  readonly method: string;
  readonly bodyBytes: number;
  /** Whether the server can detect a damaged body. */
  readonly bodySigned: boolean;
}

/** A fault with its random number. */
export interface Fault {
  readonly kind: FaultKind;
  /** From 0 up to, not including, 1. */
  readonly amount: number;
}

/** Larger bodies take longer to send than a test should. */
const MAX_SILENT_BODY_BYTES = 32 * 1024;

/** The requests to which a fault applies; all requests by default. */
const APPLIES: Partial<Record<FaultKind, (subject: FaultSubject) => boolean>> = {
  resetDuring: ({ bodyBytes }) => bodyBytes > 0,
  truncated: ({ method }) => method !== "HEAD" && method !== "DELETE",
  stalled: ({ method, bodyBytes }) => method !== "HEAD" && method !== "DELETE" && bodyBytes <= MAX_SILENT_BODY_BYTES,
  silence: ({ bodyBytes }) => bodyBytes <= MAX_SILENT_BODY_BYTES,
  silenceAfter: ({ bodyBytes }) => bodyBytes <= MAX_SILENT_BODY_BYTES,
  errorDocument: answersEarly,
  errorDocumentAfter: answersEarly,
  duplicate: ({ operation }) => operation !== "CreateMultipartUpload",
  lateDuplicate: ({ operation }) => operation === "UploadPart",
  wrongETag: ({ operation }) => /^(UploadPart|PutObject|GetObject|HeadObject)$/.test(operation),
  wrongChecksum: ({ operation }) => /^(UploadPart|PutObject|GetObject|HeadObject)$/.test(operation),
  flippedAnswer: ({ operation }) => operation === "GetObject",
  flippedBit: ({ bodyBytes, bodySigned }) => bodyBytes > 0 && bodySigned,
};

/** Operations that S3 may answer with 200 before they are complete. */
function answersEarly({ operation }: Pick<FaultSubject, "operation">): boolean {
  return operation === "CompleteMultipartUpload" || operation === "CopyObject";
}

/** Chooses the faults. */
export class FaultPlan {
  readonly #seed: number;
  readonly #rate: number;
  readonly #seen = new Map<string, number>();

  /** @param rate The share of requests with a fault, from 0 to 1. */
  constructor(seed: number, rate: number) {
    this.#seed = seed;
    this.#rate = rate;
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
    const possible = FAULT_KINDS.filter((kind) => APPLIES[kind]?.(subject) ?? true);
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
