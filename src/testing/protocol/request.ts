import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { invalidArgument, S3ServerError } from "./errors.ts";
import { percentDecode } from "./percent.ts";

/** A query parameter, decoded and as sent. */
export interface QueryParameter {
  readonly name: string;
  readonly value: string;
  readonly rawName: string;
  readonly rawValue: string;
}

/** A parsed request, so that every later step sees the same bucket, key, query and body. */
export interface S3Request {
  readonly method: string;
  /** The path as sent, with its percent escapes. */
  readonly rawPath: string;
  readonly query: readonly QueryParameter[];
  readonly headers: Headers;
  readonly host: string;
  /** `http:` or `https:`. */
  readonly scheme: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** Whether the bucket came from the host name, not from the path. */
  readonly virtualHosted: boolean;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The maximum length of a key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/** The hosts of AWS: global, regional, with a dash as in old regions, dual-stack. */
const AMAZON_HOST = /^(?:(.+)\.)?s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com$/;

/** Parses a request and reads its whole body. */
export async function readRequest(request: Request, hostnames: readonly string[]): Promise<S3Request> {
  // Not parsed with URL, which resolves "." and "..": the signature covers the path as sent.
  const match = /^(https?:)\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/i.exec(request.url);
  if (match === null) throw new S3ServerError("InvalidURI");
  const host = request.headers.get("host") ?? match[2]!;
  const rawPath = match[3] === "" ? "/" : match[3]!;
  return {
    method: request.method,
    rawPath,
    query: parseQuery(match[4] ?? ""),
    headers: request.headers,
    host,
    scheme: match[1]!.toLowerCase(),
    ...resolveTarget(host, rawPath, hostnames),
    body: new Uint8Array(await request.arrayBuffer()),
  };
}

/** The value of a query parameter, "" without a value, `undefined` if it is absent. */
export function queryValue(request: S3Request, name: string): string | undefined {
  return request.query.find((parameter) => parameter.name === name)?.value;
}

/**
 * The query parameters that count as headers in a presigned URL. Names must be in lower case: SigV2 signs no other
 * spelling. A parameter that is repeated or also sent as a header is refused, since only one of the two is signed.
 */
export function headerParameters(request: S3Request): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const { name, value } of request.query) {
    if (!name.startsWith("x-amz-")) continue;
    if (!/^[\w-]+$/.test(name)) throw invalidArgument(`${name} is not a valid header name`, name, value);
    if (parameters.has(name) || request.headers.has(name)) {
      throw invalidArgument(`${name} must be given once`, name, value);
    }
    parameters.set(name, value);
  }
  return parameters;
}

/** A query parameter that must be an integer from `low` to `high`. */
export function queryInteger(request: S3Request, name: string, low: number, high: number): number | undefined {
  const value = queryValue(request, name);
  if (value === undefined || value === "") return undefined;
  const number = /^-?\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (Number.isNaN(number) || number < low || number > high) {
    throw invalidArgument(`Argument ${name} must be an integer between ${low} and ${high}`, name, value);
  }
  return number;
}

/** The bucket of a request whose operation needs one. */
export function bucketOf(request: S3Request): string {
  if (request.bucket === undefined) throw new S3ServerError("MethodNotAllowed");
  return request.bucket;
}

/** The key of a request whose operation needs one. */
export function keyOf(request: S3Request): string {
  if (request.key === undefined) throw new S3ServerError("MethodNotAllowed");
  checkKeyLength(request.key);
  return request.key;
}

/** Refuses keys that are too long for S3. */
export function checkKeyLength(key: string): void {
  const bytes = encodeUtf8(key).length;
  if (bytes > MAX_KEY_BYTES) {
    throw new S3ServerError("KeyTooLongError", undefined, { Size: `${bytes}`, MaxSizeAllowed: `${MAX_KEY_BYTES}` });
  }
}

function parseQuery(raw: string): QueryParameter[] {
  const parameters: QueryParameter[] = [];
  for (const piece of raw.split("&")) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const rawName = equals === -1 ? piece : piece.slice(0, equals);
    const rawValue = equals === -1 ? "" : piece.slice(equals + 1);
    const name = percentDecode(rawName, true), value = percentDecode(rawValue, true);
    if (name === undefined || value === undefined) throw new S3ServerError("InvalidURI", undefined, { URI: raw });
    parameters.push({ name, value, rawName, rawValue });
  }
  return parameters;
}

function resolveTarget(
  host: string,
  rawPath: string,
  hostnames: readonly string[],
): Pick<S3Request, "bucket" | "key" | "virtualHosted"> {
  const named = bucketOfHost(host.replace(/:\d+$/, "").toLowerCase(), hostnames);
  if (named !== undefined) return { bucket: named, key: decoded(rawPath.slice(1)), virtualHosted: true };
  const slash = rawPath.indexOf("/", 1);
  const bucket = slash === -1 ? rawPath.slice(1) : rawPath.slice(1, slash);
  return {
    bucket: decoded(bucket),
    key: slash === -1 ? undefined : decoded(rawPath.slice(slash + 1)),
    virtualHosted: false,
  };
}

function bucketOfHost(host: string, hostnames: readonly string[]): string | undefined {
  for (const hostname of hostnames) {
    if (host.endsWith(`.${hostname}`)) return host.slice(0, -hostname.length - 1);
  }
  return AMAZON_HOST.exec(host)?.[1];
}

function decoded(raw: string): string | undefined {
  if (raw === "") return undefined;
  const text = percentDecode(raw);
  if (text === undefined) throw new S3ServerError("InvalidURI", undefined, { URI: raw });
  return text;
}
