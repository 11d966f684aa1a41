import {
  abortMultipartUpload,
  completeMultipartUpload,
  listParts,
  MAX_PARTS,
  type MultipartTarget,
  type UploadedPart,
} from "../../client/operations/multipart.ts";
import type { ObjectTarget } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { ConfigurationError, IntegrityError, isStorageError, NotSupportedError } from "../../errors.ts";
import { quotedETag } from "../../kit/text/etag.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkInteger } from "../../kit/values/integer.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { TRANSFER_CONFIG } from "../../settings/options.ts";
import { suggest } from "../../storage/content/file_type.ts";
import { checkFileName } from "../../storage/contract/names.ts";
import { CALL_OPTIONS } from "../../storage/checks/option_names.ts";
import type { CallOptions, FileAttributes, OnExisting } from "../../storage/contract/options.ts";
import type { SavedFile } from "../../storage/contract/saved_file.ts";
import { checkDescription } from "../../storage/files/lazy.ts";
import { abortUpload } from "../../transfer/write/abort_upload.ts";
import { completesUnderConditions } from "../../transfer/write/condition_support.ts";
import { alreadyExists, UNLESS_TAKEN } from "../../transfer/write/marked_write.ts";
import { beginUpload } from "../../transfer/write/multipart_upload.ts";
import { MAX_OBJECT_BYTES, partSizeForLength } from "../../transfer/write/part_size.ts";
import type { FileAccess } from "../file_access.ts";
import type { S3WriteOptions } from "../s3_options.ts";

/**
 * The options of a multipart upload: those of `save` that describe the file, and its size. Either `size` or `parts` is
 * required.
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
 * assertEquals((await storage.uploads.create("film.mp4", options)).urls.length, 4);
 * ```
 */
