import { aclResponse, readAcl } from "../authentication/acl.ts";
import { emptyResponse, type OperationContext, targetBucket } from "../operation.ts";
import type { StoredObject } from "../store/stored_object.ts";
import { parseTaggingDocument, taggingResponse } from "./tagging.ts";
import { requestedObject, versionHeaders } from "./versions.ts";

/** GetObjectTagging. */
export function getObjectTagging(context: OperationContext): Response {
  const object = requestedObject(context);
  return taggingResponse(object.tags, versionHeaders(targetBucket(context), object));
}

/** PutObjectTagging. */
export function putObjectTagging(context: OperationContext): Response {
  const tags = parseTaggingDocument(context.payload.bytes);
  return update(context, 200, { tags });
}

/** DeleteObjectTagging. */
export function deleteObjectTagging(context: OperationContext): Response {
  return update(context, 204, { tags: new Map() });
}

/** GetObjectAcl. */
export function getObjectAcl(context: OperationContext): Response {
  const object = requestedObject(context);
  return aclResponse(object.acl, versionHeaders(targetBucket(context), object));
}

/** PutObjectAcl. */
export function putObjectAcl(context: OperationContext): Response {
  return update(context, 200, { acl: readAcl(context.headers, context.payload.bytes) });
}

function update(
  context: OperationContext,
  status: number,
  change: Partial<Pick<StoredObject, "tags" | "acl">>,
): Response {
  const bucket = targetBucket(context), object = requestedObject(context);
  bucket.update({ ...object, ...change });
  return emptyResponse(status, versionHeaders(bucket, object));
}
