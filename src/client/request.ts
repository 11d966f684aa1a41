import { encodeRfc3986 } from "../signing/encode.ts";
import type { Bytes } from "../kit/bytes/bytes.ts";

/** Headers by lower-case names; `undefined` values are omitted. */
export type RequestHeaders = Readonly<Record<string, string | undefined>>;

/** Headers that the caller's parameters add to requests, by the kind of request; requests that write have more. */
export interface SharedParameters {
  /** For every request: the requester who pays, the expected owner of the bucket. */
  readonly all: RequestHeaders;
  /** For the parts of an object: also the encryption. */
  readonly part: RequestHeaders;
  /** For requests that read an object or its headers. */
  readonly read: RequestHeaders;
  /** The version to read. */
  readonly versionId: string | undefined;
}

/** An S3 operation, before it is addressed and signed. */
export interface S3Request {
  /** The name of the operation, for errors: `"PutObject"`. */
  readonly operation: string;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly bucket: string;
  /** Omitted for operations on the bucket. */
  readonly key?: string;
  /** Query parameters; `undefined` values are omitted. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: RequestHeaders | undefined;
  /** Whether its bytes are the body of another request, which waits for them: then it waits for no free connection. */
  readonly isNested?: boolean | undefined;
  /** Headers that are not signed, as gateways may change them. */
  readonly unsigned?: Readonly<Record<string, string>>;
  /** A body that can be sent again. */
  readonly body?: Bytes | Blob | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Prevents further attempts; the current one continues. */
  readonly unsentSignal?: AbortSignal | undefined;
  /** Called after each failed attempt. After an early response, a runtime may continue to send the body nevertheless. */
  readonly onFailedAttempt?: (() => void) | undefined;
  /**
   * Whether it is safe to send the request again if the first attempt may have succeeded.
   * Otherwise it is sent again only if the service certainly rejected it.
   * @default {true}
   */
  readonly repeatable?: boolean;
  /** Whether the bytes of an object that is stored as gzip may be decompressed. @default {false} */
  readonly decodes?: boolean;
  /** The name of the root element of the response's document, which is checked in place of its headers. */
  readonly root?: string;
  /** Multiplies the timeout for operations that take the service longer. */
  readonly timeoutFactor?: number;
}

/** The time limits grow by the time that a body takes at this rate: a slower connection is not usable. */
export const MIN_BYTES_PER_SECOND = 64 * 1024;

/** The size of a request's body. */
export function bodySize({ body }: Partial<S3Request>): number {
  return body === undefined ? 0 : body instanceof Blob ? body.size : body.byteLength;
}

/** Encodes the query of a URL; empty without parameters. */
export function encodedQuery(query: S3Request["query"]): string {
  let encoded = "";
  for (const name in query) {
    const value = query[name];
    if (value !== undefined) encoded += `${encoded === "" ? "" : "&"}${encodeRfc3986(name)}=${encodeRfc3986(value)}`;
  }
  return encoded;
}

/**
 * Removes `undefined` values, and checks the others.
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
        `Cannot send header ${name}: its value must be printable ASCII, got "${value}"`,
      );
    }
    defined[name] = value;
  }
  return defined;
}
