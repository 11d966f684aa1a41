import {
  headObject,
  type ObjectTarget,
  type StoredVersion,
  versionOf,
  WRITE_ID,
} from "../../client/operations/objects.ts";
import type { RequestHeaders } from "../../client/request.ts";
import { isPassing } from "../../client/retry.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { AlreadyExistsError, isStorageError, type StorageError } from "../../errors.ts";
import { quotedETag } from "../../kit/text/etag.ts";
import { cleanUp } from "../../kit/async/cleanup.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import { removeExpected } from "./remove_expected.ts";
import type { SendWrite, WriteParameters, WrittenVersion } from "./write_parameters.ts";

/** The header that makes a write fail where there is an object already. */
export const UNLESS_TAKEN: RequestHeaders = { "if-none-match": "*" };

/**
 * How long an aborted write is waited for, in milliseconds, before its connection is cut. Cut off at once, it could be
 * carried out after it was looked for.
 */
const GRACE_MILLISECONDS = 4000;

/**
 * Makes an object appear whose metadata has a mark of this write, so that it can be told from others:
 *
 * - A request whose answer was lost is sent again, by Deno and Bun without a word. It fails on what it has stored itself.
 * - A write that was aborted, or whose bytes were stored damaged, may be there: it is removed, unless it replaced another.
 *
 * @throws {AlreadyExistsError} If there is one and it may not be replaced.
 */
export async function publishMarked(
  client: S3Client,
  target: ObjectTarget,
  parameters: WriteParameters,
  writeId: string,
  send: SendWrite,
): Promise<WrittenVersion> {
  const { overwrite, conditions, identified } = parameters;
  let replaced = overwrite &&
    (conditions === undefined ? await isTaken(client, target) : conditions["if-none-match"] !== "*");
  const attempt = async (condition: RequestHeaders): Promise<WrittenVersion> => {
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
      // A service that knows no conditional writes: look first, which leaves a race but overwrites nothing known.
      if (!overwrite) await refuseExisting(client, target);
      return await attempt({});
    }
    const isRefused = error.code === "PreconditionFailed";
    if (!isRefused && !mayBeStored(error)) throw error;
    const found = await findWritten(client, target, writeId).catch((cause) => {
      if (isRefused) throw cause;
    });
    if (found !== undefined) return { ...found, replaced, writeId };
    if (!isRefused) throw error;
    if (!overwrite) throw alreadyExists(target, error);
    if (conditions === undefined) {
      replaced = true; // it was stored since it was looked for
      return await attempt({});
    }
    // Ceph RGW knows ETags without quotes only.
    const bare = conditions["if-match"]?.replaceAll('"', "");
    if (bare === undefined || bare === conditions["if-match"]) throw error;
    return await attempt({ ...conditions, "if-match": bare });
  }
}

/** A write that may have to be taken back. */
interface MarkedWrite {
  readonly client: S3Client;
  readonly target: ObjectTarget;
  readonly writeId: string;
  readonly replaced: boolean;
}

/** Sends a write. If the caller aborts it meanwhile, or its bytes are stored damaged, what it has stored is removed. */
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

/** Waits for a write that is not wanted any more, and removes what it has stored. */
async function revoke(
  { client, target, writeId, replaced }: MarkedWrite,
  sending: Promise<StoredVersion>,
  stop: AbortController,
): Promise<void> {
  const limit = setTimeout(() => stop.abort(), GRACE_MILLISECONDS);
  const unsignalled = { ...target, signal: undefined };
  const stored = await sending.catch(() => undefined).finally(() => clearTimeout(limit)) ??
    await findWritten(client, unsignalled, writeId);
  if (stored === undefined) return;
  // Of a versioned bucket, the version alone is removed, and what it replaced is there again.
  if (replaced && stored.versionId === undefined) return;
  await removeExpected(client, unsignalled, { ...stored, writeId, replaced });
}

/** The object, if it is what the write of this mark has stored. */
async function findWritten(
  client: S3Client,
  target: ObjectTarget,
  writeId: string,
): Promise<StoredVersion | undefined> {
  const { unsentSignal: _, ...looked } = target;
  const request = { operation: "HeadObject", method: "HEAD", ...looked, headers: target.parameters?.read } as const;
  try {
    const headers = await client.send(request);
    if (headers.get(WRITE_ID) !== writeId) return undefined;
    return { etag: quotedETag(headers.get("etag") ?? ""), versionId: versionOf(headers) };
  } catch (error) {
    if (isStorageError(error, "NotFound") || isStorageError(error, "PermissionDenied")) return undefined;
    throw error;
  }
}

/** Whether there may be an object of that key. */
async function isTaken(client: S3Client, target: ObjectTarget): Promise<boolean> {
  try {
    await headObject(client, target);
    return true;
  } catch (error) {
    if (isStorageError(error, "NotFound")) return false;
    // Who may not look does not know; nor does who has another key than the object is encrypted with.
    if (!isStorageError(error) || isPassing(error)) throw error;
    return true;
  }
}

/** Whether a write that failed so may have been carried out all the same: a proxy may answer in place of the service. */
function mayBeStored({ code, status = 0, s3Code }: StorageError): boolean {
  if (code === "Connection" || code === "Timeout") return true;
  return code === "Service" ? status >= 500 || s3Code === undefined : code === "Throttled" && s3Code === undefined;
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

/** What a write fails with whose key is taken. */
export function alreadyExists({ bucket, key }: ObjectTarget, cause?: unknown): AlreadyExistsError {
  return new AlreadyExistsError(`File exists already: ${key}`, { bucket, key, cause });
}
