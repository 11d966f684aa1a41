import type { CloudFrontPrivateKey } from "../aws/cloudfront_key.ts";
import type { CredentialProvider } from "../aws/credentials.ts";

/**
 * How many bytes travel at once, and when an upload is cut into parts.
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
   * Content of this many bytes or more goes up in parts.
   * @default {8388608}
   */
  readonly multipartThreshold?: number | undefined;
  /**
   * Bytes in a part of an upload, or a range of a download; S3 takes no part below 5 MiB but the last.
   * @default {8388608}
   */
  readonly partSize?: number | undefined;
  /**
   * Parts of an upload under way at once: it holds about `partSize * (maxConcurrency + 1)` bytes of memory.
   * @default {4}
   */
  readonly maxConcurrency?: number | undefined;
  /**
   * Ranges that `download` has under way at once: it holds up to `partSize * downloadConcurrency` bytes of memory.
   * @default {what `maxConcurrency` is set to, else 8}
   */
  readonly downloadConcurrency?: number | undefined;
}

/**
 * How patient the client is.
 *
 * @example
 * ```ts
 * import type { ClientConfig } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const clientConfig: ClientConfig = { maxAttempts: 3, timeout: 10 };
 * assertEquals(clientConfig.timeout, 10);
 * ```
 */
export interface ClientConfig {
  /**
   * How many times a request is sent at the most, the first time included. While a file is read, each byte that comes
   * begins the count anew.
   * @default {5}
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Seconds without an answer after which a try is given up. Time to send the body, at 64 KiB a second, is added.
   * @default {60}
   */
  readonly timeout?: number | undefined;
}

/**
 * Values for the parameters of S3's operations on objects, by the names boto3 and the AWS SDKs give them. Each goes along
 * with every operation that takes it, so that `SSECustomerKey` is for reading and for `stat` too.
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
  /** A canned ACL such as `"public-read"`; it comes before `defaultAcl`. */
  readonly ACL?: string | undefined;
  /** Whether S3 spares requests to KMS by a key for the bucket. */
  readonly BucketKeyEnabled?: boolean | undefined;
  /** The Cache-Control header the object is served with. */
  readonly CacheControl?: string | undefined;
  /** The checksum that S3 verifies what is written by; without it, see `requestChecksumCalculation`. */
  readonly ChecksumAlgorithm?: "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256" | undefined;
  /** `"ENABLED"`: S3 tells the checksum of what is read. */
  readonly ChecksumMode?: string | undefined;
  /** The Content-Disposition header the object is served with. */
  readonly ContentDisposition?: string | undefined;
  /** The Content-Encoding header the object is served with. */
  readonly ContentEncoding?: string | undefined;
  /** The Content-Language header the object is served with. */
  readonly ContentLanguage?: string | undefined;
  /** The media type; without it the content's own, else a guess from the name. */
  readonly ContentType?: string | undefined;
  /** Whether S3 verifies what is written by its MD5 too, each part of an upload by its own. */
  readonly ContentMD5?: boolean | undefined;
  /** The account id that must own the bucket. */
  readonly ExpectedBucketOwner?: string | undefined;
  /** The Expires header the object is served with. */
  readonly Expires?: Date | string | undefined;
  /** Who gets all rights. */
  readonly GrantFullControl?: string | undefined;
  /** Who may read. */
  readonly GrantRead?: string | undefined;
  /** Who may read the ACL. */
  readonly GrantReadACP?: string | undefined;
  /** Who may write the ACL. */
  readonly GrantWriteACP?: string | undefined;
  /** Metadata of your own: names and values of printable ASCII. */
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
  /** `"ON"` or `"OFF"`. */
  readonly ObjectLockLegalHoldStatus?: string | undefined;
  /** `"GOVERNANCE"` or `"COMPLIANCE"`. */
  readonly ObjectLockMode?: string | undefined;
  /** Until when the object is locked. */
  readonly ObjectLockRetainUntilDate?: Date | string | undefined;
  /** `"requester"` where the caller pays for the request. */
  readonly RequestPayer?: string | undefined;
  /** `"AES256"` or `"aws:kms"`. */
  readonly ServerSideEncryption?: string | undefined;
  /**
   * What `SSECustomerKey` encrypts with.
   * @default {"AES256", where there is a key}
   */
  readonly SSECustomerAlgorithm?: string | undefined;
  /**
   * The key of your own that S3 encrypts the object with, and that is needed to read it (SSE-C): 32 bytes, or text of as
   * many. The key itself, not its base64.
   */
  readonly SSECustomerKey?: string | Uint8Array | undefined;
  /** The MD5 of the key in base64; it is made of the key, where the runtime has MD5. */
  readonly SSECustomerKeyMD5?: string | undefined;
  /** The encryption context, as base64 of JSON. */
  readonly SSEKMSEncryptionContext?: string | undefined;
  /** The id of the KMS key. */
  readonly SSEKMSKeyId?: string | undefined;
  /** Such as `"STANDARD_IA"`. */
  readonly StorageClass?: string | undefined;
  /** Tags as a query string: `"team=web&stage=live"`. */
  readonly Tagging?: string | undefined;
  /** The version to read; nothing can be written with it. */
  readonly VersionId?: string | undefined;
  /** Where a bucket website redirects requests for this object to. */
  readonly WebsiteRedirectLocation?: string | undefined;
}

