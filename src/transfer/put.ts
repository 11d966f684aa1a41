import { type ObjectTarget, putObject, type StoredVersion, versionOf, WRITE_ID } from "../client/objects.ts";
import type { RequestHeaders } from "../client/request.ts";
import type { S3Client } from "../client/s3_client.ts";
import type { BodyChecks } from "../client/upload_checksum.ts";
import type { Bytes } from "../kit/bytes.ts";
import { quotedETag } from "../kit/etag.ts";

/** What an object is written with. */
export interface WriteParameters extends BodyChecks {
  /** Headers that describe the object: content type, metadata, ACL and so on. */
  readonly headers: RequestHeaders;
  /** Whether an object of that key may be replaced. */
  readonly overwrite: boolean;
  /** The headers of other conditions on what there is. */
  readonly conditions?: RequestHeaders | undefined;
  /** Whether the caller may remove what was written: see `ObjectWriteOptions` of the storage. */
  readonly identified?: boolean | undefined;
  /** Gives a key that no other writer chooses, where the object may go to another one. */
  readonly uniqueKey?: (() => Promise<string>) | undefined;
  /** Is told how far it has come. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** How many bytes there are, where that is known before they are read. */
  readonly total?: number | undefined;
}

/** How far an upload has come: bytes and parts that have arrived, and how many bytes there are, as far as it is known. */
export interface UploadProgress {
  readonly bytes: number;
  readonly parts: number;
  readonly total: number | undefined;
}

/** What is known of an object that was written. */
export interface WrittenVersion extends StoredVersion {
  /** Whether it replaced another one, or may have done so. */
  readonly replaced: boolean;
  /** The mark of the write in the object's metadata, where it has one. */
  readonly writeId?: string | undefined;
}

/**
 * Sends the request that makes an object appear.
 *
 * @param target Where to; its signals are those of this request.
 * @param condition Further headers: the condition that it appears under.
 */
export type SendWrite = (target: ObjectTarget, condition: RequestHeaders) => Promise<StoredVersion>;

/**
 * Stores an object in one request.
 *
 * @throws {AlreadyExistsError} If there is one and it may not be replaced.
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
    const answer = await putObject(client, { ...target, headers: sent, body, checksumAlgorithm, contentMd5 });
    if (contentMd5 || (checksumAlgorithm === undefined && comparesETags(client, body))) {
      await (await import("./etag_check.ts")).checkETag(client, target, answer, body);
    }
    return { etag: quotedETag(answer.get("etag")!), versionId: versionOf(answer) };
  });
  const bytes = body instanceof Blob ? body.size : body.byteLength;
  onProgress?.({ bytes, parts: 1, total: bytes });
  return written;
}

/**
 * The mark of a write, in the metadata of what it stores: tells that from what any other write has stored. Only a write
 * that may fail on its own first try, or be taken back, needs one.
 */
export function newWriteId({ overwrite, conditions, identified }: WriteParameters): string | undefined {
  return overwrite && conditions === undefined && !identified ? undefined : crypto.randomUUID();
}

/**
 * Makes an object appear under the condition that its parameters ask for.
 *
 * @param writeId The mark that it will have; `undefined` where it may replace whatever is there.
 * @throws {AlreadyExistsError} If there is one and it may not be replaced.
 */
export async function publish(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  writeId: string | undefined,
  send: SendWrite,
): Promise<WrittenVersion> {
  if (writeId === undefined) return { ...await send(target, {}), replaced: true };
  // Loaded on demand: most writes may replace what is there.
  const { publishMarked } = await import("./marked_write.ts");
  return await publishMarked(client, target, parameters, writeId, send);
}

/** Whether nothing but the ETag tells that bytes were stored as they were sent: what is not sent by TLS is signed. */
function comparesETags({ settings }: S3Client, body: Bytes | Blob): boolean {
  const { endpointUrl, requestChecksumCalculation } = settings;
  // A Blob would have to be read once more.
  return endpointUrl?.protocol === "https:" && requestChecksumCalculation !== "when_required" &&
    !(body instanceof Blob);
}
