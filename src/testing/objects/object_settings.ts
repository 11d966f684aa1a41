import { aclDocument, type CannedAcl, parseAclDocument, parseCannedAcl, refuseGrants } from "../authentication/acl.ts";
import { xmlResponse } from "../protocol/documents.ts";
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
  targetBucket(context).put({ ...object, acl: requestedAcl(context) });
  return emptyResponse(200);
}

/** GetBucketAcl. */
export function getBucketAcl(context: OperationContext): Response {
  return aclResponse(targetBucket(context).acl);
}

/** PutBucketAcl. */
export function putBucketAcl(context: OperationContext): Response {
  targetBucket(context).acl = requestedAcl(context);
  return emptyResponse(200);
}

/** GetBucketLocation; the oldest region goes by no name. */
export function getBucketLocation(context: OperationContext): Response {
  targetBucket(context);
  return xmlResponse("LocationConstraint", context.region === "us-east-1" ? "" : context.region);
}

/** GetBucketVersioning: never switched on. */
export function getBucketVersioning(context: OperationContext): Response {
  targetBucket(context);
  return xmlResponse("VersioningConfiguration", "");
}

function requestedAcl(context: OperationContext): CannedAcl {
  refuseGrants(context.headers);
  const header = context.headers.get("x-amz-acl");
  return header !== null || context.payload.bytes.length === 0
    ? parseCannedAcl(header)
    : parseAclDocument(context.payload.bytes);
}

function aclResponse(acl: CannedAcl): Response {
  return new Response(aclDocument(acl), { headers: { "content-type": "application/xml" } });
}
