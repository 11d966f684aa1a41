import { deleteObject, type ObjectTarget, versionOf, WRITE_ID } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { isStorageError, PreconditionFailedError } from "../../errors.ts";
import { matchesETag, quotedETag } from "../../kit/text/etag.ts";

/** The version that an object must have to be deleted; omitted properties are not compared. */
export interface ExpectedVersion {
  readonly etag: string;
  readonly modifiedTime?: Date | undefined;
  readonly versionId?: string | undefined;
  readonly writeId?: string | undefined;
  /** Whether it replaced another object: then only its own version may be deleted. */
  readonly replaced?: boolean | undefined;
}

/**
 * Deletes an object if it is the expected one; a missing object counts as deleted. If the parameters name a version, only that
 * version is compared and deleted.
 *
 * A version of our own write is deleted by its version id, which is exact. Otherwise the object is checked first, and then
 * deleted with its ETag as a condition: AWS rejects the request if the object has changed, other services may ignore it.
 *
 * @throws {PreconditionFailedError} If it is another object.
 */
export async function deleteExpected(
  client: S3Client,
  target: ObjectTarget,
  expected: ExpectedVersion,
): Promise<void> {
  const { versionId, writeId } = expected;
  const wanted = target.parameters?.versionId;
  if (versionId !== undefined && writeId !== undefined && (wanted ?? versionId) === versionId) {
    try {
      return await deleteObject(client, { ...target, versionId });
    } catch (error) {
      // Deleting a version needs the permission s3:DeleteObjectVersion.
      if (expected.replaced || !isStorageError(error, "PermissionDenied")) throw error;
    }
  }
  const etag = await findExpected(client, target, expected);
  if (etag === undefined) return;
  // A version never changes.
  if (wanted !== undefined) return await deleteObject(client, { ...target, versionId: wanted });
  try {
    await deleteObject(client, { ...target, ifMatch: etag || undefined });
  } catch (error) {
    if (!isStorageError(error, "NotSupported")) throw error;
    await deleteObject(client, target);
  }
}

/** The ETag of the object, if it is the expected one; `undefined` if there is no object. */
async function findExpected(
  client: S3Client,
  target: ObjectTarget,
  { etag, modifiedTime, versionId, writeId }: ExpectedVersion,
): Promise<string | undefined> {
  const { read, versionId: wanted } = target.parameters ?? {};
  const query = { versionId: wanted };
  const request = { operation: "HeadObject", method: "HEAD", ...target, query, headers: read } as const;
  let headers: Headers;
  try {
    headers = await client.send(request);
  } catch (error) {
    if (isStorageError(error, "NotFound") && error.s3Code !== "NoSuchBucket") return undefined;
    throw error;
  }
  const found = quotedETag(headers.get("etag") ?? "");
  const isExpected = (etag === "" || matchesETag(etag, found)) &&
    (writeId === undefined || headers.get(WRITE_ID) === writeId) &&
    (versionId === undefined || versionId === "null" || versionOf(headers) === versionId) &&
    (modifiedTime === undefined || Object.is(Date.parse(headers.get("last-modified") ?? ""), +modifiedTime));
  if (isExpected) return found;
  const { bucket, key } = target;
  throw new PreconditionFailedError(
    `Precondition failed for '${key}': another object is stored under this key`,
    { bucket, key },
  );
}
