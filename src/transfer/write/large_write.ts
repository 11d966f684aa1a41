import type { ObjectTarget } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { completesUnderConditions, unsafeWrite } from "./condition_support.ts";
import { MultipartUpload } from "./multipart_upload.ts";
import { MAX_PUT_BYTES, partSizeForLength } from "./part_size.ts";
import { publish, putWhole } from "./put.ts";
import type { PartPlan, WriteParameters, WrittenVersion } from "./write_parameters.ts";

/** How the parts of a stream are sent. */
export interface LargeWriteOptions {
  readonly maxConcurrency: number;
  /** Told what a part failed with, before anybody asks. */
  readonly onFailure: (reason: unknown) => void;
  /** Whether the stream can be kept until its end, to be sent in one request. */
  readonly mayBeWhole: boolean;
}

/**
 * Begins to upload a stream in parts; `undefined` where it has to go up in one request.
 *
 * @returns The upload, and where it goes: that may be another key, where the parameters have one.
 * @throws {NotSupportedError} If it may not replace an object, and there is no safe way for that.
 */
export async function beginLargeWrite(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  { maxConcurrency, onFailure, mayBeWhole }: LargeWriteOptions,
): Promise<Begun | undefined> {
  const goal = await targetInParts(client, target, parameters);
  if (goal === undefined) {
    if (mayBeWhole) return undefined;
    throw unsafeWrite(target);
  }
  const begin = (target: ObjectTarget): Promise<MultipartUpload> =>
    MultipartUpload.begin(client, target, parameters, maxConcurrency, onFailure);
  return await beginApart(goal, goal === target ? parameters.uniqueKey : undefined, begin);
}

/** An upload, and where it goes. */
interface Begun {
  readonly upload: MultipartUpload;
  readonly target: ObjectTarget;
}

/**
 * Begins an upload under a key that no other upload has. Of two writers of one key the second could not publish a stream
 * under another key once the stream is read, so each looks for the other as soon as it has begun.
 *
 * @param uniqueKey Makes the key to go to instead; `undefined` where there is no other.
 */
async function beginApart(
  target: ObjectTarget,
  uniqueKey: WriteParameters["uniqueKey"],
  begin: (target: ObjectTarget) => Promise<MultipartUpload>,
): Promise<Begun> {
  const upload = await begin(target);
  if (uniqueKey === undefined) return { upload, target };
  try {
    if (!await upload.isContested()) return { upload, target };
  } catch (error) {
    await upload.abort();
    throw error;
  }
  await upload.abort();
  const apart = { ...target, key: await uniqueKey() };
  return { upload: await begin(apart), target: apart };
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
  // By its own name, where that can be done in one request.
  const goal = await targetInParts(client, target, isTooLarge ? parameters : { ...parameters, uniqueKey: undefined });
  if (goal === undefined) {
    if (isTooLarge) throw unsafeWrite(target);
    return await putWhole(client, target, parameters, body);
  }
  const { upload, target: begun } = await beginApart(
    goal,
    goal === target ? parameters.uniqueKey : undefined,
    (target) => MultipartUpload.begin(client, target, { ...parameters, total: length }, plan.maxConcurrency),
  );
  try {
    const partSize = partSizeForLength(length, plan.partSize);
    for (let start = 0; start < length; start += partSize) {
      const end = Math.min(start + partSize, length);
      await upload.add(body instanceof Blob ? body.slice(start, end) : body.subarray(start, end));
    }
    return await completeUpload(client, begun, parameters, upload);
  } catch (error) {
    await upload.abort();
    throw error;
  }
}

/** Publishes an upload whose last part was added. */
export async function completeUpload(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  upload: MultipartUpload,
): Promise<WrittenVersion> {
  await upload.arrive();
  const { writeId } = upload;
  const written = await publish(
    client,
    target,
    parameters,
    writeId,
    (target, condition) => upload.complete(target, condition),
  );
  upload.reportEnd();
  return written;
}

/**
 * Where an object goes that is uploaded in parts; `undefined` where it must go up in one request, as the service honours
 * conditions on that alone.
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
