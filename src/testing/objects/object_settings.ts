import { aclResponse, readAcl } from "../authentication/acl.ts";
import { emptyResponse, type OperationContext, targetBucket } from "../operation.ts";
import { currentObject } from "./read_object.ts";
import { parseTaggingDocument, taggingResponse } from "./tagging.ts";

/** GetObjectTagging. */
export function getObjectTagging(context: OperationContext): Response {
  return taggingResponse(currentObject(context).tags);
}

/** PutObjectTagging. */
export function putObjectTagging(context: OperationContext): Response {
  const tags = parseTaggingDocument(context.payload.bytes);
  targetBucket(context).put({ ...currentObject(context), tags });
  return emptyResponse(200);
}

/** DeleteObjectTagging. */
export function deleteObjectTagging(context: OperationContext): Response {
  targetBucket(context).put({ ...currentObject(context), tags: new Map() });
  return emptyResponse(204);
}

/** GetObjectAcl. */
export function getObjectAcl(context: OperationContext): Response {
  return aclResponse(currentObject(context).acl);
}

/** PutObjectAcl. */
export function putObjectAcl(context: OperationContext): Response {
  const object = currentObject(context);
  targetBucket(context).put({ ...object, acl: readAcl(context.headers, context.payload.bytes) });
  return emptyResponse(200);
}
