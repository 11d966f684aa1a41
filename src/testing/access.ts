import { isPublic } from "./acl.ts";
import { S3ServerError } from "./errors.ts";
import { type Access, type OperationContext, targetBucket } from "./operation.ts";
import { keyOf } from "./request.ts";

/** Lets everyone with a signature do anything, and anyone else what a canned ACL opens to all. */
export function checkAccess(context: OperationContext, access: Access): void {
  if (context.identity.accessKeyId !== undefined || mayAnyone(context, access)) return;
  throw new S3ServerError("AccessDenied");
}

function mayAnyone(context: OperationContext, access: Access): boolean {
  if (access === "owner") return false;
  const bucket = targetBucket(context);
  if (access === "write bucket") return isPublic(bucket.acl, "WRITE");
  if (access === "read bucket") return isPublic(bucket.acl, "READ");
  const object = bucket.find(keyOf(context.request));
  // Whether a key exists is told only to those who may list.
  return isPublic(object?.acl ?? bucket.acl, "READ");
}
