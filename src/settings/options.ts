import { MAX_LIFETIME_SECONDS } from "../aws/amz_values.ts";
import type { CloudFrontPrivateKey } from "../aws/cloudfront_key.ts";
import type { CredentialProvider, Credentials } from "../aws/credentials.ts";
import type { CannedAcl } from "./canned_acl.ts";

/**
 * A storage class: one of AWS, which editors complete, or one of another service.
 *
 * Source: AWS, "Amazon S3 API reference: PutObject".
 *
 * @example
 * ```ts
 * import type { StorageClass } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const storageClass: StorageClass = "STANDARD_IA";
 * assertEquals(storageClass, "STANDARD_IA");
 * ```
 */
export type StorageClass =
  | "STANDARD"
  | "STANDARD_IA"
  | "ONEZONE_IA"
  | "INTELLIGENT_TIERING"
  | "GLACIER_IR"
  | "GLACIER"
  | "DEEP_ARCHIVE"
  | "EXPRESS_ONEZONE"
  | "OUTPOSTS"
  | "REDUCED_REDUNDANCY"
  | "SNOW"
  | (string & Record<never, never>);

/**
 * The sizes and the concurrency of multipart uploads and of downloads.
 *
 * @example
 * ```ts
 * import type { TransferConfig } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const transferConfig: TransferConfig = { partSize: 16 * 1024 * 1024, maxConcurrency: 2 };
 * assertEquals(transferConfig.maxConcurrency, 2);
 * ```
 */
export interface TransferConfig {
  /**
   * Content of at least this many bytes is uploaded in parts.
   * @default {8388608}
   */
  readonly multipartThreshold?: number | undefined;
  /**
   * The size in bytes of a part of an upload and of a range of a download: 5 MiB to 5 GiB. Only the last part may be
   * smaller.
   * @default {8388608}
   */
  readonly partSize?: number | undefined;
  /**
   * Parts of one upload that are sent at the same time. The upload uses about `partSize * (maxConcurrency + 1)` bytes
   * of memory.
   * @default {4; on Cloudflare Workers, which have 128 MiB for all requests together, 2}
   */
  readonly maxConcurrency?: number | undefined;
  /**
   * Ranges that `download` requests at the same time. The download uses up to `partSize * downloadConcurrency` bytes of memory.
   * @default {the value of `maxConcurrency` if that is set, else 8; on Cloudflare Workers 2}
   */
  readonly downloadConcurrency?: number | undefined;
  /**
   * The most bytes per second that all uploads and downloads of a storage send and receive together. Storages that are
   * made from it with the same connection share the limit.
   * @default {none}
   */
  readonly maxBandwidth?: number | undefined;
}

/**
 * The attempts, the waits and the time limits of requests. `docs/outages.md` has boto3's names for them.
 *
 * @example
 * ```ts
 * import type { ClientConfig } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const clientConfig: ClientConfig = { maxAttempts: 3, timeout: 10, userAgentSuffix: "app/shop" };
 * assertEquals(clientConfig.timeout, 10);
 * ```
 */
