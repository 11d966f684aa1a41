import { headObject, type ObjectTarget, putObject } from "../client/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { AlreadyExistsError, isStorageError } from "../errors.ts";
import type { Bytes } from "../kit/bytes.ts";

/** What an object is written with. */
export interface WriteParameters {
  /** Headers that describe the object: content type, metadata, ACL and so on. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Whether an object of that key may be replaced. */
  readonly overwrite: boolean;
}

/** The header that makes a write fail where there is an object already. */
export function conditionHeaders({ overwrite }: WriteParameters): Record<string, string | undefined> {
  return { "if-none-match": overwrite ? undefined : "*" };
}

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
): Promise<void> {
  try {
    const headers = { ...parameters.headers, ...conditionHeaders(parameters) };
    await putObject(client, { ...target, headers, body });
  } catch (error) {
    if (!parameters.overwrite && isStorageError(error, "NotSupported")) {
      // A service that knows no conditional writes: look first, which leaves a race but overwrites nothing known.
      await refuseExisting(client, target);
      await putObject(client, { ...target, headers: parameters.headers, body });
      return;
    }
    throw explainCondition(error, target);
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

/** The failed condition of a write that must not replace anything says that there is something. */
export function explainCondition(error: unknown, target: ObjectTarget): unknown {
  return isStorageError(error, "PreconditionFailed") ? alreadyExists(target, error) : error;
}

function alreadyExists({ bucket, key }: ObjectTarget, cause?: unknown): AlreadyExistsError {
  return new AlreadyExistsError(`File exists already: ${key}`, { bucket, key, cause });
}
