import { listUploads } from "../client/operations/list_uploads.ts";
import { abortMultipartUpload } from "../client/operations/multipart.ts";
import type { ObjectTarget } from "../client/operations/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { isStorageError } from "../errors.ts";
import type { CallOptions } from "../storage/contract/options.ts";

/** The default age, in seconds, after which an upload counts as abandoned: a day. */
const DEFAULT_AGE_SECONDS = 86_400;

/**
 * Which uploads are aborted.
 *
 * @example
 * ```ts
 * import { type IncompleteUploadOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] });
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const options: IncompleteUploadOptions = { olderThanSeconds: 7 * 86_400 };
 * assertEquals(await storage.abortIncompleteUploads(options), []);
 * ```
 */
export interface IncompleteUploadOptions extends CallOptions {
  /**
   * The minimum age of an upload, in seconds by the clock of S3. Choose more than the longest upload takes.
   * @default {86400, which is a day}
   */
  readonly olderThanSeconds?: number | undefined;
}

/**
 * An upload that was aborted.
 *
 * @example
 * ```ts
 * import type { IncompleteUpload } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const upload: IncompleteUpload = { key: "uploads/film.mp4", uploadId: "2~x", initiated: new Date(0) };
 * assertEquals(upload.initiated.getTime(), 0);
 * ```
 */
export interface IncompleteUpload {
  /** The key it was for, including the storage's location. */
  readonly key: string;
  /** The id of the upload. */
  readonly uploadId: string;
  /** When it was created. */
  readonly initiated: Date;
}

/** Aborts the uploads below a prefix that were created long ago. */
export async function abortIncomplete(
  client: S3Client,
  { key: prefix, ...target }: ObjectTarget,
  { olderThanSeconds = DEFAULT_AGE_SECONDS }: IncompleteUploadOptions,
): Promise<IncompleteUpload[]> {
  if (!(olderThanSeconds >= 0 && olderThanSeconds < Infinity)) {
    throw new RangeError(`olderThanSeconds must be a number of 0 or more, got ${olderThanSeconds}`);
  }
  const { bucket, signal, parameters } = target;
  const aborted: IncompleteUpload[] = [];
  const failures: Error[] = [];
  for await (
    const { ageSeconds, ...upload } of listUploads(client, { bucket, prefix, headers: parameters?.all, signal })
  ) {
    // Skips uploads without a date, whose age is unknown. Not every service filters by prefix.
    if (!(ageSeconds >= olderThanSeconds) || !upload.key.startsWith(prefix)) continue;
    try {
      await abortMultipartUpload(client, { ...target, key: upload.key, uploadId: upload.uploadId });
      aborted.push(upload);
    } catch (error) {
      if (!isStorageError(error)) throw error;
      if (error.code !== "NotFound") failures.push(error); // otherwise the upload ended meanwhile
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} uploads could not be aborted`);
  return aborted;
}