/**
 * What signs the URLs of a custom domain: a `CloudFrontSigner` of `@storages/s3/cloudfront`, a `ReusablePolicy` of it, or
 * anything else with such a method.
 *
 * @example
 * ```ts
 * import { S3Storage, type UrlSigner } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const cloudfrontSigner: UrlSigner = { sign: (url, { expires }) => `${url}?until=${expires.getTime() / 1000}` };
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
   * @param options Until when it is valid.
   * @returns The signed URL.
   */
  sign(url: string, options: { readonly expires: Date }): string | Promise<string>;
}

/**
 * The settings of an {@linkcode S3Storage}, in the vocabulary of django-storages: `bucket_name` and
 * `AWS_STORAGE_BUCKET_NAME` there are `bucketName` here. What is not given is taken from the `settings` of the class, from
 * the environment variable named with it, from the profile in the AWS files, then from its default.
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
  /** The bucket: its name, or the ARN of an access point. Required. Environment: `AWS_STORAGE_BUCKET_NAME`. */
  readonly bucketName?: string | undefined;
  /**
   * The folder in the bucket that all names are below, without a leading slash. Environment: `AWS_LOCATION`.
   * @default {""}
   */
  readonly location?: string | undefined;
  /** The access key's id. Environment: `AWS_S3_ACCESS_KEY_ID`, `AWS_ACCESS_KEY_ID`. */
  readonly accessKey?: string | undefined;
  /** The access key's secret. Environment: `AWS_S3_SECRET_ACCESS_KEY`, `AWS_SECRET_ACCESS_KEY`. */
  readonly secretKey?: string | undefined;
  /** The token of temporary credentials. Environment: `AWS_SESSION_TOKEN`, `AWS_SECURITY_TOKEN`. */
  readonly securityToken?: string | undefined;
  /** Hands out credentials, instead of `accessKey` and `secretKey`. */
  readonly credentials?: CredentialProvider | undefined;
  /**
   * The profile of the AWS files (`~/.aws/config`, `~/.aws/credentials`) that credentials, region and endpoint come from,
   * instead of `accessKey` and `secretKey`. Environment: `AWS_S3_SESSION_PROFILE`.
   * @default {the variables AWS_DEFAULT_PROFILE and AWS_PROFILE, else "default"}
   */
  readonly sessionProfile?: string | undefined;
  /**
   * The region. Environment: `AWS_S3_REGION_NAME`, `AWS_REGION`, `AWS_DEFAULT_REGION`.
   * @default {"us-east-1"}
   */
  readonly regionName?: string | undefined;
  /**
   * The server's URL where it is not AWS; it overrides the host that `regionName` and `useSsl` give.
   * Environment: `AWS_S3_ENDPOINT_URL`, `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`.
   */
  readonly endpointUrl?: string | undefined;
  /**
   * Whether the bucket stands in the host or in the path. Environment: `AWS_S3_ADDRESSING_STYLE`.
   * @default {"virtual" on AWS unless the bucket's name has dots, else "path"}
   */
  readonly addressingStyle?: "auto" | "virtual" | "path" | undefined;
  /**
   * Whether AWS is reached by https. Environment: `AWS_S3_USE_SSL`.
   * @default {true}
   */
  readonly useSsl?: boolean | undefined;
  /**
   * Whether AWS is reached at its hosts for IPv6 and IPv4. Environment: `AWS_USE_DUALSTACK_ENDPOINT`.
   * @default {false}
   */
  readonly useDualstackEndpoint?: boolean | undefined;
  /**
   * Whether AWS is reached at its hosts that follow FIPS 140. Environment: `AWS_USE_FIPS_ENDPOINT`.
   * @default {false}
   */
  readonly useFipsEndpoint?: boolean | undefined;
  /**
   * Whether AWS is reached by transfer acceleration. Environment: `AWS_S3_USE_ACCELERATE_ENDPOINT`.
   * @default {false}
   */
  readonly useAccelerateEndpoint?: boolean | undefined;
  /**
   * Whether the server's certificate is checked: `false`, or the certificates to trust, as a PEM file's path or as its
   * text. Not on edge runtimes. Environment: `AWS_S3_VERIFY`, `AWS_CA_BUNDLE`.
   * @default {true}
   */
  readonly verify?: boolean | string | undefined;
  /**
   * Proxies by protocol or by host: `{ https: "http://proxy:3128" }`, `{ "https://s3.example.com": "…" }`.
   * Not on edge runtimes. Environment: `AWS_S3_PROXIES`, as JSON.
   * @default {what the runtime's fetch does; none where `verify` is false, or given on Bun and Node}
   */
  readonly proxies?: Readonly<Record<string, string>> | undefined;
  /**
   * How requests and URLs are signed: `"s3v4"`, or `"s3"` for version 2, which old servers know.
   * Environment: `AWS_S3_SIGNATURE_VERSION`.
   * @default {"s3v4"}
   */
  readonly signatureVersion?: "s3v4" | "s3" | undefined;
  /**
   * Whether the signature of a request covers its body, whose SHA-256 has to be computed for that: a third of what an
   * upload costs on a fast line. Over TLS nobody on the way can change a body, over plain HTTP anybody can: say `false`
   * only where the network is yours. Environment: `AWS_S3_PAYLOAD_SIGNING_ENABLED`.
   * @default {true over plain HTTP, but for Blobs and what waits on the disk; false over TLS}
   */
  readonly payloadSigningEnabled?: boolean | undefined;
  /**
   * Whether uploads carry a checksum that S3 verifies: wherever it can, or only where it must.
   * Environment: `AWS_REQUEST_CHECKSUM_CALCULATION`.
   * @default {"when_supported" on AWS, "when_required" elsewhere, as not every server knows them}
   */
  readonly requestChecksumCalculation?: "when_supported" | "when_required" | undefined;
  /**
   * Whether S3 is asked for the checksum of an object that is read as a whole, and what was read is compared with it:
   * wherever it can, or only where `objectParameters` say `ChecksumMode: "ENABLED"`. A checksum of parts ("-3" at its end)
   * says nothing of the whole, and is left aside. Environment: `AWS_RESPONSE_CHECKSUM_VALIDATION`.
   * @default {"when_supported" on AWS; elsewhere what comes unasked is compared, as some servers refuse to be asked}
   */
  readonly responseChecksumValidation?: "when_supported" | "when_required" | undefined;
  /**
   * Whether `save` replaces a file of the same name; if not, it finds a free name, and marks the object with the metadata
   * `storages-write-id`, by which it knows its own when an answer was lost. Environment: `AWS_S3_FILE_OVERWRITE`.
   * @default {true}
   */
  readonly fileOverwrite?: boolean | undefined;
  /**
   * Parameters that every object is written and read with, such as `CacheControl` and `ServerSideEncryption`.
   * Environment: `AWS_S3_OBJECT_PARAMETERS`, as JSON.
   */
  readonly objectParameters?: ObjectParameters | undefined;
  /** A canned ACL for every object written, such as `"public-read"`. Environment: `AWS_DEFAULT_ACL`. */
  readonly defaultAcl?: string | undefined;
  /**
   * Whether `url` signs. Environment: `AWS_QUERYSTRING_AUTH`.
   * @default {true}
   */
  readonly querystringAuth?: boolean | undefined;
  /**
   * Seconds that a signed URL is valid for, 1 to 604800. Environment: `AWS_QUERYSTRING_EXPIRE`.
   * @default {3600}
   */
  readonly querystringExpire?: number | undefined;
  /**
   * Seconds for which `url` gives the same signed URL for the same file, so that browsers and CDNs can cache what it leads
   * to: the time of signing is rounded down to a multiple of it, and the URL is valid for that much longer. With 0, URLs
   * change every second. Environment: `AWS_QUERYSTRING_WINDOW`.
   * @default {0}
   */
  readonly querystringWindow?: number | undefined;
  /**
   * A domain that leads to the bucket, with a path if need be: `"cdn.example.com"`. `url` uses it, unsigned or signed for
   * CloudFront. Environment: `AWS_S3_CUSTOM_DOMAIN`.
   */
  readonly customDomain?: string | undefined;
  /**
   * Whether `url` signs for S3 on the custom domain: for domains that lead to the S3 server itself, as they can with
   * MinIO, Ceph or DigitalOcean. Environment: `AWS_S3_CUSTOM_DOMAIN_QUERYSTRING_AUTH`.
   * @default {false}
   */
  readonly customDomainQuerystringAuth?: boolean | undefined;
  /**
   * The protocol of URLs on the custom domain. Environment: `AWS_S3_URL_PROTOCOL`.
   * @default {"https:"}
   */
  readonly urlProtocol?: "https:" | "http:" | undefined;
  /** The id of the key that CloudFront verifies URLs with. Environment: `AWS_CLOUDFRONT_KEY_ID`. */
  readonly cloudfrontKeyId?: string | undefined;
  /** The private key that URLs on the custom domain are signed with, such as a PEM. Environment: `AWS_CLOUDFRONT_KEY`. */
  readonly cloudfrontKey?: CloudFrontPrivateKey | undefined;
  /**
   * Signs the URLs on the custom domain, instead of `cloudfrontKeyId` and `cloudfrontKey`; `null`: nothing does, though
   * they are configured.
   */
  readonly cloudfrontSigner?: UrlSigner | UrlSigner["sign"] | null | undefined;
  /**
   * Whether files of the `gzipContentTypes` are stored as gzip, and files stored so are decompressed when they are read.
   * What has a content encoding already is stored as it is, also where that is `identity` or empty.
   * Environment: `AWS_IS_GZIPPED`.
   * @default {false}
   */
  readonly gzip?: boolean | undefined;
  /** The media types that `gzip` is for, exactly. Environment: `GZIP_CONTENT_TYPES`, as JSON. */
  readonly gzipContentTypes?: readonly string[] | undefined;
  /**
   * Bytes of a part that wait in memory while a file of unknown length is written, before a temporary file takes them; 0:
   * all of it. Also what is kept of a file opened with `spool`. On edges, which have no disk, parts are made smaller
   * instead, down to S3's 5 MiB. The file is made where `FILE_UPLOAD_TEMP_DIR` or the system says, and gone with the write
   * or the process.
   * Environment: `AWS_S3_MAX_MEMORY_SIZE`.
   * @default {0}
   */
  readonly maxMemorySize?: number | undefined;
  /** How uploads are cut into parts. Environment: `AWS_S3_TRANSFER_CONFIG`, as JSON. */
  readonly transferConfig?: TransferConfig | undefined;
  /** Tries and timeouts. Environment: `AWS_S3_CLIENT_CONFIG`, as JSON. */
  readonly clientConfig?: ClientConfig | undefined;
  /** The clock: what requests and URLs are dated with. */
  readonly now?: (() => Date) | undefined;
  /** What sends requests, instead of the runtime's `fetch`; it is called with one Request. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
}

/** One row of the option table. */
export interface OptionRow {
  /** Its names among AWS_* settings and environment variables; the first that is set wins. */
  readonly names: readonly string[];
  /** What its values are: text, if nothing else is said. */
  readonly kind?: OptionKind;
  /** What it is where nothing is given. */
  readonly default?: unknown;
  /** Whether the empty text is a value of its own. */
  readonly mayBeEmpty?: boolean;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  /** For numbers: the least and the most, and what they count. */
  readonly range?: readonly [least: number, most: number, unit: string];
}

