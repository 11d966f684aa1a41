import { S3ServerError } from "../protocol/errors.ts";
import type { StoredObject } from "../store/stored_object.ts";

/** The archive classes, whose objects must be restored before they can be read. */
const ARCHIVES: ReadonlySet<string> = new Set(["GLACIER", "DEEP_ARCHIVE"]);

/** Whether the objects of a storage class must be restored before they can be read. */
export function isArchive(storageClass: string): boolean {
  return ARCHIVES.has(storageClass);
}

/** Refuses to read an archived object that is not restored. */
export function checkReadable(object: StoredObject, now: Date, message?: string): void {
  if (!isArchive(object.storageClass) || isRestored(object, now)) return;
  throw new S3ServerError("InvalidObjectState", message, { StorageClass: object.storageClass });
}

/** Whether a restored copy of an archived object exists at a time. */
export function isRestored(object: StoredObject, now: Date): boolean {
  return object.restore?.expires !== undefined && now < object.restore.expires;
}

/** Whether the restoration of an object is in progress. */
export function isBeingRestored(object: StoredObject): boolean {
  return object.restore !== undefined && object.restore.expires === undefined;
}

/** The `x-amz-restore` header, which disappears when the restored copy expires. */
export function restoreHeader(object: StoredObject, now: Date): string | undefined {
  if (isBeingRestored(object)) return 'ongoing-request="true"';
  if (!isRestored(object, now)) return undefined;
  return `ongoing-request="false", expiry-date="${object.restore?.expires?.toUTCString()}"`;
}
