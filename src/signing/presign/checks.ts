import { ConfigurationError } from "../../errors.ts";
import { checkInteger } from "../../kit/values/integer.ts";
import { isToken } from "../../kit/text/token.ts";
import { encodeKey } from "../encode.ts";

/** Seven days: no signature of version 4 lives longer. Source: AWS, "Download and upload objects with presigned URLs". */
const MOST_SECONDS = 604_800;

/** A bucket's address, taken apart. */
export interface BucketUrl {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Percent-encoded as it is signed, with a slash at its end. */
  readonly path: string;
}

/** The error of a value that is not what it must be; without the value where that may be a secret. */
function wrong(Kind: new (message: string) => Error, name: string, wanted: string, value?: unknown): Error {
  return new Kind(`${name} must be ${wanted}` + (value === undefined ? "" : `: current value is ${value}`));
}

/** @throws {ConfigurationError} If it is none, or has what would get lost. */
export function checkBucketUrl(bucketUrl: string | URL): BucketUrl {
  try {
    const { protocol, origin, pathname, username, password, search, hash } = new URL(bucketUrl);
    if (/^https?:$/.test(protocol) && username + password + search + hash === "") {
      return { origin, path: encodeKey(decodeURIComponent(pathname).replace(/\/?$/, "/")) };
    }
  } catch {
    // The message below tells what it must be.
  }
  throw wrong(ConfigurationError, "bucketUrl", "a URL without user, query and fragment");
}

/** @throws {ConfigurationError} If it cannot be part of a signature's scope or a policy. */
export function checkSetting(name: "bucket" | "region" | "service", value: string): string {
  if (typeof value === "string" && /^[\w.-]+$/.test(value)) return value;
  throw wrong(ConfigurationError, name, "a name", value);
}

/** @throws {RangeError} If it is no whole number of seconds from 1 to seven days. */
export function checkExpiry(expiresInSeconds: number): number {
  checkInteger("expiresInSeconds", expiresInSeconds, 1, MOST_SECONDS);
  return expiresInSeconds;
}

/** Of the years 0 to 9999, in milliseconds since 1970: others have no four digits. */
const FIRST_MILLISECOND = -62_167_219_200_000;
const LAST_MILLISECOND = 253_402_300_799_999;

/** @throws {RangeError} If it is not one, or has a year that the format has no room for. */
export function checkDate(date: Date): Date {
  const time = date.getTime();
  if (time >= FIRST_MILLISECOND && time <= LAST_MILLISECOND) return date;
  throw wrong(RangeError, "date", "a date up to the year 9999", date);
}

/** @throws {TypeError} If a URL with the key would lead elsewhere, or nowhere. */
export function checkKey(key: string): string {
  if (checkText("key", key) && !/(^|\/)\.\.?(\/|$)/.test(key)) return key;
  throw wrong(TypeError, "key", 'text without "." and ".." segments', key);
}

/** @throws {TypeError} If it has no UTF-8. */
export function checkText(name: string, text: string): string {
  if (typeof text === "string" && text.isWellFormed()) return text;
  throw wrong(TypeError, name, "text without lone surrogates", text);
}

/** The methods of S3's operations. */
const METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"] as const;

/** @throws {TypeError} If S3 has no operation with this method. */
export function checkMethod(method: string): string {
  if ((METHODS as readonly string[]).includes(method)) return method;
  throw wrong(TypeError, "method", `one of ${METHODS.join(", ")}`, method);
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

/** The parameters of signatures, of either version, in lower case: servers read them without regard to case. */
const SIGNATURE_PARAMETERS =
  /^(awsaccesskeyid|signature|expires|x-amz-(algorithm|content-sha256|credential|date|expires|security-token|signature|signedheaders))$/;

/**
 * No operation of S3 takes a parameter twice, and servers do not agree on what is signed then. Parameters that begin with
 * `x-amz-` count as headers, and only those in lower case are signed as such.
 *
 * @throws {TypeError} If a name or a value is not text, or a name comes twice, is one of a signature's own, or begins with
 * `x-amz-` and has capitals.
 */
export function checkQuery(query: QueryParameters): Array<readonly [string, string]> {
  const pairs = Symbol.iterator in query ? [...query as Iterable<[string, string]>] : Object.entries(query);
  const names = new Set<string>();
  for (const [name, value] of pairs) {
    checkText("name of a query parameter", name);
    checkText(`query.${name}`, value);
    const lower = name.toLowerCase();
    if (SIGNATURE_PARAMETERS.test(lower) || names.has(name)) {
      throw wrong(TypeError, "name of a query parameter", "given once, and not a signature's own", name);
    }
    if (lower.startsWith("x-amz-") && name !== lower) {
      throw wrong(TypeError, "name of a query parameter that counts as a header", "in lower case", name);
    }
    names.add(name);
  }
  return pairs;
}

/**
 * Headers as they are signed: names in lower case, sorted; values without spaces around them, and one at a time within.
 *
 * @throws {TypeError} If one cannot be sent, comes twice, or is `host`, which is signed anyhow.
 */
export function checkHeaders(headers: Readonly<Record<string, string>>): Array<[name: string, value: string]> {
  const checked = new Map<string, string>();
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    if (name === "host" || checked.has(name) || !isToken(name)) {
      throw wrong(TypeError, "name of a header", "a token, given once, and not host", given);
    }
    if (typeof value !== "string" || !/^[\t\x20-\x7e]*$/.test(value)) {
      throw wrong(TypeError, `headers.${name}`, "text in printable ASCII"); // it may be a customer's key
    }
    checked.set(name, value.trim().replace(/\s+/g, " "));
  }
  return [...checked].sort(byName);
}

/** Sorts pairs as signatures want them. */
export function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}

/** The path of an object's URL. */
export function objectPath(bucket: BucketUrl, key: string): string {
  return bucket.path + encodeKey(checkKey(key));
}