export interface MultipartUploadOptions
  extends CallOptions, FileAttributes, Omit<S3WriteOptions, "partSize" | "maxConcurrency"> {
  /** The file's size in bytes, 48.8 TiB at most. The part size grows if there would be more than 10,000 parts. */
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
   * @default {the storage's `querystringExpire`, at most 604800 with version 4 of the signature}
   */
  readonly expiresIn?: number | undefined;
}

export const CREATE_OPTIONS = [
  ...CALL_OPTIONS,
  "contentType",
  "contentEncoding",
  "cacheControl",
  "contentDisposition",
  "contentLanguage",
  "metadata",
  "storageClass",
  "acl",
  "tagging",
  "serverSideEncryption",
  "kmsKeyId",
  "objectParameters",
  "size",
  "parts",
  "partSize",
  "expiresIn",
] as const satisfies readonly (keyof MultipartUploadOptions)[];

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
 * const upload: MultipartUpload = await storage.uploads.create("film.mp4", { parts: 2 });
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
 * const { uploadId, urls } = await storage.uploads.create("a.txt", { size: 16 });
 * await fetch(new Request(urls[0]!, { method: "PUT", body: "storage" }));
 *
 * const options: CompleteOptions = { size: 16 };
 * await assertRejects(
 *   () => storage.uploads.complete("a.txt", uploadId, options),
 *   IntegrityError,
 *   "size must be 16 bytes, got 7",
 * );
 * ```
 */
export interface CompleteOptions extends CallOptions {
  /**
   * The `ETag` of the response to each part, in order, with or without quotes. By default S3 is asked for the parts that it
   * has: for browsers, which cannot read ETags unless the bucket's CORS rules expose them.
   */
  readonly etags?: readonly string[] | undefined;
  /**
   * The size in bytes that the file must have. If it is given, S3 is asked for the parts that it has, and their sizes are
   * compared before the file is published.
   */
  readonly size?: number | undefined;
  /**
   * What happens if a file of this name exists. An upload cannot get another name.
   * @default {"replace" if the storage's `fileOverwrite` is true; else "refuse"}
   */
  readonly onExisting?: Exclude<OnExisting, "rename"> | undefined;
}

export const COMPLETE_OPTIONS = [...CALL_OPTIONS, "etags", "size", "onExisting"] as const satisfies readonly (
  keyof CompleteOptions
)[];

/**
 * A file that a multipart upload has stored.
 *
 * @example
 * ```ts
 * import { type CompletedFile, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] });
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const { uploadId, urls } = await storage.uploads.create("a.txt", { size: 5 });
 * await fetch(new Request(urls[0]!, { method: "PUT", body: "hello" }));
 * const file: CompletedFile = await storage.uploads.complete("a.txt", uploadId);
 * assertEquals([file.name, file.size], ["a.txt", 5]);
 * ```
 */
export interface CompletedFile extends Omit<SavedFile, "size"> {
  /** The number of stored bytes; `undefined` if `complete` was called with `etags` and without `size`. */
  readonly size: number | undefined;
}

/** Creates a multipart upload, and signs a URL for each part. */
export async function createDirectUpload(
  { backend, keyOf, location }: FileAccess,
  name: string,
  options: MultipartUploadOptions,
): Promise<MultipartUpload> {
  const action = `Cannot upload '${name}'`;
  checkOptions(`upload '${name}'`, options, CREATE_OPTIONS);
  const { size: _size, parts: _parts, partSize: _partSize, expiresIn, ...writeOptions } = options;
  options.signal?.throwIfAborted();
  checkFileName(name);
  const key = keyOf(name);
  await checkDescription("upload", name, options);
  const plan = planParts(action, options, backend.client.settings.transferConfig.partSize);
  const target = backend.target(key, options); // checks the parameters
  const given = options.contentEncoding ?? options.objectParameters?.ContentEncoding ??
    backend.parametersOf(key).ContentEncoding;
  // The bytes that others will send are unknown, so no charset is.
  const suggested = suggest(name, undefined, options.contentType ? given ?? "" : given);
  const { headers } = backend.writeParameters(key, {
    ...writeOptions,
    // Parts are stored as others send them, without compression.
    contentEncoding: given ?? suggested.contentEncoding ?? "",
    onExisting: "replace",
    fallbackContentType: suggested.contentType,
  });
  if (target.parameters?.part["x-amz-server-side-encryption-customer-key"] !== undefined) {
    throw new ConfigurationError(`${action} by URLs of parts with SSECustomerKey: their users would need the key`);
  }
  const { client, urls } = backend;
  const credentials = await client.credentials(options.signal);
  const RequestPayer = target.parameters?.all["x-amz-request-payer"];
  const sign = (partNumber: number, UploadId: string): string => {
    const parameters = { PartNumber: String(partNumber), UploadId, RequestPayer };
    return urls.presigned(key, "PUT", { expiresIn, parameters, window: 0 }, credentials);
  };
  sign(1, "none"); // fails before the upload is created
  const uploadId = await beginUpload(client, target, headers);
  try {
    return {
      name: key.slice(location.length),
      uploadId,
      partSize: plan.partSize,
      urls: Array.from({ length: plan.parts }, (_, index) => sign(index + 1, uploadId)),
    };
  } catch (error) {
    await abortUpload(client, { ...target, uploadId });
    throw error;
  }
}

/** Completes a multipart upload, which publishes the file. */
export async function completeDirectUpload(
  { backend, keyOf, location, fileOverwrite }: FileAccess,
  name: string,
  uploadId: string,
  options: CompleteOptions = {},
): Promise<CompletedFile> {
  const action = `complete the upload of '${name}'`;
  checkOptions(action, options, COMPLETE_OPTIONS);
  const { signal, etags, size, onExisting = fileOverwrite ? "replace" : "refuse" } = options;
  checkUploadId(action, uploadId);
  if (onExisting !== "replace" && onExisting !== "refuse") {
    throw new TypeError(`Cannot ${action}: onExisting must be "replace" or "refuse", got ${formatValue(onExisting)}`);
  }
  if (size !== undefined) checkInteger(`Cannot ${action}: size`, size, 0, MAX_OBJECT_BYTES);
  const given = etags === undefined ? undefined : partsOf(action, etags);
  const target = { ...backend.writableTarget(keyOf(name), { signal }), uploadId };
  const { client } = backend;
  const replaces = onExisting === "replace";
  if (!replaces) await refuseUnsafe(client, target);
  const received = given !== undefined && size === undefined
    ? { parts: given, size: undefined }
    : await receivedParts(client, target, given, size);
  const headers = replaces ? {} : UNLESS_TAKEN;
  try {
    const stored = await completeMultipartUpload(client, { ...target, parts: received.parts, headers });
    return { name: target.key.slice(location.length), ...stored, size: received.size };
  } catch (error) {
    if (replaces || !isStorageError(error, "PreconditionFailed")) throw error;
    throw alreadyExists(target, error);
  }
}

/** Aborts a multipart upload, which deletes its parts. */
export async function abortDirectUpload(
  { backend, keyOf }: FileAccess,
  name: string,
  uploadId: string,
  options: CallOptions = {},
): Promise<void> {
  const action = `abort the upload of '${name}'`;
  checkOptions(action, options, CALL_OPTIONS);
  checkUploadId(action, uploadId);
  await abortMultipartUpload(backend.client, { ...backend.target(keyOf(name), options), uploadId });
}

/** @throws {NotSupportedError} If the service could replace an object that must not be replaced. */
async function refuseUnsafe(client: S3Client, target: ObjectTarget): Promise<void> {
  if (await completesUnderConditions(client, target)) return;
  const { bucket, key } = target;
  throw new NotSupportedError(
    `Cannot upload '${key}' in parts without the risk of overwriting a file: this service ignores If-None-Match on ` +
      "CompleteMultipartUpload. Use a unique name and onExisting 'replace'",
    { bucket, key },
  );
}

/** The number of parts, and their size. */
function planParts(
  action: string,
  { size, parts, partSize: wanted }: MultipartUploadOptions,
  configured: number,
): { readonly parts: number; readonly partSize: number } {
  if ((size === undefined) === (parts === undefined)) {
    throw new TypeError(`${action}: pass either size (in bytes) or parts (their number), not both`);
  }
  const { least, most } = TRANSFER_CONFIG.partSize;
  const leastSize = wanted ?? configured;
  checkInteger(`${action}: partSize`, leastSize, least, most);
  if (parts !== undefined) {
    checkInteger(`${action}: parts`, parts, 1, MAX_PARTS);
    return { parts, partSize: leastSize };
  }
  checkInteger(`${action}: size`, size, 0, MAX_OBJECT_BYTES);
  const partSize = partSizeForLength(size!, leastSize);
  return { parts: Math.max(1, Math.ceil(size! / partSize)), partSize };
}

/** The parts that S3 has received, and their total size. Checks that none is missing. */
async function receivedParts(
  client: S3Client,
  target: MultipartTarget,
  given: readonly UploadedPart[] | undefined,
  size: number | undefined,
): Promise<{ readonly parts: readonly UploadedPart[]; readonly size: number }> {
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
  return { parts: given ?? received, size: bytes };
}

function partsOf(action: string, etags: readonly string[]): UploadedPart[] {
  if (!Array.isArray(etags)) throw new TypeError(`Cannot ${action}: etags must be an array, got ${formatValue(etags)}`);
  checkInteger(`Cannot ${action}: the number of etags`, etags.length, 1, MAX_PARTS);
  return etags.map((etag: unknown, index) => {
    if (typeof etag === "string" && etag !== "") return { partNumber: index + 1, etag: quotedETag(etag) };
    throw new TypeError(
      `Cannot ${action}: the ETag of part ${index + 1} must be a string, got ${
        formatValue(etag)
      }. Browsers see ETags ` +
        "only if the bucket's CORS rules expose them; omit etags to ask S3 for them",
    );
  });
}

function checkUploadId(action: string, uploadId: unknown): void {
  if (typeof uploadId === "string" && uploadId !== "") return;
  throw new TypeError(`Cannot ${action}: uploadId must be the one from uploads.create(), got ${formatValue(uploadId)}`);
}
