import {
  abortMultipartUpload,
  completeMultipartUpload,
  listParts,
  MAX_PARTS,
  type MultipartTarget,
  type UploadedPart,
} from "../client/operations/multipart.ts";
import type { ObjectTarget } from "../client/operations/objects.ts";
import type { RequestHeaders } from "../client/request.ts";
import type { S3Client } from "../client/s3_client.ts";
import { ConfigurationError, IntegrityError, isStorageError, NotSupportedError } from "../errors.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkInteger } from "../kit/values/integer.ts";
import { TRANSFER_CONFIG } from "../settings/options.ts";
import type { CallOptions, OnExisting, WriteOptions } from "../storage/contract/options.ts";
import { abortUpload } from "../transfer/write/abort_upload.ts";
import { beginUpload } from "../transfer/write/multipart_upload.ts";
import { MAX_OBJECT_BYTES, partSizeForLength } from "../transfer/write/part_size.ts";
import { completesUnderConditions } from "../transfer/write/condition_support.ts";
import { alreadyExists, UNLESS_TAKEN } from "../transfer/write/marked_write.ts";
import type { ObjectUrls } from "./object_urls.ts";

/**
 * The options of a multipart upload. Either `size` or `parts` is required.
 *
 * @example
 * ```ts
 * import { type MultipartUploadOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] });
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const options: MultipartUploadOptions = { size: 20_000_000, partSize: 6_000_000, contentType: "video/mp4" };
 * assertEquals((await storage.createMultipartUpload("film.mp4", options)).urls.length, 4);
 * ```
 */
export interface MultipartUploadOptions
  extends Omit<WriteOptions, "onExisting" | "ifMatch" | "ifNoneMatch" | "onProgress" | "deleteOnAbort"> {
  /** The file's size in bytes, 5 TiB at most. The part size grows if there would be more than 10,000 parts. */
  readonly size?: number | undefined;
  /** The number of parts, from 1 to 10,000, if the size is unknown. */
  readonly parts?: number | undefined;
  /**
   * The size of each part except the last, in bytes, from 5 MiB to 5 GiB.
   * @default {the storage's `transferConfig.partSize`}
   */
  readonly partSize?: number | undefined;
  /**
   * Seconds for which the URLs are valid: each part must start within this time.
   * @default {the storage's `querystringExpire`}
   */
  readonly expiresIn?: number | undefined;
}

/**
 * A multipart upload that was created. It contains no credentials, and can be sent to a browser as JSON.
 *
 * @example
 * ```ts
 * import { type MultipartUpload, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] });
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const upload: MultipartUpload = await storage.createMultipartUpload("film.mp4", { parts: 2 });
 * assertEquals([upload.partSize, upload.urls.length], [8388608, 2]);
 * ```
 */
export interface MultipartUpload {
  /** The file's name, without the location. */
  readonly name: string;
  /** The id of the upload, to complete or abort it. */
  readonly uploadId: string;
  /** The size in bytes of each part except the last: where to split the file. */
  readonly partSize: number;
  /** The URL to PUT each part to, in order. */
  readonly urls: readonly string[];
}

/**
 * How a multipart upload is completed.
 *
 * @example
 * ```ts
 * import { type CompleteOptions, IntegrityError, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertRejects } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] });
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const { uploadId, urls } = await storage.createMultipartUpload("a.txt", { size: 16 });
 * await fetch(new Request(urls[0]!, { method: "PUT", body: "storage" }));
 *
 * const options: CompleteOptions = { size: 16 };
 * await assertRejects(
 *   () => storage.completeMultipartUpload("a.txt", uploadId, undefined, options),
 *   IntegrityError,
 *   "size must be 16 bytes, got 7",
 * );
 * ```
 */
export interface CompleteOptions extends CallOptions {
  /**
   * What happens if a file of this name exists. The name of an upload cannot change any longer.
   * @default {"replace" if the storage's `fileOverwrite` is true; else "refuse"}
   */
  readonly onExisting?: Exclude<OnExisting, "rename"> | undefined;
  /** The size in bytes that the file must have. If it is given, the uploaded parts are listed first to check it. */
  readonly size?: number | undefined;
}

/**
 * Creates a multipart upload, and signs a URL for each part.
 *
 * @throws {TypeError} If neither `size` nor `parts` is given, or both are.
 * @throws {RangeError} If a size or a number is out of range.
 * @throws {ConfigurationError} If the URLs cannot be signed, or SSECustomerKey is configured.
 */
export async function createDirectUpload(
  client: S3Client,
  urls: ObjectUrls,
  target: ObjectTarget,
  headers: RequestHeaders,
  options: MultipartUploadOptions,
): Promise<Omit<MultipartUpload, "name">> {
  const { parts, partSize } = planParts(options, client.settings.transferConfig.partSize);
  if (target.parameters?.part["x-amz-server-side-encryption-customer-key"] !== undefined) {
    throw new ConfigurationError("Cannot sign URLs for parts with SSECustomerKey: their users would need the key");
  }
  const credentials = await client.credentials(options.signal);
  const sign = (partNumber: number, UploadId: string): string => {
    const parameters = { PartNumber: String(partNumber), UploadId };
    return urls.presigned(target.key, "PUT", { ...options, parameters, window: 0 }, credentials);
  };
  sign(1, "none"); // fails before the upload is created
  const uploadId = await beginUpload(client, target, headers);
  try {
    return { uploadId, partSize, urls: Array.from({ length: parts }, (_, index) => sign(index + 1, uploadId)) };
  } catch (error) {
    await abortUpload(client, { ...target, uploadId });
    throw error;
  }
}

