/** Which request meets with which fault: drawn by a seed, for each request by what it is, not by when it comes. */
import { SeededRandom } from "../unit/random.ts";

/** What can happen to a request, and how often beside the others. */
const WEIGHTS = {
  /** 503 SlowDown for this request and the next ones, whoever sends them. */
  slowDown: 6,
  /** The same with Retry-After. */
  slowDownRetryAfter: 3,
  /** 500 InternalError, and nothing was done. */
  internalError: 8,
  /** 500 InternalError, though it was done. */
  internalErrorAfter: 5,
  /** The connection is closed once the head has come. */
  resetBefore: 8,
  /** It is closed, with bytes unread, in the middle of the request's body. */
  resetDuring: 8,
  /** It is closed after the request was carried out, without an answer. */
  resetAfter: 8,
  /** It is closed right after the answer, which promised to keep it. */
  closedIdle: 6,
  /** The answer breaks off in the middle of its body. */
  truncated: 8,
  /** The answer says no more in the middle of its body. */
  stalled: 4,
  /** The request is neither carried out nor answered. */
  silence: 3,
  /** The request is carried out and not answered. */
  silenceAfter: 3,
  /** Status 200 with an error document, and nothing was done. */
  errorDocument: 40,
  /** The same, though it was done. */
  errorDocumentAfter: 20,
  /** The request is delivered twice, one right after the other. */
  duplicate: 10,
  /** The second time comes late. */
  lateDuplicate: 20,
  /** The answer takes its time. */
  slowFirstByte: 6,
  /** The answer names an ETag that is not the object's. */
  wrongETag: 4,
  /** The answer names a checksum that is not the body's. */
  wrongChecksum: 4,
  /** A bit of the request's body arrives flipped. */
  flippedBit: 5,
  /** The last bit of what is read arrives flipped, where the answer tells a checksum of the whole object. */
  flippedAnswer: 20,
  /** The server's clock jumps: an hour ahead, an hour behind, or right again. */
  skew: 3,
  /** The credentials in use end; the provider has others. */
  expired: 3,
} as const;

/** A kind of fault. */
export type FaultKind = keyof typeof WEIGHTS;

/** All kinds of fault. */
export const FAULT_KINDS = Object.keys(WEIGHTS) as FaultKind[];

/** What a fault needs to know of the request it meets. */
export interface FaultSubject {
  readonly operation: string;
  /** What else tells it from other requests, the same in each run. */
  readonly identity: string;
  readonly method: string;
  readonly bodyBytes: number;
  /** Whether the server could tell that its body was damaged. */
  readonly bodySigned: boolean;
}

/** A fault, and what is random about it. */
export interface Fault {
  readonly kind: FaultKind;
  /** From 0 up to, not including, 1. */
  readonly amount: number;
}

/** Above this a client waits long for a body to go out, longer than a test should. */
const MAX_SILENT_BODY_BYTES = 32 * 1024;

/** Where a kind of fault can happen at all; everywhere, if nothing is said. */
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

/** Operations that S3 answers 200 before it is done. */
function answersEarly({ operation }: Pick<FaultSubject, "operation">): boolean {
  return operation === "CompleteMultipartUpload" || operation === "CopyObject";
}

/** Draws the faults. */
export class FaultPlan {
  readonly #seed: number;
  readonly #rate: number;
  readonly #seen = new Map<string, number>();

  /** @param rate How many of the requests meet with a fault, from 0 to 1. */
  constructor(seed: number, rate: number) {
    this.#seed = seed;
    this.#rate = rate;
  }

  /**
   * What happens to a request: mostly nothing.
   *
   * @param missing Kinds that have not happened yet: they come first. By weight alone, those that apply to few requests
   * would now and then not happen at all.
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

/** FNV-1a, of the characters' codes. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state;
}
