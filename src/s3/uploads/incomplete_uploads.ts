import { type ListedUpload, listUploads } from "../../client/operations/list_uploads.ts";
import { abortMultipartUpload } from "../../client/operations/multipart.ts";
import { isStorageError } from "../../errors.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { CALL_OPTIONS } from "../../storage/checks/option_names.ts";
import type { CallOptions } from "../../storage/contract/options.ts";
import type { FileAccess } from "../file_access.ts";
import { sharedParameters } from "../object_parameters.ts";

/** The default age, in seconds, after which an upload counts as abandoned: a day. */
const DEFAULT_AGE_SECONDS = 86_400;

/**
 * Which uploads are aborted.
 *
 * @example
 * ```ts
 * import { type AbortIncompleteOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] });
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const options: AbortIncompleteOptions = { olderThanSeconds: 7 * 86_400 };
 * assertEquals(await storage.uploads.abortIncomplete(options), []);
 * ```
 */
export interface AbortIncompleteOptions extends CallOptions {
  /**
   * The minimum age of an upload, in seconds by the clock of S3. Choose more than the longest upload takes.
   * @default {86400, which is a day}
   */
  readonly olderThanSeconds?: number | undefined;
  /**
   * Whether the uploads are only returned, and none is aborted.
   * @default {false}
   */
  readonly dryRun?: boolean | undefined;
}

export const ABORT_OPTIONS = [
  ...CALL_OPTIONS,
  "olderThanSeconds",
  "dryRun",
] as const satisfies readonly (keyof AbortIncompleteOptions)[];

/**
 * Which uploads are listed.
 *
 * @example
 * ```ts
 * import { type ListUploadsOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] });
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * await storage.uploads.create("films/1.mp4", { parts: 3 });
 * const options: ListUploadsOptions = { prefix: "images/" };
 * assertEquals(await Array.fromAsync(storage.uploads.list(options)), []);
 * ```
 */
export interface ListUploadsOptions extends CallOptions {
  /**
   * Only uploads of files whose names begin with this text.
   * @default {""}
   */
  readonly prefix?: string | undefined;
}

export const LIST_OPTIONS = [...CALL_OPTIONS, "prefix"] as const satisfies readonly (keyof ListUploadsOptions)[];

/**
 * A multipart upload that is neither completed nor aborted.
 *
 * @example
 * ```ts
 * import type { IncompleteUpload } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const upload: IncompleteUpload = {
 *   name: "film.mp4",
 *   key: "uploads/film.mp4",
 *   uploadId: "2~x",
 *   initiated: new Date(0),
 * };
 * assertEquals(upload.initiated.getTime(), 0);
 * ```
 */
export interface IncompleteUpload {
  /** The file's name, without the storage's location. Another program may have chosen one that no storage accepts. */
  readonly name: string;
  /** The key it is for, including the storage's location. */
  readonly key: string;
  /** The id of the upload. */
  readonly uploadId: string;
  /** When it was created; an invalid date if the service does not report it. */
  readonly initiated: Date;
}

/** Lists the uploads below the location. */
export async function* listIncomplete(
  files: FileAccess,
  options: ListUploadsOptions = {},
): AsyncGenerator<IncompleteUpload> {
  checkOptions("list uploads", options, LIST_OPTIONS);
  const { prefix = "", signal } = options;
  if (typeof prefix !== "string") {
    throw new TypeError(`Cannot list uploads: prefix must be a string, got ${formatValue(prefix)}`);
  }
  for await (const upload of uploadsBelow(files, prefix, signal)) yield publicPart(files, upload);
}

/** Aborts the uploads below the location that were created long ago. */
export async function abortIncomplete(
  files: FileAccess,
  options: AbortIncompleteOptions = {},
): Promise<IncompleteUpload[]> {
  checkOptions("abort incomplete uploads", options, ABORT_OPTIONS);
  const { olderThanSeconds = DEFAULT_AGE_SECONDS, dryRun = false, signal } = options;
  if (!(typeof olderThanSeconds === "number" && olderThanSeconds >= 0 && olderThanSeconds < Infinity)) {
    throw new RangeError(
      `Cannot abort incomplete uploads: olderThanSeconds must be a number of 0 or more, got ${
        formatValue(olderThanSeconds)
      }`,
    );
  }
  if (typeof dryRun !== "boolean") {
    throw new TypeError(`Cannot abort incomplete uploads: dryRun must be true or false, got ${formatValue(dryRun)}`);
  }
  const { client } = files.backend;
  const aborted: IncompleteUpload[] = [];
  const failures: Error[] = [];
  for await (const upload of uploadsBelow(files, "", signal)) {
    const { key, uploadId, ageSeconds } = upload;
    if (!(ageSeconds >= olderThanSeconds)) continue; // skips uploads without a date, whose age is unknown
    try {
      if (!dryRun) await abortMultipartUpload(client, { ...bucketOf(files), key, uploadId, signal });
      aborted.push(publicPart(files, upload));
    } catch (error) {
      if (!isStorageError(error)) throw error;
      if (error.code !== "NotFound") failures.push(error); // otherwise the upload ended meanwhile
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} uploads could not be aborted`);
  return aborted;
}

async function* uploadsBelow(
  files: FileAccess,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ListedUpload> {
  const { bucket, parameters } = bucketOf(files);
  const below = files.location + prefix;
  const listed = listUploads(files.backend.client, { bucket, prefix: below, headers: parameters.all, signal });
  // Not every service filters by prefix.
  for await (const upload of listed) if (upload.key.startsWith(below)) yield upload;
}

function bucketOf({ backend }: FileAccess): { bucket: string; parameters: ReturnType<typeof sharedParameters> } {
  return {
    bucket: backend.client.settings.bucketName,
    parameters: sharedParameters(backend.sharedObjectParameters()),
  };
}

function publicPart({ location }: FileAccess, { key, uploadId, initiated }: ListedUpload): IncompleteUpload {
  return { name: key.slice(location.length), key, uploadId, initiated };
}
