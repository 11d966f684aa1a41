import { bucketAddress } from "../client/endpoint.ts";
import type { ObjectTarget } from "../client/operations/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import type { CloudFrontSigner } from "../cloudfront/signer.ts";
import { checkKeyId, checkKeyText } from "../cloudfront/key_checks.ts";
import { MAX_PRESIGNED_SECONDS } from "../aws/amz_values.ts";
import type { Credentials } from "../aws/credentials.ts";
import { ConfigurationError, NotSupportedError } from "../errors.ts";
import { isPromise } from "../kit/async/is_promise.ts";
import { asBytes, encodeBase64, encodeUtf8 } from "../kit/bytes/bytes.ts";
import { contentDisposition } from "../kit/text/content_disposition.ts";
import { trimEnd } from "../kit/text/trim_end.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkInteger } from "../kit/values/integer.ts";
import { findNodeCrypto } from "../runtime/hash/digest.ts";
import { findHmacKey } from "../runtime/hash/hmac_key.ts";
import { OPTIONS, type UrlSigner } from "../settings/options.ts";
import { type Settings, signsUrlsForS3 } from "../settings/resolve.ts";
import { type BucketUrl, checkBucketUrl, checkDate } from "../signing/presign/checks.ts";
import { encodeKey, encodeQuery } from "../signing/encode.ts";
import type { PostCondition, PresignedPost } from "../signing/presign/presigned_post.ts";
import { presign } from "../signing/presign/presign.ts";
import { presignV2 } from "../signing/presign/presign_v2.ts";
import { type PresignOptions, signedPart } from "../signing/presign/presigner.ts";
import type { CallOptions } from "../storage/contract/options.ts";
import type { Refusal } from "./object_parameters.ts";
import { customDomainQuery, type RequestParameters, type S3UrlOptions, urlParameters } from "./url_parameters.ts";

/** The methods that a URL can be signed for. */
const URL_METHODS: readonly string[] = ["GET", "HEAD", "PUT", "DELETE"];

/**
 * What an upload form may contain.
 *
 * @example
 * ```ts
 * import { type PostOptions, S3Storage } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const options: PostOptions = { conditions: [["starts-with", "$Content-Type", "image/"]] };
 * const storage = new S3Storage({ bucketName: "media", accessKey: "AKIDEXAMPLE", secretKey: "secret" });
 * assertEquals((await storage.presignedPost("a.png", options)).fields.key, "a.png");
 * ```
 */
export interface PostOptions extends CallOptions {
  /**
   * Seconds for which the form is valid.
   * @default {the storage's `querystringExpire`, at most 604800}
   */
  readonly expiresIn?: number | undefined;
  /** Fields that the form must have besides the key: `Content-Type`, `acl`, `success_action_status`, `x-amz-meta-…`. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** Further conditions: on the file's size, or on the start of a field. */
  readonly conditions?: readonly PostCondition[] | undefined;
}

/** The names of the options; a test compares them with the interface. */
export const POST_OPTIONS = [
  "signal",
  "expiresIn",
  "fields",
  "conditions",
] as const satisfies readonly (keyof PostOptions)[];

/** The address of a bucket, and the signing scope of its requests. */
interface SignedBucket extends BucketUrl {
  readonly bucketUrl: string;
  readonly region: string;
  readonly service: string;
}

/** Makes the URLs of a bucket's objects: without requests, and synchronously except for those of CloudFront. */
export class ObjectUrls {
  /** Whether URLs are signed for S3, with the credentials. */
  readonly needsCredentials: boolean;
  /** Whether the location itself has a URL: on a custom domain it is a front page; S3 has no operation for it. */
  readonly hasFrontPage: boolean;
  readonly #client: Pick<S3Client, "settings" | "regionOf" | "now">;
  readonly #signer: UrlSigner | undefined;
  readonly #customDomain: string | undefined;
  #address: { readonly forRegion: string; readonly bucket: SignedBucket } | undefined;
  readonly #hmacKey = findHmacKey();