export interface ClientConfig {
  /**
   * The most attempts for a request that the server answers with a failure, such as 500 or 503, the first included. 1
   * disables retries, unless `maxNetworkAttempts` is set. While a file is read, each received byte resets the count.
   * Environment: `AWS_MAX_ATTEMPTS`.
   * @default {10}
   */
  readonly maxAttempts?: number | undefined;
  /**
   * The most attempts for a request that no server answers: the connection is refused or breaks, or nothing arrives
   * within `timeout`. By default `retryTimeout` limits them.
   * @default {the value of `maxAttempts` if that is set, else 100}
   */
  readonly maxNetworkAttempts?: number | undefined;
  /**
   * Seconds after the first failure of a request within which another attempt may begin.
   * @default {60}
   */
  readonly retryTimeout?: number | undefined;
  /**
   * The upper bound in seconds of the random wait before the first retry; it doubles with each further retry. After a
   * response that asks to slow down, it is five times as long.
   * @default {0.1}
   */
  readonly initialBackoff?: number | undefined;
  /**
   * The highest upper bound in seconds of the random wait before a retry. A longer wait that the server requests with
   * `Retry-After` is kept, up to one minute.
   * @default {4}
   */
  readonly maxBackoff?: number | undefined;
  /**
   * Seconds within which a connection must be established, including TLS. It needs Deno, Bun or Node, whose `node:http`
   * then sends the requests; it cannot be combined with the option `fetch`.
   * @default {none: `timeout` includes the time to connect}
   */
  readonly connectTimeout?: number | undefined;
  /**
   * Seconds without a response after which an attempt is aborted. Time to send the body, at 64 KiB per second or
   * at `maxBandwidth` if that is less, is added. Copies and the completion of an upload in parts have ten times as long.
   * @default {60}
   */
  readonly timeout?: number | undefined;
  /**
   * Seconds that a request waits for credentials: for the option `credentials` if it is a function, a program, or a
   * service such as STS. Then it fails with a `TimeoutError` that names the source, and is not retried.
   * @default {60}
   */
  readonly credentialsTimeout?: number | undefined;
  /**
   * Seconds without a further byte after which a body that is read counts as broken; reading then continues over
   * another connection. An open file above 64 KiB that is not read for as long gives its connection up, too, as
   * a program may drop files without closing them.
   * @default {the value of `timeout`}
   */
  readonly idleTimeout?: number | undefined;
  /**
   * The most seconds for a request with all its attempts and waits, until its response; the wait of a first attempt for
   * credentials or for a free connection is not included. Time to send the body is added as for `timeout`. An upload in
   * parts and a download consist of many requests: limit the whole call with `signal: AbortSignal.timeout(milliseconds)`.
   * @default {900}
   */
  readonly callTimeout?: number | undefined;
  /**
   * Text to append to the header `User-Agent`, by which logs of the server recognize your program: printable ASCII.
   * Chromium sends its own header instead.
   * @default {""}
   */
  readonly userAgentSuffix?: string | undefined;
  /**
   * The most requests that are sent at the same time; further ones wait for their turn, in the order of the calls. A
   * request counts until its response, and an open file while its reader waits for bytes. Storages that are made from
   * this one with the same connection share the limit; each other storage has its own. The default leaves room below 64
   * file descriptors, the smallest limit in common use, and below the 256 unread responses that Bun allows.
   *
   * Once as many connections are in use, an open file that was not read for a second gives its connection up; the next
   * read continues over another one. A file that cannot be read on that way keeps its connection, and does not count.
   * Edge runtimes limit connections themselves: there this has no effect.
   * @default {32}
   */
  readonly maxConnections?: number | undefined;
  /**
   * `"adaptive"` also limits the rate of requests, as the AWS SDKs do: after a response that asks to slow down, the
   * storage sends at most 70% of the requests per second that it sent before, and then speeds up again.
   * Environment: `AWS_RETRY_MODE`.
   * @default {"standard"}
   */
  readonly retryMode?: "standard" | "adaptive" | undefined;
}

/**
 * Parameters of S3's operations on objects, by the names of boto3 and the AWS SDKs. Each is sent with every operation
 * that supports it: `SSECustomerKey`, for example, also when a file is read and by `stat`.
 *
 * @example
 * ```ts
 * import type { ObjectParameters } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const parameters: ObjectParameters = { CacheControl: "max-age=86400", Metadata: { owner: "ada" } };
 * assertEquals(parameters.CacheControl, "max-age=86400");
 * ```
 */
