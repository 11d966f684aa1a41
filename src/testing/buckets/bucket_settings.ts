import { aclResponse, readAcl } from "../authentication/acl.ts";
import { emptyResponse, type OperationContext, targetBucket } from "../operation.ts";
import { xmlResponse } from "../protocol/documents.ts";

/** GetBucketAcl. */
export function getBucketAcl(context: OperationContext): Response {
  return aclResponse(targetBucket(context).acl);
}

/** PutBucketAcl. */
export function putBucketAcl(context: OperationContext): Response {
  targetBucket(context).acl = readAcl(context.headers, context.payload.bytes);
  return emptyResponse(200);
}

/** GetBucketLocation; the oldest region has an empty name. */
export function getBucketLocation(context: OperationContext): Response {
  targetBucket(context);
  return xmlResponse("LocationConstraint", context.region === "us-east-1" ? "" : context.region);
}

/** GetBucketVersioning: versioning is never enabled. */
export function getBucketVersioning(context: OperationContext): Response {
  targetBucket(context);
  return xmlResponse("VersioningConfiguration", "");
}
