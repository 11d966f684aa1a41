/**
 * One pair of keys an {@linkcode S3Server} accepts.
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
  /** The access key id, which requests name. */
  readonly accessKeyId: string;
  /** The secret, which signs. */
  readonly secretAccessKey: string;
  /** The session token every request must carry, for temporary credentials. */
  readonly sessionToken?: string;
  /** When temporary credentials end. */
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
   * The credentials requests may be signed with. All of them own all buckets.
   *
   * @default {[{ accessKeyId: "testkey", secretAccessKey: "testsecret" }]}
   */
  readonly credentials?: readonly S3ServerCredentials[];
  /**
   * The region requests must be signed for.
   *
   * @default {"us-east-1"}
   */
  readonly region?: string;
  /**
   * Buckets to create at once.
   *
   * @default {[]}
   */
  readonly buckets?: readonly string[];
  /**
   * Host names, without port, under which `BUCKET.HOST` is the address of a bucket. Amazon's own are always among them.
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
   * The least size, in bytes, of every part of a multipart upload but the last. A small one makes tests quick.
   *
   * @default {5242880}
   */
  readonly minPartSize?: number;
  /**
   * The most bytes that CopyObject copies: larger objects have to be copied in parts. A small one makes tests quick.
   *
   * @default {5368709120}
   */
  readonly maxCopySize?: number;
  /**
   * Operations, by S3's names, that ignore conditions such as `If-None-Match`, as some services do. Ceph RGW 16 ignores
   * them on `CompleteMultipartUpload`, `CopyObject`, `UploadPartCopy` and `DeleteObject`.
   *
   * @default {[]}
   */
  readonly unconditional?: readonly string[];
  /**
   * Whether to answer preflight requests and let pages of any origin read the answers.
   *
   * @default {false}
   */
  readonly cors?: boolean;
}

/**
 * One object as an {@linkcode S3Server} keeps it.
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
  /** When it was written, in whole seconds. */
  readonly lastModified: Date;
  /** A copy of the bytes, as they were stored. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The `content-type` header. */
  readonly contentType: string;
  /** Every header kept with the object, `content-type` among them, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The `x-amz-meta-…` headers, by lower-case name without that prefix. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** The storage class, such as `STANDARD`. */
  readonly storageClass: string;
  /** The canned ACL, such as `private`. */
  readonly acl: string;
  /** The number of parts it was uploaded in, or `undefined` when it came in one piece. */
  readonly partCount: number | undefined;
}

/**
 * One multipart upload that was neither completed nor aborted.
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
  /** The key the object will have. */
  readonly key: string;
  /** The upload's id. */
  readonly uploadId: string;
  /** The numbers of the parts that have arrived, in order. */
  readonly partNumbers: readonly number[];
}

/**
 * One request an {@linkcode S3Server} has answered. It holds nothing of the query or the headers, where secrets are.
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
  /** The path as it stood in the URL. */
  readonly path: string;
  /** The operation as S3's reference names it, or `undefined` when the request did not get that far. */
  readonly operation: string | undefined;
  /** The status of the answer. */
  readonly status: number;
  /** The error code of the answer, if it was an error. */
  readonly errorCode: string | undefined;
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
   * Answers one request. It is bound: it can be passed on as a `fetch` function.
   *
   * @param request The request.
   * @returns The answer; every failure is an error document, never a rejection.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The last requests, at most 1,000, oldest first. */
  readonly requests: readonly S3ServerRequest[];
  /**
   * Creates a bucket; one that exists already is left alone.
   *
   * @param name The bucket's name.
   * @throws {TypeError} If the name breaks S3's rules.
   */
  createBucket(name: string): void;
  /**
   * Looks into a bucket.
   *
   * @param bucket The bucket's name.
   * @returns The objects, in the order S3 lists them.
   * @throws {TypeError} If there is no such bucket.
   */
  objects(bucket: string): S3ServerObject[];
  /**
   * Looks for uploads nobody finished.
   *
   * @param bucket The bucket's name.
   * @returns The open multipart uploads.
   * @throws {TypeError} If there is no such bucket.
   */
  openUploads(bucket: string): S3ServerUpload[];
}
