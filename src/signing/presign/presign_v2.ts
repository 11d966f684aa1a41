import { checkCredentials, type Credentials } from "../../aws/credentials.ts";
import { MAX_LIFETIME_SECONDS } from "../../aws/amz_values.ts";
import { encodeBase64 } from "../../kit/bytes/bytes.ts";
import {
  byName,
  checkBucketUrl,
  checkDate,
  checkExpiry,
  checkHeaders,
  checkMethod,
  checkQuery,
  checkSetting,
  objectPath,
  urlAction,
} from "./checks.ts";
import type { NoneMissing } from "../../kit/values/argument.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { encodeKey, encodeQuery } from "../encode.ts";
import { hmacSha1 } from "../hmac_sha1.ts";
import { signedQuery } from "./signed_query_v2.ts";
import { PRESIGN_OPTIONS, type PresignOptions } from "./presigner.ts";

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
  /**
   * How long the URL is valid, in seconds: from 1 to 3153600000, which is a hundred years.
   * @default {3600}
   */
  readonly expiresIn?: number | undefined;
}

/** The names of the options besides those of {@linkcode PresignOptions}. */
const V2_OPTIONS = ["bucketUrl", "bucket", "key", "credentials"] as const satisfies readonly (
  keyof PresignUrlV2Options
)[];
type _V2Options = NoneMissing<Exclude<keyof PresignUrlV2Options, keyof PresignOptions | typeof V2_OPTIONS[number]>>;

/**
 * Signs a URL with Signature Version 2, for servers that support no other. AWS accepts it only in its oldest regions.
 *
 * The URL may be valid for longer than the seven days of Version 4. The signature covers the headers `content-type`,
 * `content-md5` and those that begin with `x-amz-`, as well as parameters with such names. It also covers the absence of the first two: a client may not send them unless they are given
 * here.
 *
 * Source: AWS, "Signing and authenticating REST requests (AWS signature version 2)", query string authentication. The
 * parameters come in the order of botocore.
 *
 * @param options The bucket, the key, the credentials and the limits of the URL.
 * @returns The URL.
 * @throws {RangeError} If `expiresIn` or `date` is out of range.
 * @throws {TypeError} If an option is unknown, missing or of the wrong type, the key, the method, a parameter or a
 * header cannot be part of a request, or this signature does not cover a header.
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
  const action = urlAction(options?.key);
  checkOptions(action, options, PRESIGN_OPTIONS, V2_OPTIONS);
  const { key, credentials, method = "GET", expiresIn = 3600, query = {}, headers = {}, date = new Date() } = options;
  const bucketUrl = checkBucketUrl(options.bucketUrl, action);
  return presignV2({
    bucket: checkSetting("bucket", options.bucket, action),
    credentials: checkCredentials(credentials, action),
    query: checkQuery(query, action),
    expires: Math.floor(checkDate(date, action).getTime() / 1000) +
      checkExpiry(expiresIn, action, MAX_LIFETIME_SECONDS),
    url: bucketUrl.origin + objectPath(bucketUrl, key, action),
    key,
    method: checkMethod(method, action),
    headers,
  }, action);
}

/** What a URL of version 2 allows. Only its headers are checked here. */
interface PresignV2Input extends Pick<PresignUrlV2Options, "bucket" | "key" | "credentials"> {
  readonly method: string;
  /** The URL without a query. */
  readonly url: string;
  readonly query: ReadonlyArray<readonly [string, string]>;
  readonly headers: Readonly<Record<string, string>>;
  /** When the URL expires, in seconds since 1970. */
  readonly expires: number;
}

/**
 * Signs a URL.
 *
 * @throws {TypeError} If a header cannot be part of a request, or this signature does not cover it.
 */
export function presignV2(input: PresignV2Input, action: string): string {
  const { method, url, bucket, key, query, headers, credentials, expires } = input;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const token: Array<[string, string]> = !sessionToken ? [] : [["x-amz-security-token", sessionToken]];
  // In a URL these parameters count as headers.
  const amazon = [...query.filter(([name]) => name.startsWith("x-amz-")), ...token];
  const stringToSign = `${method}\n${signedHeaders(headers, amazon, expires, action)}/${bucket}/${encodeKey(key)}` +
    signedQuery(query);
  const signature = encodeBase64(hmacSha1(secretAccessKey, stringToSign));
  const whole = [
    ...query,
    ["AWSAccessKeyId", accessKeyId],
    ["Signature", signature],
    ...token,
    ["Expires", String(expires)],
  ];
  return `${url}?${encodeQuery(whole as Array<[string, string]>)}`;
}

/** Returns the lines of MD5, type and expiry, then the sorted `x-amz-` headers and parameters. */
function signedHeaders(
  headers: Readonly<Record<string, string>>,
  parameters: ReadonlyArray<readonly [string, string]>,
  expires: number,
  action: string,
): string {
  const amazon = [...parameters];
  const placed = new Map<string, string>();
  for (const [name, value] of checkHeaders(headers, action)) {
    if (name.startsWith("x-amz-")) amazon.push([name, value]);
    else if (/^content-(md5|type)$/.test(name)) placed.set(name, value);
    else {
      throw new TypeError(
        `Cannot ${action}: header '${name}' must be sent unsigned: Signature Version 2 does not cover it`,
      );
    }
  }
  const lines = amazon.sort(byName).map((header) => `${header.join(":")}\n`); // "key" comes before "key-md5"
  return `${placed.get("content-md5") ?? ""}\n${placed.get("content-type") ?? ""}\n${expires}\n${lines.join("")}`;
}
