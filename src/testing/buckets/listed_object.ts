import { isBeingRestored, isRestored } from "../objects/storage_class.ts";
import type { OperationContext } from "../operation.ts";
import type { XmlFields } from "../protocol/documents.ts";
import type { StoredObject } from "../store/stored_object.ts";

/** The elements of an object in a listing, besides its key and owner. With a time, the state of its restoration too. */
export function objectFields(object: StoredObject, now: Date | undefined): XmlFields {
  return {
    LastModified: object.lastModified.toISOString(),
    ETag: `"${object.etag}"`,
    ChecksumAlgorithm: object.checksum?.algorithm.toUpperCase(),
    ChecksumType: object.checksum?.type,
    Size: object.bytes.length,
    StorageClass: object.storageClass,
    RestoreStatus: now && restoreStatus(object, now),
  };
}

/** Whether a listing asks for the state of restorations. */
export function wantsRestoreStatus(context: OperationContext): boolean {
  const names = context.headers.get("x-amz-optional-object-attributes") ?? "";
  return names.split(",").some((name) => name.trim() === "RestoreStatus");
}

function restoreStatus(object: StoredObject, now: Date): XmlFields | undefined {
  if (isBeingRestored(object)) return { IsRestoreInProgress: true };
  if (!isRestored(object, now)) return undefined;
  return { IsRestoreInProgress: false, RestoreExpiryDate: object.restore?.expires?.toISOString() };
}
