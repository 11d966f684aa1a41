import { childText } from "../../kit/text/xml.ts";
import { aclResponse, readAcl } from "../authentication/acl.ts";
import { emptyResponse, type OperationContext, targetBucket } from "../operation.ts";
import { xmlResponse } from "../protocol/documents.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { parseDocument } from "../protocol/request_documents.ts";

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

/** GetBucketVersioning; a bucket that was never versioned has no status. */
export function getBucketVersioning(context: OperationContext): Response {
  return xmlResponse("VersioningConfiguration", { Status: targetBucket(context).versioning });
}

/** PutBucketVersioning. */
export function putBucketVersioning(context: OperationContext): Response {
  const bucket = targetBucket(context);
  const root = parseDocument(context.payload.bytes, "VersioningConfiguration");
  const status = childText(root, "Status"), mfaDelete = childText(root, "MfaDelete");
  if (mfaDelete === "Enabled") throw new S3ServerError("NotImplemented", undefined, { Element: "MfaDelete" });
  if (status === undefined) throw new S3ServerError("IllegalVersioningConfigurationException");
  if (status !== "Enabled" && status !== "Suspended") throw new S3ServerError("MalformedXML");
  bucket.versioning = status;
  return emptyResponse(200);
}