  /** @throws {ConfigurationError} If the custom domain or the key for CloudFront is invalid. */
  constructor(client: Pick<S3Client, "settings" | "regionOf" | "now">) {
    const { settings } = client;
    const { customDomain, urlProtocol } = settings;
    this.#client = client;
    this.#signer = findSigner(settings);
    this.#customDomain = customDomain && checkDomain(customDomain, urlProtocol);
    this.needsCredentials = signsUrlsForS3(settings);
    this.hasFrontPage = customDomain !== undefined && !this.needsCredentials;
  }

  /**
   * The URL of an object.
   *
   * @param credentials The credentials, if the URL is signed for S3.
   * @throws {NotSupportedError} If it cannot carry `downloadName`.
   * @throws {RangeError} If the URL would expire too early or too late.
   * @throws {TypeError} If the method or a parameter is unknown.
   */
  url(key: string, given: S3UrlOptions, credentials: Credentials | undefined): string | Promise<string> {
    const { method = "GET" } = given;
    const action = `sign URL for '${key}'`;
    if (!URL_METHODS.includes(method)) {
      throw new TypeError(
        `Cannot ${action}: method must be one of ${URL_METHODS.join(", ")}, got ${formatValue(method)}`,
      );
    }
    const options = given.downloadName === undefined ? given : withDownloadName(given, key, credentials !== undefined);
    if (credentials !== undefined) {
      const complete = withKeyDigest(options);
      return isPromise(complete)
        ? complete.then((complete) => this.presigned(key, method, complete, credentials))
        : this.presigned(key, method, complete, credentials);
    }
    const { parameters = {} } = options;
    if (this.#customDomain !== undefined) return this.#customUrl(key, parameters, options);
    checkExpiry(options, this.#client.settings, action);
    const { query } = urlParameters(parameters, method, refusing(action));
    return this.#bucket().bucketUrl + encodeKey(key) + (query.length === 0 ? "" : `?${encodeQuery(query)}`);
  }

  /**
   * Signs a form that uploads an object.
   *
   * @throws {ConfigurationError} If `signatureVersion` is not `"s3v4"`.
   * @throws {RangeError} If the form would expire too early or too late.
   */
  async post(
    { key, parameters }: Pick<ObjectTarget, "key" | "parameters">,
    options: PostOptions,
    credentials: Credentials,
  ): Promise<PresignedPost> {
    const { settings } = this.#client;
    const { date, seconds } = lifetime({ ...options, window: 0 }, this.#client, `sign form for '${key}'`, credentials);
    const { createCheckedPost } = await import("./checked_post.ts"); // most storages make no forms
    const { bucketUrl, region } = this.#bucket();
    return createCheckedPost(
      {
        bucketUrl,
        region,
        bucket: settings.bucketName,
        key,
        credentials,
        fields: options.fields,
        conditions: options.conditions,
        expiresIn: seconds,
        date,
      },
      settings,
      parameters?.all,
    );
  }

  /** The URL that keys are appended to, and the signing scope of requests. */
  #bucket(): SignedBucket {
    const { settings } = this.#client;
    const region = this.#client.regionOf(settings.bucketName);
    if (this.#address?.forRegion !== region) {
      const { origin, path, ...signed } = bucketAddress(settings, region, settings.bucketName);
      // S3's signatures are valid on a custom domain only if S3 serves it.
      const domain = settings.customDomainQuerystringAuth ? this.#customDomain : undefined;
      const bucketUrl = domain ?? origin + path;
      this.#address = { forRegion: region, bucket: { bucketUrl, ...checkBucketUrl(bucketUrl), ...signed } };
    }
    return this.#address.bucket;
  }

  /**
   * A URL that is signed for S3, also if the settings make plain URLs.
   *
   * @throws {RangeError} If the URL would expire too early or too late.
   * @throws {TypeError} If a parameter is unknown.
   */
  presigned(
    key: string,
    method: NonNullable<PresignOptions["method"]>,
    options: S3UrlOptions,
    credentials: Credentials,
  ): string {
    const { bucketName, signatureVersion } = this.#client.settings;
    const action = `sign URL for '${key}'`;
    const { date, seconds } = lifetime(options, this.#client, action, credentials);
    const { query, headers } = options.parameters
      ? urlParameters(options.parameters, method, refusing(action))
      : NO_PARAMETERS;
    const bucket = this.#bucket();
    if (signatureVersion === "s3") {
      return presignV2({
        method,
        url: bucket.origin + bucket.path + encodeKey(key),
        bucket: bucketName,
        key,
        query,
        headers: headers ?? {},
        credentials,
        expires: Math.floor(+date / 1000) + seconds,
      }, action);
    }
    return presign({
      method,
      origin: bucket.origin,
      path: bucket.path + encodeKey(key),
      query,
      signedPart: headers && signedPart(bucket, headers),
      expiresIn: seconds,
      credentials,
      region: bucket.region,
      service: bucket.service,
      date,
      hmacKey: this.#hmacKey,
    });
  }

  /** Source: django-storages, which encodes keys for a custom domain this way, and parameters like a form. */
  #customUrl(
    key: string,
    parameters: object,
    options: S3UrlOptions,
  ): string | Promise<string> {
    const action = `sign URL for '${key}'`;
    const query = customDomainQuery(parameters, refusing(action));
    const path = encodeURIComponent(key).replaceAll("%2F", "/");
    const url = `${this.#customDomain}${path}${query && "?"}${query}`;
    const { date, seconds } = lifetime(options, this.#client, action);
    if (this.#signer === undefined || !this.#client.settings.querystringAuth) return url;
    const signed = this.#signer.sign(url, { expiresAt: new Date((Math.floor(+date / 1000) + seconds) * 1000) });
    return typeof signed === "string" ? signed : Promise.resolve(signed).then(checkSigned);
  }
}

const NO_PARAMETERS: RequestParameters = { query: [] };

/** Makes errors for arguments of a call. */
function refusing(action: string): Refusal {
  return (message) => new TypeError(`Cannot ${action}: ${message}`);
}

/** The options with the name under which browsers save the file as a parameter. */
function withDownloadName(options: S3UrlOptions, key: string, isSigned: boolean): S3UrlOptions {
  const { downloadName, method = "GET", parameters } = options;
  const refuse = refusing(`sign URL for '${key}'`);
  if (typeof downloadName !== "string") throw refuse(`downloadName must be a string, got ${formatValue(downloadName)}`);
  if (!isSigned) {
    throw new NotSupportedError(
      `Cannot make URL for '${key}': only a URL that is signed for S3 can carry downloadName. Save the file with ` +
        "contentDisposition, or use serve()",
    );
  }
  if (method !== "GET" && method !== "HEAD") throw refuse(`downloadName cannot be combined with method "${method}"`);
  if (parameters?.ResponseContentDisposition !== undefined) {
    throw refuse("downloadName cannot be combined with parameters.ResponseContentDisposition");
  }
  const ResponseContentDisposition = contentDisposition("attachment", downloadName);
  return { ...options, parameters: { ...parameters, ResponseContentDisposition } };
}

/**
 * The options with the MD5 of a customer's key, which S3 requires: a header that is not signed would be refused. Synchronous
 * where the runtime has MD5.
 */
function withKeyDigest(options: S3UrlOptions): S3UrlOptions | Promise<S3UrlOptions> {
  const { SSECustomerKey, SSECustomerKeyMD5 } = options.parameters ?? {};
  const key = typeof SSECustomerKey === "string" ? encodeUtf8(SSECustomerKey) : SSECustomerKey;
  if (SSECustomerKeyMD5 !== undefined || !(key instanceof Uint8Array)) return options;
  const add = (digest: Uint8Array): S3UrlOptions => ({
    ...options,
    parameters: { ...options.parameters, SSECustomerKeyMD5: encodeBase64(digest) },
  });
  const digest = findNodeCrypto()?.hash?.("md5", key, "buffer");
  return digest
    ? add(digest)
    : import("../runtime/hash/checksum.ts").then(({ contentDigest }) => contentDigest(asBytes(key))).then(add);
}

/** The options that decide how long a URL is valid. */
type Expiry = Pick<S3UrlOptions, "expiresIn" | "window" | "mayExpireEarlier">;

/** The date that a URL is signed for, and the seconds that it is valid from then on. */
function lifetime(
  options: Expiry,
  client: Pick<S3Client, "settings" | "now">,
  action: string,
  credentials?: Credentials,
): { date: Date; seconds: number } {
  const { expiresIn, window } = checkExpiry(options, client.settings, action, credentials !== undefined);
  const now = checkDate(client.now());
  const date = window === 0 ? now : new Date(Math.floor(+now / window / 1000) * window * 1000);
  const seconds = expiresIn + window;
  const expiration = credentials?.expiration;
  if (expiration === undefined) return { date, seconds };
  // In whole seconds, as in the signature.
  const left = Math.floor(+expiration / 1000) - Math.floor(+date / 1000);
  if (left >= seconds) return { date, seconds };
  const [leftNow, least] = [
    left - Math.floor((+now - +date) / 1000),
    options.mayExpireEarlier === false ? expiresIn : 1,
  ];
  if (leftNow < least) {
    const Kind = leftNow < 1 ? ConfigurationError : RangeError;
    throw new Kind(`Cannot ${action} for ${expiresIn} seconds: the credentials expire at ${expiration.toISOString()}`);
  }
  return { date, seconds: left };
}

/**
 * Checks the lifetime of a URL. The limit of seven days holds only for URLs whose signature of version 4 S3 checks.
 *
 * @throws {RangeError} If a signed URL would expire too early or too late.
 * @throws {TypeError} If the lifetime is not a number.
 */
function checkExpiry(
  options: Expiry,
  settings: Settings,
  action: string,
  isSignedForS3 = false,
): { expiresIn: number; window: number } {
  const [least, longest] = OPTIONS.querystringExpire.range!;
  const most = isSignedForS3 && settings.signatureVersion === "s3v4" ? MAX_PRESIGNED_SECONDS : longest;
  const { window = settings.querystringWindow } = options;
  // The setting may be longer for URLs that others check.
  const { expiresIn = Math.min(settings.querystringExpire, most) } = options;
  if (options.expiresIn !== undefined || options.window !== undefined) {
    checkSeconds(`Cannot ${action}: expiresIn`, expiresIn, least, most);
    checkSeconds(`Cannot ${action}: window`, window, 0, most - 1);
    checkSeconds(`Cannot ${action}: expiresIn + window`, expiresIn + window, least, most);
  }
  return { expiresIn, window };
}

function checkSeconds(what: string, value: unknown, least: number, most: number): void {
  if (typeof value === "number") return checkInteger(what, value, least, most);
  throw new TypeError(`${what} must be an integer from ${least} to ${most}, got ${formatValue(value)}`);
}

function findSigner(settings: Settings): UrlSigner | undefined {
  const { cloudfrontSigner, cloudfrontKey, cloudfrontKeyId, now } = settings;
  if (cloudfrontSigner === null) return undefined;
  if (typeof cloudfrontSigner === "function") return { sign: cloudfrontSigner };
  if (cloudfrontSigner !== undefined) return cloudfrontSigner;
  if (cloudfrontKey === undefined || cloudfrontKeyId === undefined) return undefined;
  const key = { keyId: checkKeyId(cloudfrontKeyId), privateKey: cloudfrontKey.reveal(), now };
  checkKeyText(key.privateKey); // a text that is no key fails in the constructor of the storage
  let signer: CloudFrontSigner | undefined;
  return {
    // Loaded on demand: most storages have no key.
    sign: async (url, options) => {
      const { CloudFrontSigner } = await import("../cloudfront/signer.ts");
      return await (signer ??= new CloudFrontSigner(key)).sign(url, options);
    },
  };
}

/** @throws {ConfigurationError} If the signer did not return a string. */
function checkSigned(url: unknown): string {
  if (typeof url === "string") return url;
  throw new ConfigurationError(`cloudfrontSigner must return a string, got ${formatValue(url)}`);
}

/** @returns The normalized URL of the domain, with one trailing slash. */
function checkDomain(domain: string, protocol: string): string {
  try {
    const { href, username, password, search, hash, pathname } = new URL(`${protocol}//${domain}`);
    decodeURIComponent(pathname); // throws if signing could not decode it
    if (!/^[/\\]|:\/\//.test(domain) && username + password + search + hash === "") return `${trimEnd(href, "/")}/`;
  } catch {
    // reported below
  }
  throw new ConfigurationError(
    `customDomain must be a domain such as "cdn.example.com", without protocol (see urlProtocol) or query, ` +
      `got "${domain.replace(/^.*@|[?#].*$/gs, "…")}"`,
  );
}
