import { MAX_PRESIGNED_SECONDS } from "../../aws/amz_values.ts";
import { ConfigurationError } from "../../errors.ts";
import { checkTime, invalidArgument, invalidNumber } from "../../kit/values/argument.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { isInteger } from "../../kit/values/integer.ts";
import { isRecord } from "../../kit/values/record.ts";
import { trimEnd } from "../../kit/text/trim_end.ts";
import { isToken } from "../../kit/text/token.ts";
import { encodeKey } from "../encode.ts";

/** The parsed address of a bucket. */
export interface BucketUrl {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The path, percent-encoded as it is signed, with a trailing slash. */
  readonly path: string;
}

/** Describes the signing of a URL, for messages. */
export function urlAction(key: unknown): string {
  return typeof key === "string" ? `sign URL for '${key}'` : "sign URL";
}

/**
 * Makes the error for a value that may be a setting, or an argument of the call that `action` describes.
 */
function invalidSetting(action: string | undefined, problem: string): Error {
  return action === undefined
    ? new ConfigurationError(`Cannot sign: ${problem}`)
    : new TypeError(`Cannot ${action}: ${problem}`);
}

/**
 * @param action The call whose argument it is. Without it, it is a setting.
 * @throws {ConfigurationError} If a setting is not an http or https URL, or has a part that signed URLs cannot keep.
 * @throws {TypeError} If the same is true of an argument.
 */
export function checkBucketUrl(bucketUrl: string | URL, action?: string): BucketUrl {
  try {
    const { protocol, origin, pathname, username, password, search, hash } = new URL(bucketUrl);
    if (/^https?:$/.test(protocol) && username + password + search + hash === "") {
      return { origin, path: encodeKey(`${trimEnd(decodeURIComponent(pathname), "/")}/`) };
    }
  } catch {
    // refused below
  }
  // The message does not show the URL, which may have a password.
  throw invalidSetting(action, "bucketUrl must be an http or https URL without user, query and fragment");
}

/**
 * @param action The call whose argument it is. Without it, it is a setting.
 * @throws {ConfigurationError} If a setting cannot be part of a credential scope or a policy.
 * @throws {TypeError} If the same is true of an argument.
 */
export function checkSetting(name: "bucket" | "region" | "service", value: string, action?: string): string {
  if (typeof value === "string" && /^[\w.-]+$/.test(value)) return value;
  throw invalidSetting(action, `${name} must be letters, digits or any of .-_, got ${formatValue(value)}`);
}

/**
 * @param most The longest lifetime; that of version 4 by default.
 * @throws {RangeError} If it is not an integer from 1 to that.
 * @throws {TypeError} If it is not a number.
 */
export function checkExpiry(expiresIn: number, action: string = "sign", most = MAX_PRESIGNED_SECONDS): number {
  if (isInteger(expiresIn, 1, most)) return expiresIn;
  throw invalidNumber(action, "expiresIn", `an integer from 1 to ${most}`, expiresIn);
}

/** The bounds of the years with four digits, 0 to 9999, in milliseconds since 1970. */
const FIRST_MILLISECOND = -62_167_219_200_000;
const LAST_MILLISECOND = 253_402_300_799_999;

/**
 * @throws {RangeError} If it is invalid, or its year does not have four digits.
 * @throws {TypeError} If it is not a date.
 */
export function checkDate(date: Date, action: string = "sign"): Date {
  checkTime(action, "date", "a valid date from the year 0 to 9999", date, FIRST_MILLISECOND, LAST_MILLISECOND);
  return date;
}

/** @throws {TypeError} If a URL could not carry the key, or clients would resolve it to another path. */
export function checkKey(key: string, action: string = "sign"): string {
  if (checkText("key", key, action) && !/(^|\/)\.\.?(\/|$)/.test(key)) return key;
  throw invalidArgument(action, "key", 'text without "." and ".." segments', key);
}

/** @throws {TypeError} If it is not text that UTF-8 can encode. */
export function checkText(name: string, text: string, action: string = "sign"): string {
  if (typeof text === "string" && text.isWellFormed()) return text;
  throw invalidArgument(action, name, "text without lone surrogates", text);
}

/** The methods that operations of S3 use. */
const METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"] as const;

/** @throws {TypeError} If no operation of S3 uses the method. */
export function checkMethod(method: string, action: string = "sign"): string {
  if ((METHODS as readonly string[]).includes(method)) return method;
  throw invalidArgument(action, "method", `one of ${METHODS.join(", ")}`, method);
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
export function checkQuery(query: QueryParameters, action: string = "sign"): Array<readonly [string, string]> {
  if (Object(query) !== query) throw invalidArgument(action, "query", "an object or pairs of text", query);
  const pairs = Symbol.iterator in query ? [...query as Iterable<[string, string]>] : Object.entries(query);
  const names = new Set<string>();
  const what = "a query parameter's name";
  for (const pair of pairs) {
    if (!Array.isArray(pair)) throw invalidArgument(action, "a query parameter", "a pair of texts", pair);
    const [name, value] = pair;
    checkText(what, name, action);
    checkText(`query.${name}`, value, action);
    const lower = name.toLowerCase();
    if (SIGNATURE_PARAMETERS.test(lower) || names.has(name)) {
      throw invalidArgument(action, what, "given once, and no parameter of signatures", name);
    }
    if (lower.startsWith("x-amz-") && name !== lower) {
      throw invalidArgument(action, "an x-amz- parameter's name", "in lower case", name);
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
export function checkHeaders(
  headers: Readonly<Record<string, string>>,
  action: string = "sign",
): Array<[name: string, value: string]> {
  checkTexts("headers", headers, action);
  const checked = new Map<string, string>();
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    if (name === "host" || checked.has(name) || !isToken(name)) {
      throw invalidArgument(action, "a header's name", "a token, given once, and not host", given);
    }
    if (typeof value !== "string" || !/^[\t\x20-\x7e]*$/.test(value)) {
      // The message does not show the value, which may be a customer's key.
      throw new TypeError(`Cannot ${action}: headers.${name} must be text in printable ASCII`);
    }
    checked.set(name, value.trim().replace(/\s+/g, " "));
  }
  return [...checked].sort(byName);
}

/** @throws {TypeError} If it is not an object of named texts. A `Headers` object has its texts elsewhere. */
export function checkTexts(name: string, texts: unknown, action: string): void {
  if (!isRecord(texts) || Symbol.iterator in texts) throw invalidArgument(action, name, "an object of texts", texts);
}

/** Compares pairs by name, for the order that signatures use. */
export function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}

/** Returns the path of the URL of an object. */
export function objectPath(bucket: BucketUrl, key: string, action?: string): string {
  return bucket.path + encodeKey(checkKey(key, action));
}
