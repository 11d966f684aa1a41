import { checkCredentials, type Credentials } from "../../aws/credentials.ts";
import {
  type BucketUrl,
  byName,
  checkBucketUrl,
  checkDate,
  checkExpiry,
  checkHeaders,
  checkMethod,
  checkQuery,
  checkSetting,
  objectPath,
  type QueryParameters,
  urlAction,
} from "./checks.ts";
import type { NoneMissing } from "../../kit/values/argument.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { presign, type PresignInput } from "./presign.ts";
import { UNSIGNED_PAYLOAD } from "../../aws/amz_values.ts";

/**
 * The bucket and the credentials of a {@linkcode Presigner}.
 *
 * @example
 * ```ts
 * import { Presigner, type PresignerOptions } from "@storages/s3/signing";
 * import { assertMatch } from "@std/assert";
 *
 * const options: PresignerOptions = {
 *   bucketUrl: "https://account.r2.cloudflarestorage.com/media", // not AWS: the bucket is in the path
 *   region: "auto",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
 * };
 * assertMatch(new Presigner(options).url("a.txt"), /^https:\/\/account\.r2\.cloudflarestorage\.com\/media\/a\.txt\?X-Amz-/);
 * ```
 */
export interface PresignerOptions {
  /**
   * The URL that keys are appended to: `https://media.s3.eu-west-1.amazonaws.com`, `http://localhost:9000/media`, or a
   * custom domain that leads to the bucket.
   */
  readonly bucketUrl: string | URL;
  /** The region, such as `"eu-west-1"`; `"auto"` on R2. */
  readonly region: string;
  /**
   * The credentials to sign with. Derived keys are cached by object: make a new object instead of changing this one.
   */
  readonly credentials: Credentials;
  /**
   * The name of the service in the signature.
   * @default {"s3"}
   */
  readonly service?: string | undefined;
}

/** The names of the options of a {@linkcode Presigner}. */
const PRESIGNER_OPTIONS = ["bucketUrl", "region", "credentials", "service"] as const satisfies readonly (
  keyof PresignerOptions
)[];
type _PresignerOptions = NoneMissing<Exclude<keyof PresignerOptions, typeof PRESIGNER_OPTIONS[number]>>;

/**
 * The method, the lifetime, the parameters and the headers of one URL.
 *
 * @example
 * ```ts
 * import { Presigner, type PresignOptions } from "@storages/s3/signing";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const presigner = new Presigner({
 *   bucketUrl: "https://media.s3.eu-west-1.amazonaws.com",
 *   region: "eu-west-1",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
 * });
 * const part: PresignOptions = { method: "PUT", query: { partNumber: "1", uploadId: "abc" }, expiresIn: 600 };
 * assertStringIncludes(presigner.url("film.mp4", part), "/film.mp4?partNumber=1&uploadId=abc&X-Amz-Algorithm=");
 * ```
 */
export interface PresignOptions {
  /**
   * The method that the URL is valid for, in capitals.
   * @default {"GET"}
   */
  readonly method?: "GET" | "HEAD" | "PUT" | "POST" | "DELETE" | undefined;
  /**
   * How long the URL is valid, in seconds: from 1 to 604800, which is seven days. It expires earlier if the credentials
   * do.
   * @default {3600}
   */
  readonly expiresIn?: number | undefined;
  /** Query parameters of the request, by their names in URLs: `response-content-type`, `versionId`, `partNumber`, … */
  readonly query?: QueryParameters | undefined;
  /** Headers that the client must send with exactly these values: `content-type`, `if-none-match`, `x-amz-meta-…`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * The time of signing, from which the URL is valid.
   * @default {new Date()}
   */
  readonly date?: Date | undefined;
}

/** The names of the options of a URL. */
const URL_OPTIONS = ["method", "expiresIn", "query", "headers", "date"] as const satisfies readonly (
  keyof PresignOptions
)[];
type _UrlOptions = NoneMissing<Exclude<keyof PresignOptions, typeof URL_OPTIONS[number]>>;

/** The names of the options of a URL, for calls that also take those of its bucket. */
export const PRESIGN_OPTIONS: readonly string[] = URL_OPTIONS;

/**
 * Presigns URLs for the objects of one bucket with Signature Version 4, synchronously and without a request.
 *
 * The parts that the URLs of one second share are computed once, so use one object for many URLs.
 *
 * Source: AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)". The parameters come in the
 * order of botocore.
 *
 * @example
 * ```ts
 * import { Presigner } from "@storages/s3/signing";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createS3Server({ buckets: ["media"] }); // instead of a real one
 * const presigner = new Presigner({
 *   bucketUrl: "http://localhost:9000/media",
 *   region: "us-east-1",
 *   credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret" },
 * });
 *
 * const headers = { "content-type": "text/plain", "if-none-match": "*" };
 * const upload = presigner.url("a b.txt", { method: "PUT", headers, expiresIn: 60 });
 * await server.fetch(new Request(upload, { method: "PUT", headers, body: "storage contents" }));
 *
 * const download = presigner.url("a b.txt", { query: { "response-content-type": "text/html" } });
 * const response = await server.fetch(new Request(download));
 * assertEquals([response.headers.get("content-type"), await response.text()], ["text/html", "storage contents"]);
 * ```
 */
