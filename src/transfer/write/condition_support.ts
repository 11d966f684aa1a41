import { isAws } from "../../aws/hosts.ts";
import { completeMultipartUpload, type MultipartTarget } from "../../client/operations/multipart.ts";
import { deleteObject, type ObjectTarget } from "../../client/operations/objects.ts";
import type { RequestHeaders } from "../../client/request.ts";
import { isTransient } from "../../client/recovery/transient.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { isStorageError, NotSupportedError } from "../../errors.ts";
import { abortUpload } from "./abort_upload.ts";
import { beginUpload } from "./multipart_upload.ts";

/** An ETag that no object has. */
const NO_ETAG = `"${"0".repeat(32)}"`;

/** Results by service. Promises are not kept, as one call must not wait for the request of another. */
const SUPPORT = new WeakMap<object, boolean>();

/**
 * Whether the service honours `If-Match` and `If-None-Match` on CompleteMultipartUpload. AWS does, Ceph RGW 16 ignores them.
 * Other services are probed once per client: an upload to a unique key is completed with a part that it does not have,
 * under a condition that cannot hold. Only the response that the condition failed counts as a yes. Nothing is stored.
 */
export async function completesUnderConditions(client: S3Client, { key, ...target }: ObjectTarget): Promise<boolean> {
  if (isAws(client.settings)) return true;
  const known = SUPPORT.get(client.service);
  if (known !== undefined) return known;
  const probe = { ...target, key: `${key.slice(0, key.lastIndexOf("/") + 1)}.storages-probe-${crypto.randomUUID()}` };
  try {
    const uploadId = await beginUpload(client, probe, {});
    const found = await honoursConditions(client, { ...probe, uploadId });
    SUPPORT.set(client.service, found);
    return found;
  } catch (error) {
    if (!isStorageError(error)) throw error;
    return false; // the next call checks again
  }
}

async function honoursConditions(client: S3Client, upload: MultipartTarget): Promise<boolean> {
  try {
    const code = await completeWithWrongPart(client, upload, { "if-match": NO_ETAG });
    if (code === "PreconditionFailed") return true;
    // AWS responds this way for a key that does not exist, and other services may, if they check the condition first.
    return code === "NoSuchKey" && await completeWithWrongPart(client, upload, {}) !== "NoSuchKey";
  } finally {
    await abortUpload(client, upload);
  }
}

/** Attempts to complete an upload with a part that it does not have; returns the code of the response. */
async function completeWithWrongPart(
  client: S3Client,
  upload: MultipartTarget,
  headers: RequestHeaders,
): Promise<string | undefined> {
  try {
    await completeMultipartUpload(client, { ...upload, parts: [{ partNumber: 1, etag: NO_ETAG }], headers });
  } catch (error) {
    // Transient failures, and those of permissions, do not show whether the condition is checked.
    if (!isStorageError(error) || isTransient(error) || /^(PermissionDenied|Unauthenticated)$/.test(error.code)) {
      throw error;
    }
    return error.code === "PreconditionFailed" ? error.code : error.s3Code;
  }
  const { signal: _, ...stored } = upload;
  await deleteObject(client, stored); // a service that checks neither has stored an empty object
  return undefined;
}

/** The error for a write that this service cannot perform without the risk of overwriting. */
export function noSafeWrite({ bucket, key }: ObjectTarget): NotSupportedError {
  return new NotSupportedError(
    `Cannot write '${key}' without the risk of overwriting: this service ignores conditions on multipart uploads, and a ` +
      'single request needs a known length of at most 5 GiB. Use a unique name and onExisting "replace"',
    { bucket, key },
  );
}