/**
 * Completes a multipart upload, which publishes the file.
 *
 * @param etags The ETag of each part, in order; by default S3 is asked for them.
 * @throws {IntegrityError} If a part is missing, or the parts together do not have the given size.
 */
export async function completeDirectUpload(
  client: S3Client,
  target: MultipartTarget,
  etags: readonly string[] | undefined,
  size: number | undefined,
  overwrite: boolean,
): Promise<void> {
  checkUploadId(target.uploadId);
  if (!overwrite) await refuseUnsafe(client, target);
  if (size !== undefined) checkInteger("size", size, 0, MAX_OBJECT_BYTES);
  const given = etags === undefined ? undefined : partsOf(etags);
  const parts = given !== undefined && size === undefined ? given : await receivedParts(client, target, given, size);
  try {
    await completeMultipartUpload(client, { ...target, parts, headers: overwrite ? {} : UNLESS_TAKEN });
  } catch (error) {
    if (overwrite || !isStorageError(error, "PreconditionFailed")) throw error;
    throw alreadyExists(target, error);
  }
}

/** @throws {NotSupportedError} If the service could replace an object that must not be replaced. */
async function refuseUnsafe(client: S3Client, target: ObjectTarget): Promise<void> {
  if (await completesUnderConditions(client, target)) return;
  const { bucket, key } = target;
  throw new NotSupportedError(
    `Cannot upload '${key}' in parts without the risk of overwriting a file: this service ignores If-None-Match on ` +
      'CompleteMultipartUpload. Use a unique name and onExisting "replace"',
    { bucket, key },
  );
}

/** Aborts a multipart upload, which deletes its parts. */
export async function abortDirectUpload(client: S3Client, target: MultipartTarget): Promise<void> {
  checkUploadId(target.uploadId);
  await abortMultipartUpload(client, target);
}

/** The number of parts, and their size. */
function planParts(
  { size, parts, partSize: wanted }: MultipartUploadOptions,
  configured: number,
): { readonly parts: number; readonly partSize: number } {
  if ((size === undefined) === (parts === undefined)) {
    throw new TypeError(
      "Cannot create a multipart upload: pass either size (in bytes) or parts (their number), not both",
    );
  }
  const { least, most } = TRANSFER_CONFIG.partSize;
  const leastSize = wanted ?? configured;
  checkInteger("partSize", leastSize, least, most);
  if (parts !== undefined) {
    checkInteger("parts", parts, 1, MAX_PARTS);
    return { parts, partSize: leastSize };
  }
  checkInteger("size", size, 0, MAX_OBJECT_BYTES);
  const partSize = partSizeForLength(size!, leastSize);
  return { parts: Math.max(1, Math.ceil(size! / partSize)), partSize };
}

/** The parts that S3 has received. Checks that none is missing, and their total size. */
async function receivedParts(
  client: S3Client,
  target: MultipartTarget,
  given: readonly UploadedPart[] | undefined,
  size: number | undefined,
): Promise<readonly UploadedPart[]> {
  const received = await listParts(client, target);
  const { bucket, key } = target;
  const missing = received.findIndex(({ partNumber }, index) => partNumber !== index + 1);
  if (missing !== -1 || received.length === 0) {
    const number = Math.max(missing, 0) + 1;
    throw new IntegrityError(`Cannot complete the upload of '${key}': part ${number} is missing`, { bucket, key });
  }
  const bytes = received.reduce((sum, part) => sum + part.size, 0);
  if (size !== undefined && bytes !== size) {
    throw new IntegrityError(
      `Cannot complete the upload of '${key}': size must be ${size} bytes, got ${bytes}`,
      { bucket, key },
    );
  }
  return given ?? received;
}

function partsOf(etags: readonly string[]): UploadedPart[] {
  if (!Array.isArray(etags)) throw new TypeError(`etags must be an array, got ${formatValue(etags)}`);
  checkInteger("The number of etags", etags.length, 1, MAX_PARTS);
  return etags.map((etag: unknown, index) => {
    if (typeof etag === "string" && etag !== "") return { partNumber: index + 1, etag };
    throw new TypeError(
      `The ETag of part ${index + 1} must be a string, got ${
        formatValue(etag)
      }. Browsers see ETags only if the bucket's CORS ` +
        "rules expose them; omit etags to ask S3 for them",
    );
  });
}

function checkUploadId(uploadId: unknown): void {
  if (typeof uploadId === "string" && uploadId !== "") return;
  throw new TypeError(`uploadId must be the one from createMultipartUpload(), got ${formatValue(uploadId)}`);
}
