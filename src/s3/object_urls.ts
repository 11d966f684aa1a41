import { bucketAddress } from "../client/endpoint.ts";
import { CloudFrontSigner } from "../cloudfront/signer.ts";
import type { Credentials } from "../credentials/provider.ts";
import { ConfigurationError } from "../errors.ts";
import { checkRange } from "../settings/checks.ts";
import { OPTIONS, type UrlSigner } from "../settings/options.ts";
import type { Settings } from "../settings/resolve.ts";
import { encodeKey, encodeQuery } from "../signing/encode.ts";
import { createPresignedPost, type PostCondition, type PresignedPost } from "../signing/presigned_post.ts";
import { presignUrlV2 } from "../signing/presign_v2.ts";
import { Presigner } from "../signing/presigner.ts";
import type { CallOptions, UrlOptions } from "../storage/options.ts";
import { customDomainQuery, urlParameters } from "./url_parameters.ts";

/** The methods that a URL can be signed for. */
const URL_METHODS: readonly string[] = ["GET", "HEAD", "PUT", "DELETE"];

/** Who asks, and where. */
export interface UrlContext {
  /** The region that the bucket was found in. */
  readonly region: string;
  /** What to sign with; not asked for where nothing is signed by S3's rules. */
  readonly credentials: () => Credentials;
}

/**
 * What a form may upload.
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
   * Seconds that the form may be used for.
   * @default {the storage's `querystringExpire`}
   */
  readonly expire?: number | undefined;
  /** Fields that the form has to hold beside the key: `Content-Type`, `acl`, `success_action_status`, `x-amz-meta-…`. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** What else it has to fulfil: the file's size, the start of a field. */
  readonly conditions?: readonly PostCondition[] | undefined;
}

/** Makes the URLs of a bucket's objects: without a request, and but for CloudFront's without waiting. */
export class ObjectUrls {
  /** Whether URLs are signed by S3's rules, with the credentials. */
  readonly needsCredentials: boolean;
  readonly #settings: Settings;
  readonly #signer: UrlSigner | undefined;
  readonly #customDomain: string | undefined;
  #presigner: { readonly credentials: Credentials; readonly region: string; readonly made: Presigner } | undefined;

  /** @throws {ConfigurationError} If the custom domain is none, or the key for CloudFront cannot sign. */
  constructor(settings: Settings) {
    const { customDomain, customDomainQuerystringAuth, querystringAuth, urlProtocol } = settings;
    this.#settings = settings;
    this.#signer = findSigner(settings);
    this.#customDomain = customDomain && `${urlProtocol}//${checkDomain(customDomain)}/`;
    this.needsCredentials = querystringAuth && (customDomain === undefined || customDomainQuerystringAuth);
  }