export interface ObjectParameters {
  /** A canned ACL such as `"public-read"`; it takes precedence over `defaultAcl`. */
  readonly ACL?: CannedAcl | undefined;
  /** Whether S3 uses a bucket key, which saves requests to KMS. */
  readonly BucketKeyEnabled?: boolean | undefined;
  /** The Cache-Control header the object is served with. */
  readonly CacheControl?: string | undefined;
  /** The checksum by which S3 verifies written data; without it, see `requestChecksumCalculation`. */
  readonly ChecksumAlgorithm?: "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256" | undefined;
  /** `"ENABLED"`: S3 returns the checksum of objects that are read. */
  readonly ChecksumMode?: "ENABLED" | (string & Record<never, never>) | undefined;
  /** The Content-Disposition header the object is served with. */
  readonly ContentDisposition?: string | undefined;
  /** The Content-Encoding header the object is served with. */
  readonly ContentEncoding?: string | undefined;
  /** The Content-Language header the object is served with. */
  readonly ContentLanguage?: string | undefined;
  /** The media type. Without it, that of the content is used, else a guess from the name. */
  readonly ContentType?: string | undefined;
  /** Whether S3 also verifies written data by its MD5, and each part of an upload by that of the part. */
  readonly ContentMD5?: boolean | undefined;
  /** The id of the account that must own the bucket. */
  readonly ExpectedBucketOwner?: string | undefined;
  /** The Expires header the object is served with. */
  readonly Expires?: Date | string | undefined;
  /** Grantees with all permissions. */
  readonly GrantFullControl?: string | undefined;
  /** Grantees that may read the object. */
  readonly GrantRead?: string | undefined;
  /** Grantees that may read the ACL. */
  readonly GrantReadACP?: string | undefined;
  /** Grantees that may write the ACL. */
  readonly GrantWriteACP?: string | undefined;
  /** Custom metadata: names and values of printable ASCII. */
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
  /** The legal hold of Object Lock: `"ON"` or `"OFF"`. */
  readonly ObjectLockLegalHoldStatus?: "ON" | "OFF" | (string & Record<never, never>) | undefined;
  /** The mode of Object Lock: `"GOVERNANCE"` or `"COMPLIANCE"`. */
  readonly ObjectLockMode?: "GOVERNANCE" | "COMPLIANCE" | (string & Record<never, never>) | undefined;
  /** The time until which Object Lock protects the object. */
  readonly ObjectLockRetainUntilDate?: Date | string | undefined;
  /** `"requester"`: the caller pays for the request. */
  readonly RequestPayer?: "requester" | (string & Record<never, never>) | undefined;
  /** The encryption on the server: `"AES256"`, `"aws:kms"` or `"aws:kms:dsse"`. */
  readonly ServerSideEncryption?: "AES256" | "aws:kms" | "aws:kms:dsse" | (string & Record<never, never>) | undefined;
  /**
   * The algorithm of `SSECustomerKey`.
   * @default {"AES256" if there is a key}
   */
  readonly SSECustomerAlgorithm?: string | undefined;
  /**
   * Your key that S3 encrypts the object with, and that is needed to read it (SSE-C): 32 bytes, or text of 32 bytes in
   * UTF-8. The key itself, not its base64.
   */
  readonly SSECustomerKey?: string | Uint8Array | undefined;
  /** The MD5 of the key in base64. It is computed if the runtime has MD5. */
  readonly SSECustomerKeyMD5?: string | undefined;
  /** The encryption context, as base64 of JSON. */
  readonly SSEKMSEncryptionContext?: string | undefined;
  /** The id of the KMS key. */
  readonly SSEKMSKeyId?: string | undefined;
  /** The storage class, such as `"STANDARD_IA"`. */
  readonly StorageClass?: StorageClass | undefined;
  /** Tags as a query string: `"team=web&stage=live"`. */
  readonly Tagging?: string | undefined;
  /** The version to read. Writing is refused while it is set. */
  readonly VersionId?: string | undefined;
  /** The URL or path to which a bucket website redirects requests for this object. */
  readonly WebsiteRedirectLocation?: string | undefined;
}

/**
 * An object that signs the URLs of a custom domain: a `CloudFrontSigner` of `@storages/s3/cloudfront`, its
 * `ReusablePolicy`, or another object with this method.
 *
 * @example
 * ```ts
 * import { S3Storage, type UrlSigner } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const cloudfrontSigner: UrlSigner = { sign: (url, { expiresAt }) => `${url}?until=${expiresAt.getTime() / 1000}` };
 * const storage = new S3Storage({
 *   bucketName: "media",
 *   customDomain: "cdn.example.com",
 *   cloudfrontSigner,
 *   now: () => new Date(0),
 * });
 * assertEquals(await storage.url("a.txt"), "https://cdn.example.com/a.txt?until=3600");
 * ```
 */
export interface UrlSigner {
  /**
   * Signs a URL.
   *
   * @param url The URL, complete.
   * @param options The time when it expires.
   * @returns The signed URL.
   */
  sign(url: string, options: { readonly expiresAt: Date }): string | Promise<string>;
}

