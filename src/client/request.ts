import { encodeRfc3986 } from "../signing/encode.ts";
import type { Bytes } from "../kit/bytes/bytes.ts";

/** Headers by their names in lower case; `undefined` values are left out. */
export type RequestHeaders = Readonly<Record<string, string | undefined>>;

/** What the caller's parameters add to requests, by what a request does. What writes an object has more headers. */
export interface SharedParameters {
  /** For every request: who pays, who must own the bucket. */
  readonly all: RequestHeaders;
  /** For the parts of an object: also what they are encrypted with. */
  readonly part: RequestHeaders;
  /** For what reads an object, or what is known of it. */
  readonly read: RequestHeaders;
  /** The version that is read. */
  readonly versionId: string | undefined;
}

/** One operation on S3, before it is addressed and signed. */
export interface S3Request {
  /** S3's name of the operation, for errors: `"PutObject"`. */
  readonly operation: string;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly bucket: string;
  /** Left out for operations on the bucket. */
  readonly key?: string;
  /** Query parameters; `undefined` values are left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: RequestHeaders | undefined;
  /** Something that can be sent again. */
  readonly body?: Bytes | Blob | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Ends what has not been sent: a try that is under way goes on, and no other one follows. */
  readonly unsentSignal?: AbortSignal | undefined;
  /** Told of each try that failed: what was answered early, runtimes may go on to send, whatever they are told. */
  readonly onFailedTry?: (() => void) | undefined;
  /**
   * Whether sending it a second time does no harm when the first may have worked unseen.
   * If not, it is sent again only where the service certainly refused it.
   * @default {true}
   */
  readonly repeatable?: boolean;
  /** How many times the timeout the service may take, where it has work to do before it can answer. */
  readonly timeoutFactor?: number;
}

/** The query of a URL; empty where there is none. */
export function encodedQuery(query: S3Request["query"]): string {
  let encoded = "";
  for (const name in query) {
    const value = query[name];
    if (value !== undefined) encoded += `${encoded === "" ? "" : "&"}${encodeRfc3986(name)}=${encodeRfc3986(value)}`;
  }
  return encoded;
}

/**
 * Drops what is `undefined`, and refuses what a header cannot carry.
 *
 * @throws {TypeError} If a value is not printable ASCII.
 */
export function definedHeaders(headers: S3Request["headers"]): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    if (!/^[\t\x20-\x7e]*$/.test(value)) {
      throw new TypeError(
        `Cannot send the header ${name}: its value must be printable ASCII, current value is "${value}"`,
      );
    }
    defined[name] = value;
  }
  return defined;
}
