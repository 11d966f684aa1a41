import type { S3ServerObject, S3ServerUpload } from "./server_options.ts";
import type { StoredObject, Upload } from "./store/bucket_store.ts";

/** The public view of an object; its bytes are a copy, so that a test cannot change the stored object. */
export function viewObject(object: StoredObject): S3ServerObject {
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
    acl: object.acl,
    partCount: object.partSizes?.length,
  };
}

/** The public view of an open upload. */
export function viewUpload(upload: Upload): S3ServerUpload {
  return {
    key: upload.key,
    uploadId: upload.uploadId,
    partNumbers: [...upload.parts.keys()].sort((a, b) => a - b),
  };
}
