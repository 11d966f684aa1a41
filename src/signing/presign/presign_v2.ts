import { checkCredentials, type Credentials } from "../../aws/credentials.ts";
import { encodeBase64 } from "../../kit/bytes/bytes.ts";
import {
  checkBucketUrl,
  checkDate,
  checkExpiry,
  checkHeaders,
  checkMethod,
  checkQuery,
  checkSetting,
  objectPath,
} from "./checks.ts";
import { encodeKey, encodeQuery } from "../encode.ts";
import { hmacSha1 } from "../hmac_sha1.ts";
import { signedQuery } from "./signed_query_v2.ts";
import type { PresignOptions } from "./presigner.ts";

/**
 * The bucket, the key, the credentials and the limits of one URL that {@linkcode presignUrlV2} signs.
 *
 * @example
 * ```ts
 * import { presignUrlV2, type PresignUrlV2Options } from "@storages/s3/signing";
 * import { assertMatch } from "@std/assert";
 *
 * const options: PresignUrlV2Options = {
 *   bucketUrl: "http://localhost:9000/media",
 *   bucket: "media",
 *   key: "a.txt",
 *   credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret" },
 * };
 * assertMatch(presignUrlV2(options), /\?AWSAccessKeyId=testkey&Signature=.+&Expires=\d+$/);
 * ```
 */
export interface PresignUrlV2Options extends PresignOptions {
  /** The URL that keys are appended to: `https://media.s3.amazonaws.com`, `http://localhost:9000/media`. */
  readonly bucketUrl: string | URL;
  /** The bucket's name. It is signed, whether the URL has it in the host or in the path. */
  readonly bucket: string;
  /** The object's key, not percent-encoded. */
  readonly key: string;
  /** The credentials to sign with. */
  readonly credentials: Credentials;
}

/**
 * Signs a URL with Signature Version 2, for servers that support no other. AWS accepts it only in its oldest regions.
 *
 * The expiry has the limits of Version 4. The signature covers the headers `content-type`, `content-md5` and those that
 * begin with `x-amz-`. It also covers the absence of the first two: a client may not send them unless they are given
 * here.
 *
 * Source: AWS, "Signing and authenticating REST requests (AWS signature version 2)", query string authentication. The
 * parameters come in the order of botocore.
 *
 * @param options The bucket, the key, the credentials and the limits of the URL.
 * @returns The URL.
 * @throws {ConfigurationError} If the bucket, its URL or the credentials are missing or malformed.
 * @throws {RangeError} If `expiresInSeconds` or `date` is out of range.
 * @throws {TypeError} If the key, the method, a parameter or a header cannot be part of a request, or this signature
 * does not cover a header.
 *
 * @example
 * ```ts
 * import { presignUrlV2 } from "@storages/s3/signing";
 * import { assertEquals } from "@std/assert";
 *
 * const url = presignUrlV2({
 *   bucketUrl: "https://test-bucket.s3.amazonaws.com",
 *   bucket: "test-bucket",
 *   key: "path/to/ñ f+l&e.txt",
 *   credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
 *   date: new Date("2013-05-24T00:00:00Z"),
 * });
 * assertEquals(
 *   new URL(url).search,
 *   "?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=U%2BU4Wg%2F1lqW9UMBNt0ttup9FlNw%3D&Expires=1369357200",
 * );
 * ```
 */
export function presignUrlV2(options: PresignUrlV2Options): string {
  const { key, credentials, method = "GET", expiresInSeconds = 3600, query = {}, headers = {}, date = new Date() } =
    options;
  const bucketUrl = checkBucketUrl(options.bucketUrl);
  const bucket = checkSetting("bucket", options.bucket);
  checkCredentials(credentials);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const pairs = checkQuery(query);
  const expires = String(Math.floor(checkDate(date).getTime() / 1000) + checkExpiry(expiresInSeconds));
  const token: Array<[string, string]> = sessionToken === undefined ? [] : [["x-amz-security-token", sessionToken]];
  const path = objectPath(bucketUrl, key);
  const stringToSign = checkMethod(method) + "\n" + signedHeaders(headers, token, expires) +
    `/${bucket}/${encodeKey(key)}` + signedQuery(pairs);
  const signature = encodeBase64(hmacSha1(secretAccessKey, stringToSign));
  const whole = [...pairs, ["AWSAccessKeyId", accessKeyId], ["Signature", signature], ...token, ["Expires", expires]];
  return `${bucketUrl.origin}${path}?${encodeQuery(whole as Array<[string, string]>)}`;
}

/** Returns the lines of MD5, type and expiry, then the sorted `x-amz-` headers. */
function signedHeaders(
  headers: Readonly<Record<string, string>>,
  token: ReadonlyArray<[string, string]>,
  expires: string,
): string {
  const amazon = [...token];
  const placed = new Map<string, string>();
  for (const [name, value] of checkHeaders(headers)) {
    if (name.startsWith("x-amz-")) amazon.push([name, value]);
    else if (/^content-(md5|type)$/.test(name)) placed.set(name, value);
    else throw new TypeError(`Cannot sign header '${name}': Signature Version 2 does not cover it. Send it unsigned`);
  }
  const lines = amazon.map((header) => `${header.join(":")}\n`).sort();
  return `${placed.get("content-md5") ?? ""}\n${placed.get("content-type") ?? ""}\n${expires}\n${lines.join("")}`;
}
