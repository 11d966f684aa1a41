import {
  headObject,
  type ObjectTarget,
  type StoredVersion,
  versionOf,
  WRITE_ID,
} from "../../client/operations/objects.ts";
import type { RequestHeaders } from "../../client/request.ts";
import { CONFLICT, isTransient } from "../../client/recovery/transient.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { AlreadyExistsError, isStorageError, type StorageError } from "../../errors.ts";
import { quotedETag } from "../../kit/text/etag.ts";
import { cleanUp } from "../../kit/async/cleanup.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import { deleteExpected } from "./delete_expected.ts";
import type { PublishedVersion, SendWrite, WriteParameters } from "./write_parameters.ts";

/** The header that makes a write fail if the object exists. */
export const UNLESS_TAKEN: RequestHeaders = { "if-none-match": "*" };

/**
 * The time, in milliseconds, that an aborted write may continue before its connection is closed. If it were closed immediately,
 * the service could still store the object after the check for it.
 */
const GRACE_MILLISECONDS = 4000;

/**
 * Publishes an object whose metadata has a mark of this write, which distinguishes it from those of other writes:
 *
 * - A request whose response was lost is sent again, by Deno and Bun silently. It fails on the object that it stored itself.
 * - A write that was aborted, or whose bytes were damaged, may be stored: it is deleted, unless it replaced another object.
 *
 * @throws {AlreadyExistsError} If the object exists and may not be replaced.
 */
export async function publishMarked(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  writeId: string,
  send: SendWrite,
): Promise<PublishedVersion> {
  const { overwrite, conditions, identified } = parameters;
  let replaced = overwrite &&
    (conditions === undefined ? await isTaken(client, target) : conditions["if-none-match"] !== "*");
  const attempt = async (condition: RequestHeaders): Promise<PublishedVersion> => {
    const write = { client, target, writeId, replaced };
    const stored = identified ? await sendRevocably(write, send, condition) : await send(target, condition);
    return { ...stored, replaced, writeId };
  };
  const create = !overwrite || (conditions === undefined && !replaced);
  try {
    return await attempt(conditions ?? (create ? UNLESS_TAKEN : {}));
  } catch (error) {
    if (!isStorageError(error) || target.signal?.aborted) throw error;
    if (error.code === "NotSupported" && create) {
      // Without conditional writes, check first: a race remains, but no known object is overwritten.
      if (!overwrite) await refuseExisting(client, target);
      return await attempt({});
    }
    const isRefused = isRefusal(error);
    if (!isRefused && !mayBeStored(error)) throw error;
    const found = await findWritten(client, target, writeId).catch((cause) => {
      if (isRefused) throw cause;
    });
    if (found !== undefined) return { ...found, replaced, writeId };
    if (!isRefused || isConflict(error, overwrite && conditions === undefined)) throw error;
    if (!overwrite) throw alreadyExists(target, error);
    if (conditions === undefined) {
      replaced = true; // it was stored after the check
      return await attempt({});
    }
    // Ceph RGW accepts only ETags without quotes.
    const bare = conditions["if-match"]?.replaceAll('"', "");
    if (bare === undefined || bare === conditions["if-match"]) throw error;
    return await attempt({ ...conditions, "if-match": bare });
  }
}

/**
 * Whether a write met another one that is in progress, at each attempt. Then no file is known to exist.
 *
 * @param mayReplace Whether the write can do without its condition; an upload in parts has ended nevertheless.
 */
function isConflict({ s3Code, operation }: StorageError, mayReplace: boolean): boolean {
  return s3Code === CONFLICT && (!mayReplace || operation === "CompleteMultipartUpload");
}

/** A write that may have to be revoked. */
interface MarkedWrite {
  readonly client: S3Client;
  readonly target: ObjectTarget;
  readonly writeId: string;
  readonly replaced: boolean;
}

/** Sends a write. If the caller aborts it, or its bytes are stored damaged, the stored object is deleted. */
async function sendRevocably(write: MarkedWrite, send: SendWrite, condition: RequestHeaders): Promise<StoredVersion> {
  const { signal } = write.target;
  const stop = new AbortController();
  const sending = send({ ...write.target, signal: stop.signal, unsentSignal: signal }, condition);
  try {
    return await unlessAborted(signal, () => sending);
  } catch (error) {
    if (signal?.aborted) await cleanUp(revoke(write, sending, stop));
    else if (isStorageError(error, "Integrity")) await cleanUp(revoke(write, Promise.reject(error), stop));
    throw error;
  }
}

/** Waits for an aborted write, and deletes the object that it stored. */
async function revoke(
  { client, target, writeId, replaced }: MarkedWrite,
  sending: Promise<StoredVersion>,
  stop: AbortController,
): Promise<void> {
  const limit = setTimeout(() => stop.abort(), GRACE_MILLISECONDS);
  const withoutSignal = { ...target, signal: undefined };
  const stored = await sending.catch(() => undefined).finally(() => clearTimeout(limit)) ??
    await findWritten(client, withoutSignal, writeId);
  if (stored === undefined) return;
  // In a versioned bucket only the version is deleted, which restores the replaced object.
  if (replaced && stored.versionId === undefined) return;
  await deleteExpected(client, withoutSignal, { ...stored, writeId, replaced });
}

/** Finds the object, if the write with this mark stored it. */
async function findWritten(
  client: S3Client,
  target: ObjectTarget,
  writeId: string,
): Promise<StoredVersion | undefined> {
  const { unsentSignal: _, ...rest } = target;
  const request = { operation: "HeadObject", method: "HEAD", ...rest, headers: target.parameters?.read } as const;
  try {
    const headers = await client.send(request);
    if (headers.get(WRITE_ID) !== writeId) return undefined;
    return { etag: quotedETag(headers.get("etag") ?? ""), versionId: versionOf(headers) };
  } catch (error) {
    if (isStorageError(error, "NotFound") || isStorageError(error, "PermissionDenied")) return undefined;
    throw error;
  }
}

/** Whether the object may exist. */
async function isTaken(client: S3Client, target: ObjectTarget): Promise<boolean> {
  try {
    await headObject(client, target);
    return true;
  } catch (error) {
    if (isStorageError(error, "NotFound")) return false;
    // Without permission, or with another encryption key, the object may exist.
    if (!isStorageError(error) || isTransient(error)) throw error;
    return true;
  }
}

/** Whether a condition of the write does not hold: the object that its bytes are read from may have changed as well. */
function isRefusal({ code, operation = "GetObject" }: StorageError): boolean {
  return code === "PreconditionFailed" && operation !== "GetObject";
}

/** Whether a failed write may be stored nevertheless: a proxy may have responded in place of the service. */
function mayBeStored({ code, status = 0, s3Code }: StorageError): boolean {
  if (code === "Connection" || code === "Timeout") return true;
  return code === "Service" ? status >= 500 || s3Code === undefined : code === "Throttled" && s3Code === undefined;
}

/** @throws {AlreadyExistsError} If the object exists. */
export async function refuseExisting(client: S3Client, target: ObjectTarget): Promise<void> {
  try {
    await headObject(client, target);
  } catch (error) {
    if (isStorageError(error, "NotFound")) return;
    throw error;
  }
  throw alreadyExists(target);
}

/** The error for a write to a key that exists. */
export function alreadyExists({ bucket, key }: ObjectTarget, cause?: unknown): AlreadyExistsError {
  return new AlreadyExistsError(`File already exists: ${key}`, { bucket, key, cause });
}