export class Presigner {
  readonly #scope: UrlScope;

  /**
   * Checks the options.
   *
   * @param options The bucket and the credentials.
   * @throws {ConfigurationError} If the URL, the region or the credentials are missing or malformed.
   * @throws {TypeError} If an option is unknown.
   */
  constructor(options: PresignerOptions) {
    checkOptions("make Presigner", options, PRESIGNER_OPTIONS);
    this.#scope = checkScope(options);
  }

  /**
   * Signs a URL.
   *
   * @param key The object's key, not percent-encoded.
   * @param options The method, the lifetime, the parameters and the headers.
   * @returns The URL. The object need not exist.
   * @throws {RangeError} If `expiresIn` or `date` is out of range.
   * @throws {TypeError} If an option is unknown or of the wrong type, or the key, the method, a parameter or a header
   * cannot be part of a request.
   */
  url(key: string, options: PresignOptions = {}): string {
    const action = urlAction(key);
    checkOptions(action, options, URL_OPTIONS);
    return signUrl(this.#scope, key, options, action);
  }
}

/** The checked options of a {@linkcode Presigner}. */
interface UrlScope extends Pick<PresignInput, "region" | "service" | "credentials"> {
  readonly bucket: BucketUrl;
}

/** @param action The call whose options they are. Without it, they are settings. */
function checkScope({ bucketUrl, region, credentials, service = "s3" }: PresignerOptions, action?: string): UrlScope {
  return {
    bucket: checkBucketUrl(bucketUrl, action),
    region: checkSetting("region", region, action),
    service: checkSetting("service", service, action),
    credentials: checkCredentials(credentials, action),
  };
}

function signUrl(scope: UrlScope, key: string, options: PresignOptions, action: string): string {
  const { method = "GET", expiresIn = 3600, query, headers, date = new Date() } = options;
  const { bucket, region, service, credentials } = scope;
  return presign({
    method: checkMethod(method, action),
    origin: bucket.origin,
    path: objectPath(bucket, key, action),
    query: query === undefined ? [] : checkQuery(query, action),
    signedPart: headers === undefined ? undefined : signedPart(bucket, headers, action),
    expiresIn: checkExpiry(expiresIn, action),
    credentials,
    region,
    service,
    date: checkDate(date, action),
  });
}

/**
 * The bucket, the key, the credentials and the limits of one URL that {@linkcode presignUrl} signs.
 *
 * @example
 * ```ts
 * import { presignUrl, type PresignUrlOptions } from "@storages/s3/signing";
 * import { assertMatch } from "@std/assert";
 *
 * const options: PresignUrlOptions = {
 *   bucketUrl: "http://localhost:9000/media",
 *   key: "a.txt",
 *   region: "us-east-1",
 *   credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret" },
 *   expiresIn: 60,
 * };
 * assertMatch(presignUrl(options), /&X-Amz-Expires=60&/);
 * ```
 */
export interface PresignUrlOptions extends PresignerOptions, PresignOptions {
  /** The object's key, not percent-encoded. */
  readonly key: string;
}

/**
 * Signs one URL with Signature Version 4. For many URLs, a {@linkcode Presigner} is faster.
 *
 * @param options The bucket, the key, the credentials and the limits of the URL.
 * @returns The URL.
 * @throws {RangeError} If `expiresIn` or `date` is out of range.
 * @throws {TypeError} If an option is unknown, missing or of the wrong type, or the key, the method, a parameter or a
 * header cannot be part of a request.
 *
 * @example
 * ```ts
 * import { presignUrl } from "@storages/s3/signing";
 * import { assertEquals } from "@std/assert";
 *
 * const url = presignUrl({
 *   bucketUrl: "https://test-bucket.s3.amazonaws.com",
 *   key: "path/to/ñ f+l&e.txt",
 *   region: "us-east-1",
 *   credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
 *   date: new Date("2013-05-24T00:00:00Z"),
 * });
 * assertEquals(new URL(url).pathname, "/path/to/%C3%B1%20f%2Bl%26e.txt");
 * assertEquals(
 *   new URL(url).searchParams.get("X-Amz-Signature"),
 *   "bb4cb17eb8e3d612e0eccc64ec44b5cc7f198be8e50ab874f0d95e87c61549ac",
 * );
 * ```
 */
export function presignUrl(options: PresignUrlOptions): string {
  const action = urlAction(options?.key);
  checkOptions(action, options, URL_OPTIONS, [...PRESIGNER_OPTIONS, "key"]);
  return signUrl(checkScope(options, action), options.key, options, action);
}

/** Returns the canonical request from its headers on. It includes the hash of the body if the headers do. */
export function signedPart(
  { origin }: BucketUrl,
  headers: Readonly<Record<string, string>>,
  action?: string,
): string {
  const checked = checkHeaders(headers, action);
  const payloadHash = checked.find(([name]) => name === "x-amz-content-sha256")?.[1] ?? UNSIGNED_PAYLOAD;
  const host: [string, string] = ["host", origin.slice(origin.indexOf("//") + 2)];
  const all = [...checked, host].sort(byName);
  const lines = all.map((header) => `${header.join(":")}\n`).join("");
  return `${lines}\n${all.map(([name]) => name).join(";")}\n${payloadHash}`;
}
