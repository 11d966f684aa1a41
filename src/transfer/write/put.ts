import { type ObjectTarget, putObject, versionOf, WRITE_ID } from "../../client/operations/objects.ts";
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
  const written = await publish(client, target, parameters, writeId, async (target, condition) => {
    const sent = { ...headers, ...condition, [WRITE_ID]: writeId };
    const response = await putObject(client, { ...target, headers: sent, body, checksumAlgorithm, contentMd5 });
    if (contentMd5 || comparesETags(client, checksumAlgorithm ?? body)) {
      etags ??= await import("./etag_check.ts"); // kept, as to import it again takes longer than to hash a small object
      await etags.checkETag(client, target, response, body);
    }
    return { etag: quotedETag(response.get("etag")!), versionId: versionOf(response) };
  });
  const bytes = body instanceof Blob ? body.size : body.byteLength;
  onProgress?.({ bytes, parts: 1, total: bytes });
  return { ...written, size: bytes };
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
 * @param writeId The mark of the object; `undefined` if it may replace any object.
 * @throws {AlreadyExistsError} If the object exists and may not be replaced.
 */
export async function publish(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  writeId: string | undefined,
  send: SendWrite,
): Promise<PublishedVersion> {
  if (writeId === undefined) return { ...await send(target, {}), replaced: true };
  // Loaded on demand: most writes may replace any object.
  const { publishMarked } = await import("./marked_write.ts");
  return await publishMarked(client, target, parameters, writeId, send);
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
