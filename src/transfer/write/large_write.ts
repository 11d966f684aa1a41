import type { ObjectTarget } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { CONFLICT } from "../../client/recovery/transient.ts";
import { isStorageError } from "../../errors.ts";
import { completesUnderConditions, noSafeWrite } from "./condition_support.ts";
import { MultipartUpload } from "./multipart_upload.ts";
import { MAX_PUT_BYTES, partSizeForLength } from "./part_size.ts";
import { publish, putWhole } from "./put.ts";
import type { PartPlan, WriteParameters, WrittenVersion } from "./write_parameters.ts";

/** The most uploads of the same bytes that meet another write when they are completed. */
const MAX_CONFLICTS = 3;

/** Options for the upload of a stream in parts. */
export interface LargeWriteOptions {
  readonly maxConcurrency: number;
  /** Called with the error of a part as soon as it fails. */
  readonly onFailure: (reason: unknown) => void;
  /** Whether the whole stream can be stored first, to be sent in one request. */
  readonly mayBeWhole: boolean;
}

/**
 * Begins to upload a stream in parts; `undefined` if it has to be uploaded in one request.
 *
 * @returns The upload and its target, which may have another key if the parameters provide one.
 * @throws {NotSupportedError} If no object may be replaced, and the service has no safe way for that.
 */
export async function beginLargeWrite(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  { maxConcurrency, onFailure, mayBeWhole }: LargeWriteOptions,
): Promise<BegunUpload | undefined> {
  const partsTarget = await targetInParts(client, target, parameters);
  if (partsTarget === undefined) {
    if (mayBeWhole) return undefined;
    throw noSafeWrite(target);
  }
  const begin = (target: ObjectTarget): Promise<MultipartUpload> =>
    MultipartUpload.begin(client, target, parameters, maxConcurrency, onFailure);
  return await beginExclusive(partsTarget, partsTarget === target ? parameters.uniqueKey : undefined, begin);
}

/** An upload and its target. */
interface BegunUpload {
  readonly upload: MultipartUpload;
  readonly target: ObjectTarget;
}

/**
 * Begins an upload under a key that no other upload has. The second of two writers of one key could not publish its stream
 * under another key once the stream is read, so each looks for the other as soon as it has begun.
 *
 * @param uniqueKey Creates the key to use instead; `undefined` if there is none.
 */
async function beginExclusive(
  target: ObjectTarget,
  uniqueKey: WriteParameters["uniqueKey"],
  begin: (target: ObjectTarget) => Promise<MultipartUpload>,
): Promise<BegunUpload> {
  const upload = await begin(target);
  if (uniqueKey === undefined) return { upload, target };
  try {
    if (!await upload.isContested()) return { upload, target };
  } catch (error) {
    await upload.abort();
    throw error;
  }
  await upload.abort();
  const unique = { ...target, key: await uniqueKey() };
  return { upload: await begin(unique), target: unique };
}

/** Writes an object of more than one part from a Blob or an array. */
export async function writeLarge(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  plan: PartPlan,
  body: Blob | Uint8Array<ArrayBuffer>,
): Promise<WrittenVersion> {
  const length = body instanceof Blob ? body.size : body.byteLength;
  const isTooLarge = length > MAX_PUT_BYTES;
  // Under the original key, if one request suffices.
  const partsTarget = await targetInParts(
    client,
    target,
    isTooLarge ? parameters : { ...parameters, uniqueKey: undefined },
  );
  if (partsTarget === undefined) {
    if (isTooLarge) throw noSafeWrite(target);
    return await putWhole(client, target, parameters, body);
  }
  for (let conflicts = 0;;) {
    const { upload, target: begun } = await beginExclusive(
      partsTarget,
      partsTarget === target ? parameters.uniqueKey : undefined,
      (target) => MultipartUpload.begin(client, target, { ...parameters, total: length }, plan.maxConcurrency),
    );
    try {
      await addParts(upload, body, partSizeForLength(length, plan.partSize));
      return await completeUpload(client, begun, parameters, upload);
    } catch (error) {
      await upload.abort();
      // S3 has ended the upload, and its bytes are still here.
      if (!isStorageError(error) || error.s3Code !== CONFLICT || ++conflicts === MAX_CONFLICTS) throw error;
    }
  }
}

/** Sends the bytes in parts. */
async function addParts(
  upload: MultipartUpload,
  body: Blob | Uint8Array<ArrayBuffer>,
  partSize: number,
): Promise<void> {
  const length = body instanceof Blob ? body.size : body.byteLength;
  for (let start = 0; start < length; start += partSize) {
    const end = Math.min(start + partSize, length);
    await upload.add(body instanceof Blob ? body.slice(start, end) : body.subarray(start, end));
  }
}

/** Completes an upload after its last part was added. */
export async function completeUpload(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  upload: MultipartUpload,
): Promise<WrittenVersion> {
  await upload.settle();
  const { writeId } = upload;
  const { replaced = true, ...written } = await publish(
    client,
    target,
    parameters,
    writeId,
    (target, condition) => upload.complete(target, condition),
  );
  upload.reportEnd();
  return { ...written, replaced, size: upload.bytes };
}

/**
 * The target of an object that is uploaded in parts; `undefined` if it must be uploaded in one request, as the service
 * honours conditions only there.
 */
async function targetInParts(
  client: S3Client,
  target: ObjectTarget,
  { overwrite, conditions, uniqueKey }: WriteParameters,
): Promise<ObjectTarget | undefined> {
  if (overwrite && conditions === undefined) return target;
  if (await completesUnderConditions(client, target)) return target;
  return uniqueKey && { ...target, key: await uniqueKey() };
}
