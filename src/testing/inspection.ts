import { restoreHeader } from "./objects/storage_class.ts";
import type { S3ServerObject, S3ServerUpload, S3ServerVersion } from "./server_options.ts";
import type { Bucket } from "./store/bucket.ts";
import type { StoredObject, Upload } from "./store/stored_object.ts";

/** The public view of an object; its bytes are a copy, so that a test cannot change the stored object. */
export function viewObject(object: StoredObject, now: Date): S3ServerObject {
  return {
    key: object.key,
    size: object.bytes.length,
    etag: object.etag,
    lastModified: new Date(object.lastModified),
    get bytes(): Uint8Array<ArrayBuffer> {
      return object.bytes.slice();
    },
    contentType: object.systemHeaders.get("content-type") ?? "",
    headers: Object.fromEntries(object.systemHeaders),
    metadata: Object.fromEntries(object.metadata),
    tags: Object.fromEntries(object.tags),
    storageClass: object.storageClass,
    acl: object.acl.name,
    versionId: object.versionId,
    restore: restoreHeader(object, now),
    partCount: object.partSizes?.length,
  };
}

/** The public view of the versions of one key. */
export function viewVersions(bucket: Bucket, key: string, now: Date): S3ServerVersion[] {
  return bucket.versions(key).map((version, index) => ({
    key,
    versionId: version.versionId,
    isLatest: index === 0,
    lastModified: new Date(version.lastModified),
    object: version.isDeleteMarker ? undefined : viewObject(version, now),
  }));
}

/** The public view of an open upload. */
export function viewUpload(upload: Upload): S3ServerUpload {
  return {
    key: upload.key,
    uploadId: upload.uploadId,
    partNumbers: [...upload.parts.keys()].sort((a, b) => a - b),
  };
}
