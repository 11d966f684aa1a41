import type { S3ServerObject, S3ServerUpload } from "./server_options.ts";
import type { StoredObject, Upload } from "./store/bucket_store.ts";

/** An object as tests may see it; the bytes are a copy, so that a test cannot change what is stored. */
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

/** An open upload as tests may see it. */
export function viewUpload(upload: Upload): S3ServerUpload {
  return {
    key: upload.key,
    uploadId: upload.uploadId,
    partNumbers: [...upload.parts.keys()].sort((a, b) => a - b),
  };
}