  /**
   * The URL of an object.
   *
   * @throws {ConfigurationError} If it would expire too early or too late, the method or a parameter is unknown, or there
   * are no credentials to sign with.
   */
  url(key: string, options: UrlOptions, { region, credentials }: UrlContext): string | Promise<string> {
    const { parameters = {}, method = "GET" } = options;
    if (!URL_METHODS.includes(method)) {
      throw new ConfigurationError(`method must be one of ${URL_METHODS.join(", ")}: current value is "${method}"`);
    }
    if (this.needsCredentials) return this.presigned(key, method, options, region, credentials());
    if (this.#customDomain !== undefined) return this.#customUrl(key, parameters, options);
    checkExpiry(options, this.#settings);
    const { query } = urlParameters(parameters, method);
    return this.baseUrl(region) + encodeKey(key) + (query.length === 0 ? "" : `?${encodeQuery(query)}`);
  }

  /**
   * A form that uploads to an object.
   *
   * @throws {ConfigurationError} If it would expire too early or too late, or requests are signed by version 2.
   */
  post(key: string, options: PostOptions, region: string, credentials: Credentials): PresignedPost {
    const { bucketName, signatureVersion } = this.#settings;
    if (signatureVersion !== "s3v4") {
      throw new ConfigurationError('Forms are signed by version 4 alone: signatureVersion must be "s3v4" for them');
    }
    const { date, seconds } = lifetime({ ...options, window: 0 }, this.#settings, credentials);
    return createPresignedPost({
      bucketUrl: this.baseUrl(region),
      bucket: bucketName,
      key,
      region,
      credentials,
      fields: options.fields,
      conditions: options.conditions,
      expiresInSeconds: seconds,
      date,
    });
  }

  /** Where the objects are that URLs are signed for: keys are appended to it. */
  baseUrl(region: string): string {
    // A domain that S3 does not answer on knows nothing of its signatures.
    if (this.#customDomain !== undefined && this.#settings.customDomainQuerystringAuth) return this.#customDomain;
    const { origin, path } = bucketAddress(this.#settings, region, this.#settings.bucketName);
    return origin + path;
  }

  /**
   * A URL that is signed by S3's rules, whatever the settings say of other URLs.
   *
   * @throws {ConfigurationError} If it would expire too early or too late, or a parameter is unknown.
   */
  presigned(key: string, method: string, options: UrlOptions, region: string, credentials: Credentials): string {
    const { bucketName, signatureVersion } = this.#settings;
    const { date, seconds } = lifetime(options, this.#settings, credentials);
    const { query, headers } = options.parameters ? urlParameters(options.parameters, method) : NO_PARAMETERS;
    const what = { method, query, headers, date, expiresInSeconds: seconds };
    if (signatureVersion === "s3") {
      return presignUrlV2({ ...what, key, credentials, bucketUrl: this.baseUrl(region), bucket: bucketName });
    }
    if (this.#presigner?.credentials !== credentials || this.#presigner.region !== region) {
      const made = new Presigner({ bucketUrl: this.baseUrl(region), region, credentials });
      this.#presigner = { credentials, region, made };
    }
    return this.#presigner.made.url(key, what);
  }

  /** Source: django-storages, which encodes keys for a custom domain so, and parameters as a form. */
  #customUrl(
    key: string,
    parameters: NonNullable<UrlOptions["parameters"]>,
    options: UrlOptions,
  ): string | Promise<string> {
    const query = customDomainQuery(parameters);
    const path = encodeURIComponent(key).replaceAll("%2F", "/");
    const url = `${this.#customDomain}${path}${query && "?"}${query}`;
    const { date, seconds } = lifetime(options, this.#settings);
    if (this.#signer === undefined || !this.#settings.querystringAuth) return url;
    return this.#signer.sign(url, { expires: new Date((Math.floor(+date / 1000) + seconds) * 1000) });
  }
}

const NO_PARAMETERS = { query: undefined, headers: undefined };

/** From when a URL is signed, and for how long it is valid from then on. */
function lifetime(options: UrlOptions, settings: Settings, credentials?: Credentials): { date: Date; seconds: number } {
  const { expire, window } = checkExpiry(options, settings);
  const now = +settings.now();
  const date = window === 0 ? now : Math.floor(now / window / 1000) * window * 1000;
  const seconds = expire + window;
  const { expiration } = credentials ?? {};
  if (expiration === undefined) return { date: new Date(date), seconds };
  const left = Math.floor((+expiration - date) / 1000);
  if (left > seconds) return { date: new Date(date), seconds };
  if (+expiration <= now || options.clampExpire === false) {
    throw new ConfigurationError(
      `Cannot sign a URL for ${expire} seconds, as the credentials end at ${expiration.toISOString()}`,
    );
  }
  return { date: new Date(date), seconds: left };
}

/** @throws {ConfigurationError} If a signed URL would expire too early or too late. */
function checkExpiry(options: UrlOptions, settings: Settings): { expire: number; window: number } {
  const { expire = settings.querystringExpire, window = settings.querystringWindow } = options;
  if (options.expire !== undefined || options.window !== undefined) {
    checkRange("expire", expire, ...OPTIONS.querystringExpire.range!);
    checkRange("window", window, ...OPTIONS.querystringWindow.range!);
    checkRange("expire + window", expire + window, ...OPTIONS.querystringExpire.range!);
  }
  return { expire, window };
}

function findSigner(settings: Settings): UrlSigner | undefined {
  const { cloudfrontSigner, cloudfrontKey, cloudfrontKeyId, now } = settings;
  if (cloudfrontSigner === null) return undefined;
  if (typeof cloudfrontSigner === "function") return { sign: cloudfrontSigner };
  if (cloudfrontSigner !== undefined) return cloudfrontSigner;
  if (cloudfrontKey === undefined || cloudfrontKeyId === undefined) return undefined;
  return new CloudFrontSigner({ keyId: cloudfrontKeyId, privateKey: cloudfrontKey.reveal(), now });
}

/** @returns The domain, without a slash at its end. */
function checkDomain(domain: string): string {
  const url = URL.canParse(`https://${domain}`) ? new URL(`https://${domain}`) : undefined;
  if (url === undefined || /:\/\//.test(domain) || url.username + url.password + url.search + url.hash !== "") {
    throw new ConfigurationError(
      `customDomain must be a domain such as "cdn.example.com", without protocol (that is urlProtocol) or query: ` +
        `current value is "${domain.replace(/^.*@|[?#].*$/gs, "…")}"`,
    );
  }
  return domain.replace(/\/+$/, "");
}
