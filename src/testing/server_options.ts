/**
 * Credentials that an {@linkcode S3Server} accepts.
 *
 * @example Usage
 * ```ts
 * import { createS3Server, type S3ServerCredentials } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const temporary: S3ServerCredentials = { accessKeyId: "id", secretAccessKey: "secret", sessionToken: "token" };
 * const server = createS3Server({ credentials: [temporary], buckets: ["media"] });
 * assertEquals(server.objects("media").length, 0);
 * ```
 */
export interface S3ServerCredentials {
  /** The access key id of requests. */
  readonly accessKeyId: string;
  /** The secret access key, which signs requests. */
  readonly secretAccessKey: string;
  /** The session token that every request must have, for temporary credentials. */
  readonly sessionToken?: string;
  /** The time at which temporary credentials expire; they do not expire by default. */
  readonly expiration?: Date;
}

/**
 * Options for {@linkcode createS3Server}.
 *
 * @example Usage
 * ```ts
 * import { createS3Server, type S3ServerOptions } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const options: S3ServerOptions = { buckets: ["media"], now: () => new Date("2026-01-31T12:00:00Z") };
 * const response = await createS3Server(options).fetch(new Request("http://localhost/media"));
 * assertEquals(response.headers.get("date"), "Sat, 31 Jan 2026 12:00:00 GMT");
 * ```
 */
export interface S3ServerOptions {
  /**
   * The credentials that requests may be signed with. All of them own all buckets.
   *
   * @default {[{ accessKeyId: "testkey", secretAccessKey: "testsecret" }]}
   */
  readonly credentials?: readonly S3ServerCredentials[];
  /**
   * The region that requests must be signed for.
   *
   * @default {"us-east-1"}
   */
  readonly region?: string;
  /**
   * Buckets to create initially.
   *
   * @default {[]}
   */
  readonly buckets?: readonly string[];
  /**
   * The names of those `buckets` that are versioned initially. `PutBucketVersioning` changes it later.
   *
   * @default {[]}
   */
  readonly versioning?: readonly string[];
  /**
   * Host names without port for virtual-hosted requests, where the host is `BUCKET.HOST`. The hosts of AWS are always
   * included.
   *
   * @default {["localhost"]}
   */
  readonly hostnames?: readonly string[];
  /**
   * The server's clock, for signatures, conditions and dates.
   *
   * @default {() => new Date()}
   */
  readonly now?: () => Date;
  /**
   * The minimum size, in bytes, of every part of a multipart upload except the last. A small value makes tests fast.
   *
   * @default {5242880}
   */
  readonly minPartSize?: number;
  /**
   * The maximum size, in bytes, of an object that CopyObject copies; larger objects must be copied in parts. A small
   * value makes tests fast.
   *
   * @default {5368709120}
   */
  readonly maxCopySize?: number;
  /**
   * Whether RestoreObject restores an archived object immediately. By default a restoration is in progress until
   * {@linkcode S3Server.completeRestores} is called.
   *
   * @default {false}
   */
  readonly instantRestore?: boolean;
  /**
   * Names of operations that ignore conditions such as `If-None-Match`, as some services do. Ceph RGW 16 ignores
   * them on `CompleteMultipartUpload`, `CopyObject`, `UploadPartCopy` and `DeleteObject`.
   *
   * @default {[]}
   */
  readonly unconditional?: readonly string[];
  /**
   * Whether to respond to preflight requests, and to allow pages of any origin to read responses.
   *
   * @default {false}
   */
  readonly cors?: boolean;
}

/** The names of all options. */
export const OPTION_NAMES = [
  "credentials",
  "region",
  "buckets",
  "versioning",
  "hostnames",
  "now",
  "minPartSize",
  "maxCopySize",
  "instantRestore",
  "unconditional",
  "cors",
] as const satisfies readonly (keyof S3ServerOptions)[];

type NoneMissing<Missing extends never> = Missing;
type _AllOptionsNamed = NoneMissing<Exclude<keyof S3ServerOptions, typeof OPTION_NAMES[number]>>;

/**
 * An object that an {@linkcode S3Server} stores.
 *
 * @example Usage
 * ```ts
 * import { createS3Server, type S3ServerObject } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createS3Server({ buckets: ["media"] });
 * const total = server.objects("media").reduce((sum: number, object: S3ServerObject) => sum + object.size, 0);
 * assertEquals(total, 0);
 * ```
 */
export interface S3ServerObject {
  /** The object's key. */
  readonly key: string;
  /** The size in bytes. */
  readonly size: number;
  /** The ETag, without quotes. */
  readonly etag: string;
  /** The time of the last write, in whole seconds. */
  readonly lastModified: Date;
  /** A copy of the stored bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The `content-type` header. */
  readonly contentType: string;
  /** All headers stored with the object, including `content-type`, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The `x-amz-meta-…` headers, by lower-case name without that prefix. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** The storage class, such as `STANDARD`. */
  readonly storageClass: string;
  /** The canned ACL, such as `private`, or `custom` for the grants of a document that no canned ACL has. */
  readonly acl: string;
  /** The version id, or `null` if the object was written while versioning was not enabled. */
  readonly versionId: string;
  /** The value of the `x-amz-restore` header, or `undefined` if the object is not restored from an archive. */
  readonly restore: string | undefined;
  /** The number of parts of a multipart upload, or `undefined` for an upload in one request. */
  readonly partCount: number | undefined;
}

