import { ConfigurationError } from "../../errors.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { isInteger } from "../../kit/values/integer.ts";
import { isToken } from "../../kit/text/token.ts";
import { encodeKey } from "../encode.ts";

/** Seven days, the maximum of version 4. Source: AWS, "Download and upload objects with presigned URLs". */
const MAX_SECONDS = 604_800;

/** The parsed address of a bucket. */
export interface BucketUrl {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The path, percent-encoded as it is signed, with a trailing slash. */
  readonly path: string;
}

/** Makes the error for an invalid value. Leave out a value that may be secret. */
function invalidValue(Kind: new (message: string) => Error, name: string, right: string, value?: unknown): Error {
  return new Kind(`Cannot sign: ${name} must be ${right}` + (value === undefined ? "" : `, got ${formatValue(value)}`));
}

/** @throws {ConfigurationError} If it is not an http or https URL, or has a part that signed URLs cannot keep. */
export function checkBucketUrl(bucketUrl: string | URL): BucketUrl {
  try {
    const { protocol, origin, pathname, username, password, search, hash } = new URL(bucketUrl);
    if (/^https?:$/.test(protocol) && username + password + search + hash === "") {
      return { origin, path: encodeKey(decodeURIComponent(pathname).replace(/\/?$/, "/")) };
    }
  } catch {
    // refused below
  }
  throw invalidValue(ConfigurationError, "bucketUrl", "an http or https URL without user, query and fragment");
}

/** @throws {ConfigurationError} If it cannot be part of a credential scope or a policy. */
export function checkSetting(name: "bucket" | "region" | "service", value: string): string {
  if (typeof value === "string" && /^[\w.-]+$/.test(value)) return value;
  throw invalidValue(ConfigurationError, name, "letters, digits or any of .-_", value);
}

/** @throws {RangeError} If it is not an integer from 1 to 604800, the seconds of seven days. */
export function checkExpiry(expiresInSeconds: number): number {
  if (isInteger(expiresInSeconds, 1, MAX_SECONDS)) return expiresInSeconds;
  throw invalidValue(RangeError, "expiresInSeconds", `an integer from 1 to ${MAX_SECONDS}`, expiresInSeconds);
}

/** The bounds of the years with four digits, 0 to 9999, in milliseconds since 1970. */
const FIRST_MILLISECOND = -62_167_219_200_000;
const LAST_MILLISECOND = 253_402_300_799_999;

/** @throws {RangeError} If it is invalid, or its year does not have four digits. */
export function checkDate(date: Date): Date {
  const time = date.getTime();
  if (time >= FIRST_MILLISECOND && time <= LAST_MILLISECOND) return date;
  throw invalidValue(RangeError, "date", "a valid date from the year 0 to 9999", String(date));
}

/** @throws {TypeError} If a URL could not carry the key, or clients would resolve it to another path. */
export function checkKey(key: string): string {
  if (checkText("key", key) && !/(^|\/)\.\.?(\/|$)/.test(key)) return key;
  throw invalidValue(TypeError, "key", 'text without "." and ".." segments', key);
}

/** @throws {TypeError} If it is not text that UTF-8 can encode. */
export function checkText(name: string, text: string): string {
  if (typeof text === "string" && text.isWellFormed()) return text;
  throw invalidValue(TypeError, name, "text without lone surrogates", text);
}

/** The methods that operations of S3 use. */
const METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"] as const;

/** @throws {TypeError} If no operation of S3 uses the method. */
export function checkMethod(method: string): string {
  if ((METHODS as readonly string[]).includes(method)) return method;
  throw invalidValue(TypeError, "method", `one of ${METHODS.join(", ")}`, method);
}

/**
 * Query parameters, as an object or as pairs, such as a `URLSearchParams`.
 *
 * @example
 * ```ts
 * import { presignUrl, type QueryParameters } from "@storages/s3/signing";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const query: QueryParameters = new URLSearchParams("list-type=2&prefix=a/");
 * const url = presignUrl({
 *   bucketUrl: "http://localhost:9000",
 *   key: "media",
 *   region: "us-east-1",
 *   credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret" },
 *   query,
 * });
 * assertStringIncludes(url, "/media?list-type=2&prefix=a%2F&X-Amz-Algorithm=");
 * ```
 */
export type QueryParameters = Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;

/** The parameters of both versions of signatures, in lower case, as servers ignore case. */
const SIGNATURE_PARAMETERS =
  /^(awsaccesskeyid|signature|expires|x-amz-(algorithm|content-sha256|credential|date|expires|security-token|signature|signedheaders))$/;

/**
 * Checks query parameters. No operation of S3 takes a parameter twice, and servers disagree on what is signed then.
 * Parameters that begin with `x-amz-` count as headers, and only those in lower case are signed as such.
 *
 * @throws {TypeError} If a name or a value is not text, or a name comes twice, is a parameter of signatures, or begins
 * with `x-amz-` and has capitals.
 */
export function checkQuery(query: QueryParameters): Array<readonly [string, string]> {
  const pairs = Symbol.iterator in query ? [...query as Iterable<[string, string]>] : Object.entries(query);
  const names = new Set<string>();
  for (const [name, value] of pairs) {
    checkText("a query parameter's name", name);
    checkText(`query.${name}`, value);
    const lower = name.toLowerCase();
    if (SIGNATURE_PARAMETERS.test(lower) || names.has(name)) {
      throw invalidValue(TypeError, "a query parameter's name", "given once, and no parameter of signatures", name);
    }
    if (lower.startsWith("x-amz-") && name !== lower) {
      throw invalidValue(TypeError, "an x-amz- parameter's name", "in lower case", name);
    }
    names.add(name);
  }
  return pairs;
}

/**
 * Returns headers as they are signed: names in lower case, sorted; values trimmed, with runs of spaces made one space.
 *
 * @throws {TypeError} If a header cannot be sent, comes twice, or is `host`, which is always signed.
 */
export function checkHeaders(headers: Readonly<Record<string, string>>): Array<[name: string, value: string]> {
  const checked = new Map<string, string>();
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    if (name === "host" || checked.has(name) || !isToken(name)) {
      throw invalidValue(TypeError, "a header's name", "a token, given once, and not host", given);
    }
    if (typeof value !== "string" || !/^[\t\x20-\x7e]*$/.test(value)) {
      throw invalidValue(TypeError, `headers.${name}`, "text in printable ASCII"); // the value may be a customer's key
    }
    checked.set(name, value.trim().replace(/\s+/g, " "));
  }
  return [...checked].sort(byName);
}

/** Compares pairs by name, for the order that signatures use. */
export function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}

/** Returns the path of the URL of an object. */
export function objectPath(bucket: BucketUrl, key: string): string {
  return bucket.path + encodeKey(checkKey(key));
}
