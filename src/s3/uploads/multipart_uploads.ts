import type { CallOptions } from "../../storage/contract/options.ts";
import type { RunOperation } from "../file_access.ts";
import type { CompletedFile, CompleteOptions, MultipartUpload, MultipartUploadOptions } from "./direct_uploads.ts";
import type { AbortIncompleteOptions, IncompleteUpload, ListUploadsOptions } from "./incomplete_uploads.ts";

/**
 * The multipart uploads of an S3Storage: large files that others, such as browsers, send straight into the bucket, part by
 * part. `storage.uploads` returns this object. Parts use space, and cost money, until their upload is completed or aborted.
 *
 * @example
 * ```ts
 * import { type MultipartUploads, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const uploads: MultipartUploads = storage.uploads;
 * const { uploadId, urls } = await uploads.create("a.txt", { size: 16 });
 * await fetch(new Request(urls[0]!, { method: "PUT", body: "storage contents" }));
 * const { size } = await uploads.complete("a.txt", uploadId, { size: 16 });
 * assertEquals(size, 16);
 * ```
 */
export interface MultipartUploads {
  /**
   * Creates a multipart upload, and signs a URL for each part, so that a browser can upload a large file directly. End the
   * upload with `complete` or `abort`. Otherwise its parts use space until a lifecycle rule of the bucket deletes them
   * (AbortIncompleteMultipartUpload).
   *
   * The URLs do not limit the size of a part; S3's own limit is 5 GiB. Pass `size` again on completion to check it.
   *
   * @param name The file. It becomes visible when the upload is completed.
   * @param options The file's size, and how it is written.
   * @returns The upload's id, the part size, and the URL to PUT each part to, without a `Content-Type`.
   * @throws {TypeError} If neither or both of `size` and `parts` are given, an option is unknown, or a header cannot carry an
   * option's value.
   * @throws {RangeError} If `size`, `parts`, `partSize` or `expiresIn` is out of range.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * const file = new Blob([new Uint8Array(12_000_000)]);
   * const upload = await storage.uploads.create("film.mp4", { size: file.size, partSize: 5 * 1024 ** 2 });
   *
   * // In the browser:
   * const { urls, partSize } = upload;
   * const etags = await Promise.all(urls.map(async (url, i) => {
   *   const body = file.slice(i * partSize, (i + 1) * partSize);
   *   const response = await fetch(new Request(url, { method: "PUT", body }));
   *   return response.headers.get("etag")!;
   * }));
   *
   * await storage.uploads.complete("film.mp4", upload.uploadId, { etags });
   * assertEquals(await storage.size("film.mp4"), 12_000_000);
   * ```
   */
  create(name: string, options: MultipartUploadOptions): Promise<MultipartUpload>;

  /**
   * Completes a multipart upload, which publishes the file as a whole.
   *
   * @param name The file that the upload was created for.
   * @param uploadId The id of the upload.
   * @param options The ETags of the parts, the size that the file must have, and what happens if a file of that name exists.
   * @returns The stored file. Its size is unknown if only `etags` were given.
   * @throws {IntegrityError} If a part is missing, or the size differs. Without `etags`, a missing last part is only noticed
   * if `size` is given.
   * @throws {NotFoundError} If no such upload of that name exists. If it was already completed as this file, with the same
   * parts, the call succeeds.
   * @throws {AlreadyExistsError} If the name is taken, and `onExisting` is `"refuse"`. The upload stays open.
   * @throws {NotSupportedError} If `onExisting` is `"refuse"`, and the service ignores `If-None-Match` on completion.
   * @throws {TypeError} If an option is unknown, or an ETag is not a string, or is empty.
   * @throws {RangeError} If `size` is out of range, or `etags` is empty or longer than 10,000.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] });
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * const { uploadId, urls } = await storage.uploads.create("a.txt", { size: 16 });
   * await fetch(new Request(urls[0]!, { method: "PUT", body: "storage contents" }));
   *
   * const file = await storage.uploads.complete("a.txt", uploadId, { size: 16 });
   * assertEquals([file.name, file.etag], ["a.txt", (await storage.stat("a.txt")).etag]);
   * assertEquals(await storage.readText("a.txt"), "storage contents");
   * ```
   */
  complete(name: string, uploadId: string, options?: CompleteOptions): Promise<CompletedFile>;

  /**
   * Aborts a multipart upload, and deletes its uploaded parts. A part that is still being sent may be stored afterwards:
   * then abort the upload once more.
   *
   * @param name The file that the upload was created for.
   * @param uploadId The id of the upload.
   * @throws {NotFoundError} If no such upload of that name exists, or it has ended.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const server = createS3Server({ buckets: ["media"] });
   * const { fetch } = server;
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * const { uploadId } = await storage.uploads.create("film.mp4", { parts: 100 });
   * await storage.uploads.abort("film.mp4", uploadId);
   * assertEquals(server.openUploads("media"), []);
   * ```
   */
  abort(name: string, uploadId: string, options?: CallOptions): Promise<void>;

  /**
   * Lists the multipart uploads below the storage's `location` that are neither completed nor aborted, also those that `save`
   * is writing.
   *
   * IAM permission: `s3:ListBucketMultipartUploads` for the bucket.
   *
   * @param options The beginning of the names.
   * @returns The uploads in the order of the service, read page by page.
   * @throws {TypeError} If an option is unknown.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] });
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * const { uploadId } = await storage.uploads.create("film.mp4", { parts: 3 });
   * const uploads = await Array.fromAsync(storage.uploads.list());
   * assertEquals(uploads.map(({ name, uploadId }) => [name, uploadId]), [["film.mp4", uploadId]]);
   * ```
   */
  list(options?: ListUploadsOptions): AsyncIterable<IncompleteUpload>;

  /**
   * Aborts all multipart uploads below the storage's `location` that were created long ago and never ended, and so frees the
   * space of their parts. Browsers that left, killed processes and lost responses leave such uploads behind. Only their age
   * distinguishes them from uploads in progress.
   *
   * IAM permissions: `s3:ListBucketMultipartUploads` for the bucket, `s3:AbortMultipartUpload` for its objects.
   *
   * @param options The minimum age of an upload.
   * @returns The aborted uploads.
   * @throws {AggregateError} Of one error for each upload that could not be aborted, after all others were.
   * @throws {RangeError} If `olderThanSeconds` is not a number of 0 or more.
   * @throws {TypeError} If an option is unknown.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const server = createS3Server({ buckets: ["media"] });
   * const { fetch } = server;
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * await storage.uploads.create("film.mp4", { parts: 3 }); // for a browser that never returned
   *
   * assertEquals(await storage.uploads.abortIncomplete(), []); // younger than a day
   * const [upload] = await storage.uploads.abortIncomplete({ olderThanSeconds: 0 });
   * assertEquals([upload?.name, server.openUploads("media")], ["film.mp4", []]);
   * ```
   */
  abortIncomplete(options?: AbortIncompleteOptions): Promise<IncompleteUpload[]>;
}

/** The uploads of a storage. */
export function multipartUploads(run: RunOperation<typeof import("./operations.ts")>): MultipartUploads {
  return {
    create: (...args) => run("createDirectUpload", ...args),
    complete: (...args) => run("completeDirectUpload", ...args),
    abort: (...args) => run("abortDirectUpload", ...args),
    list: async function* (options): AsyncGenerator<IncompleteUpload> {
      yield* await run("listIncomplete", options);
    },
    abortIncomplete: (...args) => run("abortIncomplete", ...args),
  };
}
