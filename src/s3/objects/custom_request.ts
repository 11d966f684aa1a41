import type { GuardedBody } from "../../client/guarded_body.ts";
import type { S3Request } from "../../client/request.ts";
import { checksumHeaders } from "../../client/upload_checksum.ts";
import { asBytes, type Bytes, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { isToken } from "../../kit/text/token.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { isRecord } from "../../kit/values/record.ts";
import { MAX_KEY_BYTES } from "../../storage/contract/names.ts";
import { CALL_OPTIONS } from "../../storage/checks/option_names.ts";
import type { CallOptions } from "../../storage/contract/options.ts";
import type { FileAccess } from "../file_access.ts";
import { parameterHeaders } from "../object_parameters.ts";

/** The methods of S3's operations. */
const METHODS: readonly unknown[] = ["GET", "HEAD", "PUT", "POST", "DELETE"] satisfies StorageRequest["method"][];

/**
 * A request to any operation of S3, for the bucket or one of its objects.
 *
 * @example
 * ```ts
 * import { S3Storage, type StorageRequest } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const location: StorageRequest = { method: "GET", query: { location: "" } }; // GetBucketLocation
 * const response = await storage.request(location);
 * assertStringIncludes(await response.text(), "<LocationConstraint");
 * ```
 */
export interface StorageRequest extends CallOptions {
  /** The HTTP method. */
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The file, below the storage's location. With neither `name` nor `key` the request is for the bucket. */
  readonly name?: string;
  /** The full key of an object, in place of `name`: also one outside of the location, or one that no name can express. */
  readonly key?: string;
  /** The parameters of the query: an empty text for one that names the operation, such as `{ lifecycle: "" }`. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Headers. Those of the signature and of the connection are refused. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** The body: text, bytes or a Blob, which can be sent again. */
  readonly body?: string | Uint8Array | ArrayBuffer | Blob | undefined;
}

export const REQUEST_NAMES = [
  ...CALL_OPTIONS,
  "method",
  "name",
  "key",
  "query",
  "headers",
  "body",
] as const satisfies readonly (
  keyof StorageRequest
)[];

/** Headers that the client sets itself. */
const OWN_HEADERS = new RegExp(
  "^(authorization|host|date|x-amz-(date|content-sha256|security-token|decoded-content-length|trailer)|" +
    "content-length|transfer-encoding|connection|expect|keep-alive|te|trailer|upgrade|proxy-.*)$",
);

/** Parameters of a presigned URL, which would be a second signature. */
const OWN_QUERY =
  /^(x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256)|awsaccesskeyid|signature)$/i;

/** Segments that URLs cannot contain: a parser would remove them, and the request would go elsewhere. */
const DOT_SEGMENT = /(^|\/)\.\.?(\/|$)/;

/** Sends a request, with the signature and the retries of all others. */
export async function sendCustomRequest(files: FileAccess, given: StorageRequest): Promise<Response> {
  checkOptions("send a request", given, REQUEST_NAMES);
  const { method, signal } = given;
  if (!METHODS.includes(method)) {
    throw new TypeError(
      `Cannot send a request: method must be one of ${METHODS.join(", ")}, got ${formatValue(method)}`,
    );
  }
  signal?.throwIfAborted();
  const query = queryOf(given.query);
  const flags = Object.keys(query).filter((name) => query[name] === "").join("&");
  const operation = flags === "" ? method : `${method} ?${flags}`;
  const key = keyOf(files, given);
  const { backend } = files;
  const { client } = backend;
  const body = bodyOf(method, given.body);
  const own = headersOf(given.headers);
  const isDigested = Object.keys(own).some((name) => /^(content-md5|x-amz-(sdk-)?checksum-.*)$/.test(name));
  const headers = {
    ...(key === undefined
      ? parameterHeaders(backend.sharedObjectParameters(), "all")
      : backend.target(key, {}).parameters?.all),
    // Many operations with a document require a digest.
    ...(body === undefined || body instanceof Blob || isDigested
      ? {}
      : await checksumHeaders({ contentMd5: true, body })),
    ...own,
  };
  const isConditional = method !== "GET" && method !== "HEAD" && ("if-match" in own || "if-none-match" in own);
  const request: S3Request = {
    operation,
    method,
    bucket: client.settings.bucketName,
    ...(key === undefined ? {} : { key }),
    query,
    headers,
    body,
    signal,
    // What a POST has done, or what a condition is about, may differ the second time.
    repeatable: method !== "POST" && !isConditional,
    timeoutFactor: method === "POST" || "x-amz-copy-source" in own ? 10 : 1,
  };
  const response = await client.sendForStream(request);
  const isBare = method === "HEAD" || response.status === 204 || response.status === 205;
  if (isBare) await response.body.cancel();
  const { status } = response;
  return new Response(isBare ? null : streamOf(response.body), { status, headers: response.headers });
}

