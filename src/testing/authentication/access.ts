import type { Access, OperationContext } from "../operation.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { bucketOf, keyOf } from "../protocol/request.ts";
import { isPublic } from "./acl.ts";

/** What is looked at before the body is. */
type Visitor = Pick<OperationContext, "identity" | "request" | "store">;

/** Lets everyone with a signature do anything, and anyone else what a canned ACL opens to all. */
export function checkAccess(visitor: Visitor, access: Access): void {
  if (visitor.identity.accessKeyId !== undefined || mayAnyone(visitor, access)) return;
  throw new S3ServerError("AccessDenied");
}

function mayAnyone(visitor: Visitor, access: Access): boolean {
  if (access === "owner") return false;
  const bucket = visitor.store.get(bucketOf(visitor.request));
  if (access === "write bucket") return isPublic(bucket.acl, "WRITE");
  if (access === "read bucket") return isPublic(bucket.acl, "READ");
  const object = bucket.find(keyOf(visitor.request));
  // Whether a key exists is told only to those who may list.
  return isPublic(object?.acl ?? bucket.acl, "READ");
}
