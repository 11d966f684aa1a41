import { headObject, isWrittenBy, type ObjectTarget, putObject, WRITE_ID } from "../client/objects.ts";
import type { RequestHeaders } from "../client/request.ts";
import type { S3Client } from "../client/s3_client.ts";
import type { BodyChecks } from "../client/upload_checksum.ts";
import { AlreadyExistsError, isStorageError } from "../errors.ts";
import type { Bytes } from "../kit/bytes.ts";

/** What an object is written with. */
export interface WriteParameters extends BodyChecks {
  /** Headers that describe the object: content type, metadata, ACL and so on. */
  readonly headers: RequestHeaders;
  /** Whether an object of that key may be replaced. */
  readonly overwrite: boolean;
  /** The headers of other conditions on what there is. */
  readonly conditions?: RequestHeaders | undefined;
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

/** The header that makes a write fail where there is an object already. */
const UNLESS_TAKEN = { "if-none-match": "*" };

/**
 * Stores an object in one request.
 *
 * @throws {AlreadyExistsError} If there is one and it may not be replaced.
 */
export async function putWhole(
  client: S3Client,
  target: ObjectTarget,
  { headers, overwrite, conditions, onProgress, ...checks }: WriteParameters,
  body: Bytes | Blob,
): Promise<void> {
  const put = async (more: RequestHeaders): Promise<void> => {
    const answer = await putObject(client, { ...target, headers: { ...headers, ...more }, body, ...checks });
    if (checks.contentMd5 || (checks.checksumAlgorithm === undefined && comparesETags(client, body))) {
      await (await import("./etag_check.ts")).checkETag(client, target, answer, body);
    }
  };
  await writeObject(client, target, overwrite, async (condition) => {
    if (overwrite && conditions === undefined) return await put(condition);
    const writeId = crypto.randomUUID();
    try {
      await put({ ...condition, ...conditions, [WRITE_ID]: writeId });
    } catch (error) {
      // A request whose answer was lost is sent again, by Deno and Bun without a word: it fails on what it stored itself.
      if (!isStorageError(error, "PreconditionFailed")) throw error;
      if (await isWrittenBy(client, target, writeId)) return;
      // Ceph RGW knows ETags without quotes only.
      const bare = conditions?.["if-match"]?.replaceAll('"', "");
      if (bare === undefined || bare === conditions?.["if-match"]) throw error;
      await put({ ...condition, ...conditions, "if-match": bare, [WRITE_ID]: writeId });
    }
  });
  const bytes = body instanceof Blob ? body.size : body.byteLength;
  onProgress?.({ bytes, parts: 1, total: bytes });
}

/** Whether nothing but the ETag tells that bytes were stored as they were sent: what is not sent by TLS is signed. */
function comparesETags({ settings }: S3Client, body: Bytes | Blob): boolean {
  const { endpointUrl, requestChecksumCalculation } = settings;
  // A Blob would have to be read once more.
  return endpointUrl?.protocol === "https:" && requestChecksumCalculation !== "when_required" &&
    !(body instanceof Blob);
}

/**
 * Does the request that makes an object appear, under the condition that there is none unless it may be replaced.
 *
 * @param write Sends the request with the condition's headers.
 * @throws {AlreadyExistsError} If there is one and it may not be replaced.
 */
export async function writeObject(
  client: S3Client,
  target: ObjectTarget,
  overwrite: boolean,
  write: (condition: Record<string, string>) => Promise<void>,
): Promise<void> {
  if (overwrite) return await write({});
  try {
    await write(UNLESS_TAKEN);
  } catch (error) {
    if (isStorageError(error, "PreconditionFailed")) throw alreadyExists(target, error);
    if (!isStorageError(error, "NotSupported")) throw error;
    // A service that knows no conditional writes: look first, which leaves a race but overwrites nothing known.
    await refuseExisting(client, target);
    await write({});
  }
}

/** @throws {AlreadyExistsError} If there is an object of that key. */
export async function refuseExisting(client: S3Client, target: ObjectTarget): Promise<void> {
  try {
    await headObject(client, target);
  } catch (error) {
    if (isStorageError(error, "NotFound")) return;
    throw error;
  }
  throw alreadyExists(target);
}

function alreadyExists({ bucket, key }: ObjectTarget, cause?: unknown): AlreadyExistsError {
  return new AlreadyExistsError(`File exists already: ${key}`, { bucket, key, cause });
}