/**
 * A version in a bucket of an {@linkcode S3Server}: an object or a delete marker.
 *
 * @example Usage
 * ```ts
 * import { createS3Server, type S3ServerVersion } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createS3Server({ buckets: ["media"], versioning: ["media"] });
 * const deleted: S3ServerVersion[] = server.versions("media").filter(({ object }) => object === undefined);
 * assertEquals(deleted, []);
 * ```
 */
export interface S3ServerVersion {
  /** The key. */
  readonly key: string;
  /** The version id, or `null` for a version that was written while versioning was not enabled. */
  readonly versionId: string;
  /** Whether it is the current version of its key. */
  readonly isLatest: boolean;
  /** The time of the write or the deletion, in whole seconds. */
  readonly lastModified: Date;
  /** The object, or `undefined` for a delete marker. */
  readonly object: S3ServerObject | undefined;
}

/**
 * A multipart upload that was neither completed nor aborted.
 *
 * @example Usage
 * ```ts
 * import { createS3Server, type S3ServerUpload } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createS3Server({ buckets: ["media"] });
 * const leftOpen: S3ServerUpload[] = server.openUploads("media");
 * assertEquals(leftOpen, []);
 * ```
 */
export interface S3ServerUpload {
  /** The key of the object to create. */
  readonly key: string;
  /** The upload id. */
  readonly uploadId: string;
  /** The numbers of the uploaded parts, in order. */
  readonly partNumbers: readonly number[];
}

/**
 * A request that an {@linkcode S3Server} has handled, without its query and headers, which contain secrets.
 *
 * @example Usage
 * ```ts
 * import { createS3Server, type S3ServerRequest } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createS3Server({ buckets: ["media"] });
 * await server.fetch(new Request("http://localhost/media/a.txt", { method: "HEAD" }));
 * const seen: S3ServerRequest | undefined = server.requests[0];
 * assertEquals(seen, {
 *   method: "HEAD",
 *   path: "/media/a.txt",
 *   operation: "HeadObject",
 *   status: 403,
 *   errorCode: "AccessDenied",
 * });
 * ```
 */
export interface S3ServerRequest {
  /** The HTTP method. */
  readonly method: string;
  /** The path of the URL, not decoded. */
  readonly path: string;
  /** The name of the operation, or `undefined` if the request failed before it was known. */
  readonly operation: string | undefined;
  /** The status of the response. */
  readonly status: number;
  /** The error code of the response, or `undefined` on success. */
  readonly errorCode: string | undefined;
}

/**
 * Options for {@linkcode S3Server.createBucket}.
 *
 * @example Usage
 * ```ts
 * import { createS3Server, type S3ServerBucketOptions } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const options: S3ServerBucketOptions = { versioning: true };
 * const server = createS3Server();
 * server.createBucket("media", options);
 * assertEquals(server.versions("media"), []);
 * ```
 */
export interface S3ServerBucketOptions {
  /**
   * Whether versioning is enabled.
   *
   * @default {false}
   */
  readonly versioning?: boolean;
}

/**
 * An S3 server in memory; see {@linkcode createS3Server}.
 *
 * @example Usage
 * ```ts
 * import { createS3Server, type S3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const server: S3Server = createS3Server();
 * server.createBucket("media");
 * assertEquals(server.objects("media"), []);
 * ```
 */
export interface S3Server {
  /**
   * Handles a request. It is a bound function, which can be passed as `fetch` option.
   *
   * @param request The request.
   * @returns The response. Every failure is an error document; the promise never rejects.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The last requests, at most 1,000, oldest first. */
  readonly requests: readonly S3ServerRequest[];
  /**
   * Creates a bucket; an existing bucket is not changed.
   *
   * @param name The bucket's name.
   * @param options Whether the bucket is versioned.
   * @throws {TypeError} If the name is not a valid bucket name, or an option is unknown.
   */
  createBucket(name: string, options?: S3ServerBucketOptions): void;
  /**
   * Returns the current objects of a bucket.
   *
   * @param bucket The bucket's name.
   * @returns The objects, in the order of their keys.
   * @throws {TypeError} If the bucket does not exist.
   */
  objects(bucket: string): S3ServerObject[];
  /**
   * Returns all versions of the objects of a bucket, delete markers among them.
   *
   * @param bucket The bucket's name.
   * @returns The versions, in the order of their keys, and of each key the newest first.
   * @throws {TypeError} If the bucket does not exist.
   */
  versions(bucket: string): S3ServerVersion[];
  /**
   * Completes the restorations of archived objects that are in progress in a bucket. Then the objects are readable
   * for the requested number of days, by the server's clock.
   *
   * @param bucket The bucket's name.
   * @throws {TypeError} If the bucket does not exist.
   */
  completeRestores(bucket: string): void;
  /**
   * Returns the open multipart uploads of a bucket.
   *
   * @param bucket The bucket's name.
   * @returns The uploads that were neither completed nor aborted.
   * @throws {TypeError} If the bucket does not exist.
   */
  openUploads(bucket: string): S3ServerUpload[];
}