/** What an option's values are. */
export type OptionKind =
  | "string"
  | "boolean"
  | "integer"
  | "object"
  | "list"
  | "function"
  | "verify"
  | "key"
  | "signer";

/** Seconds in seven days: the longest that S3 lets a signed URL live. */
const MAX_EXPIRE_SECONDS = 604_800;

/** THE option table: one row for each option there is. Docs, environment and checks of kind all follow from it. */
export const OPTIONS: Readonly<Record<keyof S3StorageOptions, OptionRow>> = {
  bucketName: { names: ["AWS_STORAGE_BUCKET_NAME"] },
  location: { names: ["AWS_LOCATION"], default: "", mayBeEmpty: true },
  accessKey: { names: ["AWS_S3_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"] },
  secretKey: { names: ["AWS_S3_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"] },
  securityToken: { names: ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"] },
  credentials: { kind: "function", names: [] },
  sessionProfile: { names: ["AWS_S3_SESSION_PROFILE"] },
  regionName: { names: ["AWS_S3_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION"], default: "us-east-1" },
  endpointUrl: { names: ["AWS_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"] },
  addressingStyle: { names: ["AWS_S3_ADDRESSING_STYLE"], choices: ["auto", "virtual", "path"], default: "auto" },
  useSsl: { kind: "boolean", names: ["AWS_S3_USE_SSL"], default: true },
  useDualstackEndpoint: { kind: "boolean", names: ["AWS_USE_DUALSTACK_ENDPOINT"], default: false },
  useFipsEndpoint: { kind: "boolean", names: ["AWS_USE_FIPS_ENDPOINT"], default: false },
  useAccelerateEndpoint: { kind: "boolean", names: ["AWS_S3_USE_ACCELERATE_ENDPOINT"], default: false },
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
    range: [1, MAX_EXPIRE_SECONDS, "seconds"],
  },
  querystringWindow: {
    kind: "integer",
    names: ["AWS_QUERYSTRING_WINDOW"],
    default: 0,
    range: [0, MAX_EXPIRE_SECONDS - 1, "seconds"],
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
};

/** One row of a table of numbers. */
export interface NumberRow {
  readonly default: number;
  readonly least: number;
  readonly most: number;
  readonly unit: string;
}

const MEBIBYTE = 1024 * 1024;

/** The members of `transferConfig`. Source of the bounds: AWS, "Amazon S3 multipart upload limits". */
export const TRANSFER_CONFIG: Readonly<Record<keyof TransferConfig, NumberRow>> = {
  multipartThreshold: { default: 8 * MEBIBYTE, least: 1, most: 5120 * MEBIBYTE, unit: "bytes" },
  partSize: { default: 8 * MEBIBYTE, least: 5 * MEBIBYTE, most: 5120 * MEBIBYTE, unit: "bytes" },
  maxConcurrency: { default: 4, least: 1, most: 1000, unit: "parts" },
  downloadConcurrency: { default: 8, least: 1, most: 1000, unit: "ranges" },
};

/** The members of `clientConfig`. */
export const CLIENT_CONFIG: Readonly<Record<keyof ClientConfig, NumberRow>> = {
  maxAttempts: { default: 5, least: 1, most: 100, unit: "tries" },
  timeout: { default: 60, least: 0.001, most: 86_400, unit: "seconds" },
};