/**
 * The settings of an {@linkcode S3Storage}, named as in django-storages: `bucket_name` and `AWS_STORAGE_BUCKET_NAME`
 * there are `bucketName` here. The value of an option that is not given comes from the `settings` of the class, else
 * from its environment variables, else from the profile in the AWS files, else from its default.
 *
 * @example
 * ```ts
 * import { S3Storage, type S3StorageOptions } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const options: S3StorageOptions = {
 *   bucketName: "media",
 *   location: "uploads",
 *   regionName: "eu-west-1",
 *   accessKey: "AKIDEXAMPLE",
 *   secretKey: "secret",
 * };
 * const storage = new S3Storage(options);
 * assertEquals(storage.bucketName, "media");
 * ```
 */
export interface S3StorageOptions {
  /** The name of the bucket, or the ARN of an access point. Required. Environment: `AWS_STORAGE_BUCKET_NAME`. */
  readonly bucketName?: string | undefined;
  /**
   * The folder in the bucket for all files of the storage, without a leading slash. Environment: `AWS_LOCATION`.
   * @default {""}
   */
  readonly location?: string | undefined;
  /** The id of the access key. Environment: `AWS_S3_ACCESS_KEY_ID`, `AWS_ACCESS_KEY_ID`. */
  readonly accessKey?: string | undefined;
  /** The secret of the access key. Environment: `AWS_S3_SECRET_ACCESS_KEY`, `AWS_SECRET_ACCESS_KEY`. */
  readonly secretKey?: string | undefined;
  /** The session token of temporary credentials. Environment: `AWS_SESSION_TOKEN`, `AWS_SECURITY_TOKEN`. */
  readonly securityToken?: string | undefined;
  /**
   * Credentials in the shape of the AWS SDKs, instead of `accessKey` and `secretKey`: a function that returns them, such as a
   * provider of an AWS SDK, or an object `{ accessKeyId, secretAccessKey, sessionToken }`. In `storage.settings` an object
   * is a function too, so that no log shows it.
   */
  readonly credentials?: CredentialProvider | Credentials | undefined;
  /**
   * The profile in the AWS files (`~/.aws/config`, `~/.aws/credentials`) from which to take credentials, region and
   * endpoint. Cannot be combined with `accessKey`, `secretKey`, `securityToken` and `credentials`. Environment:
   * `AWS_S3_SESSION_PROFILE`.
   * @default {the variables AWS_DEFAULT_PROFILE and AWS_PROFILE, else "default"}
   */
  readonly sessionProfile?: string | undefined;
  /**
   * The region of the bucket. Environment: `AWS_S3_REGION_NAME`, `AWS_REGION`, `AWS_DEFAULT_REGION`.
   * @default {"us-east-1"}
   */
  readonly regionName?: string | undefined;
  /**
   * The URL of a server that is not AWS. It replaces the host of `regionName` and the protocol of `useSsl`.
   * Environment: `AWS_S3_ENDPOINT_URL`, `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`.
   */
  readonly endpointUrl?: string | undefined;
  /**
   * Whether URLs have the bucket in the host (`"virtual"`) or in the path (`"path"`). At an IP address it is always in the
   * path. Environment: `AWS_S3_ADDRESSING_STYLE`.
   * @default {"auto": "virtual" on AWS unless the bucket's name has dots, else "path"}
   */
  readonly addressingStyle?: "auto" | "virtual" | "path" | undefined;
  /**
   * Whether to use https for AWS. Environment: `AWS_S3_USE_SSL`.
   * @default {true}
   */
  readonly useSsl?: boolean | undefined;
  /**
   * Whether to use the dual-stack hosts of AWS, which support IPv6 and IPv4. It does not apply to an `endpointUrl` of
   * another source: a variable for the whole machine does not exclude your own server. Environment:
   * `AWS_USE_DUALSTACK_ENDPOINT`.
   * @default {false}
   */
  readonly useDualstackEndpoint?: boolean | undefined;
  /**
   * Whether to use the hosts of AWS that follow FIPS 140. If code sets it, it is refused beside an `endpointUrl` of any
   * source, also a variable; if a variable or a profile sets it, it does not apply to an `endpointUrl` of another source.
   * Environment: `AWS_USE_FIPS_ENDPOINT`.
   * @default {false}
   */
  readonly useFipsEndpoint?: boolean | undefined;
  /**
   * Whether to use transfer acceleration of AWS. Environment: `AWS_S3_USE_ACCELERATE_ENDPOINT`.
   * @default {false}
   */
  readonly useAccelerateEndpoint?: boolean | undefined;
  /**
   * The host of AWS for the region us-east-1: `s3.amazonaws.com` (`"legacy"`) or `s3.us-east-1.amazonaws.com`
   * (`"regional"`), for networks that allow the hosts of their region only. Environment:
   * `AWS_S3_US_EAST_1_REGIONAL_ENDPOINT`.
   * @default {"legacy"}
   */
  readonly usEast1RegionalEndpoint?: "legacy" | "regional" | undefined;
  /**
   * Whether to verify the certificate of the server: `false`, or the certificates to trust, as the path of a PEM file
   * or as its text. Not supported on edge runtimes. Environment: `AWS_S3_VERIFY`, `AWS_CA_BUNDLE`.
   * @default {true}
   */
  readonly verify?: boolean | string | undefined;
  /**
   * Proxies by protocol or by host: `{ https: "http://proxy:3128" }`, `{ "https://s3.example.com": "…" }`.
   * Not supported on edge runtimes. Environment: `AWS_S3_PROXIES`, as JSON.
   * @default {those of the runtime's fetch; none if `verify` is false, or if it is given on Bun and Node}
   */
  readonly proxies?: Readonly<Record<string, string>> | undefined;
  /**
   * The signature version of requests and URLs: `"s3v4"`, or `"s3"` for version 2, for old servers.
   * Environment: `AWS_S3_SIGNATURE_VERSION`.
   * @default {"s3v4"}
   */
  readonly signatureVersion?: "s3v4" | "s3" | undefined;
  /**
   * Whether the signature of a request covers its body. This requires the SHA-256 of the body, a third of the cost of
   * an upload on a fast line. TLS protects bodies on the way, plain HTTP does not: use `false` with it only on a
   * trusted network. A Blob and a part in a temporary file are read once more for it. Environment:
   * `AWS_S3_PAYLOAD_SIGNING_ENABLED`.
   * @default {true over plain HTTP; false over TLS}
   */
  readonly payloadSigningEnabled?: boolean | undefined;
  /**
   * Whether uploads have a checksum that S3 verifies: with all operations that support it, or only those that require
   * it. Without one, the ETag of the response is compared with the MD5 of the bytes, over plain HTTP also for parts and
   * Blobs; `"when_required"` disables this comparison too. Environment: `AWS_REQUEST_CHECKSUM_CALCULATION`.
   * @default {"when_supported" on AWS; "when_required" elsewhere, as not every server supports checksums}
   */
  readonly requestChecksumCalculation?: "when_supported" | "when_required" | undefined;
  /**
   * Whether to request the checksum of an object that is read as a whole and to verify the data by it: always, or only
   * if `objectParameters` has `ChecksumMode: "ENABLED"`. A composite checksum of parts, such as one with "-3" at its
   * end, is ignored, as it cannot verify the whole, and so are those of XXHASH algorithms. Without a checksum, data that
   * arrives over plain HTTP is compared with an ETag that is its MD5. Computing the MD5 takes about 1.6 s for each GB;
   * `"when_required"` disables this comparison too. Environment: `AWS_RESPONSE_CHECKSUM_VALIDATION`.
   * @default {"when_supported" on AWS; elsewhere only checksums sent unrequested are verified, as some servers refuse
   * the request, and ETags over plain HTTP}
   */
  readonly responseChecksumValidation?: "when_supported" | "when_required" | undefined;
  /**
   * Whether `save` replaces a file of the same name. If not, it chooses an unused name, and adds the metadata
   * `storages-write-id`, by which it recognizes its own object after a lost response. Environment:
   * `AWS_S3_FILE_OVERWRITE`.
   * @default {true}
   */
  readonly fileOverwrite?: boolean | undefined;
  /**
   * Parameters for writing and reading every object, such as `CacheControl` and `ServerSideEncryption`.
   * Environment: `AWS_S3_OBJECT_PARAMETERS`, as JSON.
   */
  readonly objectParameters?: ObjectParameters | undefined;
  /** A canned ACL for every object written, such as `"public-read"`. Environment: `AWS_DEFAULT_ACL`. */
  readonly defaultAcl?: CannedAcl | undefined;
  /**
   * Whether `url` signs URLs. Environment: `AWS_QUERYSTRING_AUTH`.
   * @default {true}
   */
  readonly querystringAuth?: boolean | undefined;
  /**
   * How long a signed URL is valid, in seconds: 1 to 604800 (7 days) if S3 checks the signature of version 4. URLs for
   * CloudFront, unsigned ones and those of `signatureVersion: "s3"` may be valid for up to 100 years; with a longer
   * lifetime than 7 days, forms and URLs of parts have 7 days. Environment: `AWS_QUERYSTRING_EXPIRE`.
   * @default {3600}
   */
  readonly querystringExpire?: number | undefined;
  /**
   * How long `url` returns the same signed URL for a file, in seconds, so that browsers and CDNs can cache the file.
   * The time of signing is rounded down to a multiple of it, and the URL is valid that much longer. With 0, URLs change
   * every second. Environment: `AWS_QUERYSTRING_WINDOW`.
   * @default {0}
   */
  readonly querystringWindow?: number | undefined;
  /**
   * A domain that leads to the bucket, optionally with a path: `"cdn.example.com"`. `url` returns URLs on it, unsigned
   * or signed for CloudFront. Environment: `AWS_S3_CUSTOM_DOMAIN`.
   */
  readonly customDomain?: string | undefined;
  /**
   * Whether `url` signs URLs on the custom domain for S3: for domains that lead to the S3 server itself, as is possible
   * with MinIO, Ceph and DigitalOcean. Environment: `AWS_S3_CUSTOM_DOMAIN_QUERYSTRING_AUTH`.
   * @default {false}
   */
  readonly customDomainQuerystringAuth?: boolean | undefined;
  /**
   * The protocol of URLs on the custom domain. Environment: `AWS_S3_URL_PROTOCOL`.
   * @default {"https:"}
   */
  readonly urlProtocol?: "https:" | "http:" | undefined;
  /** The id of the public key with which CloudFront verifies URLs. Environment: `AWS_CLOUDFRONT_KEY_ID`. */
  readonly cloudfrontKeyId?: string | undefined;
  /** The private key to sign URLs on the custom domain with, such as a PEM. Environment: `AWS_CLOUDFRONT_KEY`. */
  readonly cloudfrontKey?: CloudFrontPrivateKey | undefined;
  /**
   * Signs URLs on the custom domain, instead of `cloudfrontKeyId` and `cloudfrontKey`. `null` disables signing even if
   * those are configured.
   */
  readonly cloudfrontSigner?: UrlSigner | UrlSigner["sign"] | null | undefined;
  /**
   * Whether files with a media type of `gzipContentTypes` are compressed with gzip when they are stored, and such files
   * are decompressed when they are read. Content that already has a content encoding, even `identity` or an empty one,
   * is not compressed. Environment: `AWS_IS_GZIPPED`.
   * @default {false}
   */
  readonly gzip?: boolean | undefined;
  /** The media types that `gzip` compresses, compared exactly. Environment: `GZIP_CONTENT_TYPES`, as JSON. */
  readonly gzipContentTypes?: readonly string[] | undefined;
  /**
   * The size in bytes up to which a part is held in memory while a file of unknown length is written; a larger part
   * goes to a temporary file. 0 means no limit. It also limits the memory of a file opened with `spool`. Edge runtimes
   * have no disk: there parts are made smaller instead, down to S3's minimum of 5 MiB. The temporary file is in
   * `FILE_UPLOAD_TEMP_DIR`, else in the system's folder, and is deleted with the write or the process. Environment:
   * `AWS_S3_MAX_MEMORY_SIZE`.
   * @default {0}
   */
  readonly maxMemorySize?: number | undefined;
  /** The sizes and the concurrency of uploads and downloads. Environment: `AWS_S3_TRANSFER_CONFIG`, as JSON. */
  readonly transferConfig?: TransferConfig | undefined;
  /** The attempts, the waits and the time limits of requests. Environment: `AWS_S3_CLIENT_CONFIG`, as JSON. */
  readonly clientConfig?: ClientConfig | undefined;
  /** Returns the current time, for the dates of requests and URLs. */
  readonly now?: (() => Date) | undefined;
  /** Sends requests, instead of the runtime's `fetch`. It is called with one Request. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /**
   * Keeps a Worker alive until a write, a copy or a renewal of credentials has ended, also if the client disconnects:
   * `waitUntil` of `cloudflare:workers`, or `(work) => ctx.waitUntil(work)` for a storage that is made in a request.
   * `save`, `open` and `handleUpload` take it, too.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** One row of the option table. */
export interface OptionRow {
  /** The names of its settings and environment variables; the first that is set takes precedence. */
  readonly names: readonly string[];
  /** The type of its values. @default "string" */
  readonly kind?: OptionKind;
  /** Its value if no source has one. */
  readonly default?: unknown;
  /** Whether the empty text is valid. */
  readonly mayBeEmpty?: boolean;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  /** For numbers: the minimum, the maximum and the unit. */
  readonly range?: readonly [least: number, most: number, unit: string];
}

/** The type of the values of an option. */
export type OptionKind =
  | "string"
  | "boolean"
  | "integer"
  | "object"
  | "list"
  | "credentials"
  | "function"
  | "verify"
  | "key"
  | "signer";

/** The option table, with one row for each option. Documentation, environment and type checks are derived from it. */
export const OPTIONS: Readonly<Record<keyof S3StorageOptions, OptionRow>> = {
  bucketName: { names: ["AWS_STORAGE_BUCKET_NAME"] },
  location: { names: ["AWS_LOCATION"], default: "", mayBeEmpty: true },
  accessKey: { names: ["AWS_S3_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"] },
  secretKey: { names: ["AWS_S3_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"] },
  securityToken: { names: ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"] },
  credentials: { kind: "credentials", names: [] },
  sessionProfile: { names: ["AWS_S3_SESSION_PROFILE"] },
  regionName: { names: ["AWS_S3_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION"], default: "us-east-1" },
  endpointUrl: { names: ["AWS_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"] },
  addressingStyle: { names: ["AWS_S3_ADDRESSING_STYLE"], choices: ["auto", "virtual", "path"], default: "auto" },
  useSsl: { kind: "boolean", names: ["AWS_S3_USE_SSL"], default: true },
  useDualstackEndpoint: { kind: "boolean", names: ["AWS_USE_DUALSTACK_ENDPOINT"], default: false },
  useFipsEndpoint: { kind: "boolean", names: ["AWS_USE_FIPS_ENDPOINT"], default: false },
  useAccelerateEndpoint: { kind: "boolean", names: ["AWS_S3_USE_ACCELERATE_ENDPOINT"], default: false },
  usEast1RegionalEndpoint: {
    names: ["AWS_S3_US_EAST_1_REGIONAL_ENDPOINT"],
    choices: ["legacy", "regional"],
    default: "legacy",
  },
  verify: { kind: "verify", names: ["AWS_S3_VERIFY", "AWS_CA_BUNDLE"], default: true },
  proxies: { kind: "object", names: ["AWS_S3_PROXIES"] },
  signatureVersion: { names: ["AWS_S3_SIGNATURE_VERSION"], choices: ["s3v4", "s3"], default: "s3v4" },
  payloadSigningEnabled: { kind: "boolean", names: ["AWS_S3_PAYLOAD_SIGNING_ENABLED"] },
  requestChecksumCalculation: {
    names: ["AWS_REQUEST_CHECKSUM_CALCULATION"],
    choices: ["when_supported", "when_required"],
  },
  responseChecksumValidation: {
    names: ["AWS_RESPONSE_CHECKSUM_VALIDATION"],
    choices: ["when_supported", "when_required"],
  },
  fileOverwrite: { kind: "boolean", names: ["AWS_S3_FILE_OVERWRITE"], default: true },
  objectParameters: { kind: "object", names: ["AWS_S3_OBJECT_PARAMETERS"], default: {} },
  defaultAcl: { names: ["AWS_DEFAULT_ACL"] },
  querystringAuth: { kind: "boolean", names: ["AWS_QUERYSTRING_AUTH"], default: true },
  querystringExpire: {
    kind: "integer",
    names: ["AWS_QUERYSTRING_EXPIRE"],
    default: 3600,
    range: [1, MAX_LIFETIME_SECONDS, "seconds"],
  },
  querystringWindow: {
    kind: "integer",
    names: ["AWS_QUERYSTRING_WINDOW"],
    default: 0,
    range: [0, MAX_LIFETIME_SECONDS - 1, "seconds"],
  },
  customDomain: { names: ["AWS_S3_CUSTOM_DOMAIN"] },
  customDomainQuerystringAuth: {
    kind: "boolean",
    names: ["AWS_S3_CUSTOM_DOMAIN_QUERYSTRING_AUTH"],
    default: false,
  },
  urlProtocol: { names: ["AWS_S3_URL_PROTOCOL"], choices: ["https:", "http:"], default: "https:" },
  cloudfrontKeyId: { names: ["AWS_CLOUDFRONT_KEY_ID"] },
  cloudfrontKey: { kind: "key", names: ["AWS_CLOUDFRONT_KEY"] },
  cloudfrontSigner: { kind: "signer", names: [] },
  gzip: { kind: "boolean", names: ["AWS_IS_GZIPPED"], default: false },
  gzipContentTypes: {
    kind: "list",
    names: ["GZIP_CONTENT_TYPES"],
    default: [
      "text/css",
      "text/javascript",
      "application/javascript",
      "application/x-javascript",
      "image/svg+xml",
    ],
  },
  maxMemorySize: {
    kind: "integer",
    names: ["AWS_S3_MAX_MEMORY_SIZE"],
    default: 0,
    range: [0, Number.MAX_SAFE_INTEGER, "bytes"],
  },
  transferConfig: { kind: "object", names: ["AWS_S3_TRANSFER_CONFIG"], default: {} },
  clientConfig: { kind: "object", names: ["AWS_S3_CLIENT_CONFIG"], default: {} },
  now: { kind: "function", names: [], default: () => new Date() },
  fetch: { kind: "function", names: [] },
  waitUntil: { kind: "function", names: [] },
};

/** One row of a table of members. */
export type MemberRow = NumberRow | TextRow;

/** A member that is a number; without a default it may be missing. */
export interface NumberRow {
  readonly default?: number;
  readonly least: number;
  readonly most: number;
  readonly unit: string;
}

/** A member that is a text. */
export interface TextRow {
  readonly default: string;
  readonly pattern: RegExp;
  /** Describes the texts that the pattern matches. */
  readonly values: string;
}

const MEBIBYTE = 1024 * 1024;

/** The members of `transferConfig`. Source of the bounds: AWS, "Amazon S3 multipart upload limits". */
export const TRANSFER_CONFIG: Readonly<Record<keyof TransferConfig, NumberRow>> = {
  multipartThreshold: { default: 8 * MEBIBYTE, least: 1, most: 5120 * MEBIBYTE, unit: "bytes" },
  partSize: { default: 8 * MEBIBYTE, least: 5 * MEBIBYTE, most: 5120 * MEBIBYTE, unit: "bytes" },
  maxConcurrency: { default: 4, least: 1, most: 1000, unit: "parts" },
  downloadConcurrency: { default: 8, least: 1, most: 1000, unit: "ranges" },
  maxBandwidth: { least: 1, most: Number.MAX_SAFE_INTEGER, unit: "bytes per second" },
};

const DAY_SECONDS = 86_400;

/** The members of `clientConfig`. */
export const CLIENT_CONFIG: Readonly<Record<keyof ClientConfig, MemberRow>> = {
  maxAttempts: { default: 10, least: 1, most: 100, unit: "attempts" },
  maxNetworkAttempts: { default: 100, least: 1, most: 10_000, unit: "attempts" },
  retryTimeout: { default: 60, least: 0.001, most: DAY_SECONDS, unit: "seconds" },
  initialBackoff: { default: 0.1, least: 0.001, most: DAY_SECONDS, unit: "seconds" },
  maxBackoff: { default: 4, least: 0.001, most: DAY_SECONDS, unit: "seconds" },
  connectTimeout: { least: 0.001, most: DAY_SECONDS, unit: "seconds" },
  timeout: { default: 60, least: 0.001, most: DAY_SECONDS, unit: "seconds" },
  idleTimeout: { default: 60, least: 0.001, most: DAY_SECONDS, unit: "seconds" },
  credentialsTimeout: { default: 60, least: 0.001, most: DAY_SECONDS, unit: "seconds" },
  callTimeout: { default: 900, least: 0.001, most: DAY_SECONDS, unit: "seconds" },
  userAgentSuffix: { default: "", pattern: /^[ -~]*$/, values: "printable ASCII text" },
  maxConnections: { default: 32, least: 1, most: 65_536, unit: "requests" },
  retryMode: { default: "standard", pattern: /^(standard|adaptive)$/, values: '"standard" or "adaptive"' },
};
