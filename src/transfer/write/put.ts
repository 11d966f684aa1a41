import {
  type ObjectTarget,
  putObject,
  type StoredVersion,
  versionOf,
  WRITE_ID,
} from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import type { Bytes } from "../../kit/bytes/bytes.ts";
import { quotedETag } from "../../kit/text/etag.ts";
import type { PublishedVersion, SendWrite, WriteParameters, WrittenVersion } from "./write_parameters.ts";

/** Loaded on demand: most servers compare checksums. */
let etags: typeof import("./etag_check.ts") | undefined;

/**
 * Stores an object in one request.
 *
 * @throws {AlreadyExistsError} If the object exists and may not be replaced.
 */
export async function putWhole(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  body: Bytes | Blob,
): Promise<WrittenVersion> {
  const { headers, onProgress, checksumAlgorithm, contentMd5 } = parameters;
  const writeId = newWriteId(parameters);
  const send: SendWrite = async (target, condition) => {
    const sent = Object.assign({}, headers, condition, { [WRITE_ID]: writeId }); // on Node 20, spreading takes longer
    const response = await putObject(client, { body, checksumAlgorithm, contentMd5, ...target, headers: sent });
    if (contentMd5 || comparesETags(client, checksumAlgorithm ?? body)) {
      etags ??= await import("./etag_check.ts"); // kept, as to import it again takes longer than to hash a small object
      await etags.checkETag(client, target, response, body);
    }
    return { etag: quotedETag(response.get("etag")!), versionId: versionOf(response) };
  };
  const { etag, versionId, replaced = true } = await publish(client, target, parameters, writeId, send);
  const size = body instanceof Blob ? body.size : body.byteLength;
  onProgress?.({ bytes: size, parts: 1, total: size });
  return { etag, versionId, replaced, size, writeId };
}

/**
 * Creates the mark of a write for the metadata of its object, which distinguishes it from those of other writes. Only a write
 * that may fail on its own first attempt, or be revoked, needs one.
 */
export function newWriteId({ overwrite, conditions, identified }: WriteParameters): string | undefined {
  return overwrite && conditions === undefined && !identified ? undefined : crypto.randomUUID();
}

/**
 * Publishes an object under the condition of its parameters.
 *
 * @param writeId The mark of the object; `undefined` if it may replace any object. Then it may have replaced one.
 * @throws {AlreadyExistsError} If the object exists and may not be replaced.
 */
export function publish(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  writeId: string | undefined,
  send: SendWrite,
): Promise<StoredVersion & Partial<PublishedVersion>> {
  if (writeId === undefined) return send(target, {});
  // Loaded on demand: most writes may replace any object.
  return import("./marked_write.ts").then((marked) => marked.publishMarked(client, target, parameters, writeId, send));
}

/**
 * Whether only the ETag may show that the bytes were stored as they were sent: without TLS they may be damaged on the way, and
 * not every server compares them with the signed hash.
 *
 * @param check The bytes, or the checksum that the server compares.
 */
function comparesETags({ settings }: S3Client, check: Bytes | Blob | string): boolean {
  const { endpointUrl, requestChecksumCalculation } = settings;
  // With TLS a Blob is not worth reading again.
  return requestChecksumCalculation !== "when_required" &&
    (endpointUrl?.protocol === "http:" || (endpointUrl !== undefined && check instanceof Uint8Array));
}