/** @throws {TypeError} If it is not clear which object is meant. */
function keyOf(files: FileAccess, given: StorageRequest): string | undefined {
  const { name, key } = given;
  for (const option of ["name", "key"] as const) {
    // A name that is missing by mistake must not make a request for the bucket.
    if (option in given && typeof given[option] !== "string") {
      throw new TypeError(`Cannot send a request: ${option} must be a string, got ${formatValue(given[option])}`);
    }
  }
  if (name !== undefined && key !== undefined) {
    throw new TypeError("Cannot send a request: pass either name or key, not both");
  }
  if (name !== undefined) return files.keyOf(name);
  if (key === undefined) return undefined;
  const isKey = key !== "" && key.isWellFormed() && !key.includes("\0") && !DOT_SEGMENT.test(key) &&
    encodeUtf8(key).byteLength <= MAX_KEY_BYTES;
  if (isKey) return key;
  throw new TypeError(
    `Cannot send a request: key must have 1 to ${MAX_KEY_BYTES} bytes of Unicode, without "." and ".." segments, got ${
      formatValue(key)
    }`,
  );
}

function queryOf(given: StorageRequest["query"]): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of entriesOf("query", given)) {
    if (OWN_QUERY.test(name)) {
      throw new TypeError(
        `Cannot send a request: query.${name} is part of a signature, which the storage makes itself`,
      );
    }
    const isText = typeof value === "string" && value.isWellFormed();
    if (name === "" || !name.isWellFormed() || !(isText || typeof value === "number" || typeof value === "boolean")) {
      throw new TypeError(
        `Cannot send a request: query.${name} must be a string, a number or a boolean, got ${formatValue(value)}`,
      );
    }
    query[name] = String(value);
  }
  return query;
}

/** The headers by names in lower case. */
function headersOf(given: StorageRequest["headers"]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of entriesOf("headers", given)) {
    const lower = name.toLowerCase();
    if (OWN_HEADERS.test(lower)) {
      throw new TypeError(`Cannot send a request: the header ${name} cannot be given, as the storage sets it`);
    }
    if (!isToken(name) || typeof value !== "string" || !/^[\t\x20-\x7e]*$/.test(value)) {
      throw new TypeError(
        `Cannot send a request: the header ${name} must be a text in printable ASCII, got ${formatValue(value)}`,
      );
    }
    if (lower in headers) throw new TypeError(`Cannot send a request: the header ${name} is given twice`);
    headers[lower] = value;
  }
  return headers;
}

/** The members that are set. A Headers object or a URLSearchParams has none, and would be ignored. */
function entriesOf(option: string, given: unknown): [string, unknown][] {
  if (given === undefined) return [];
  if (isRecord(given) && !(Symbol.iterator in given)) {
    return Object.entries(given).filter(([, value]) => value !== undefined);
  }
  throw new TypeError(`Cannot send a request: ${option} must be a plain object, got ${formatValue(given)}`);
}

function bodyOf(method: string, body: unknown): Bytes | Blob | undefined {
  if (body === undefined) return undefined;
  if (method === "GET" || method === "HEAD") throw new TypeError(`Cannot send a request: ${method} cannot have a body`);
  if (typeof body === "string") return encodeUtf8(body);
  if (body instanceof Blob) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (body instanceof Uint8Array) return asBytes(body);
  throw new TypeError(
    `Cannot send a request: body must be a string, bytes or a Blob, which can be sent again, got ${formatValue(body)}`,
  );
}

function streamOf(body: GuardedBody): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const chunk = await body.read();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      } catch (error) {
        await body.cancel().catch(() => {}); // the first error is the one to report
        throw error;
      }
    },
    cancel: async (reason) => await body.cancel(reason),
  }, { highWaterMark: 0 });
}
