import type { Access, OperationContext } from "../operation.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { bucketOf, keyOf, queryValue } from "../protocol/request.ts";
import { isPublic } from "./acl.ts";

/** The parts of the context that are known before the body is read. */
type Visitor = Pick<OperationContext, "identity" | "request" | "store">;

/** Allows signed requests everything, and anonymous requests what a canned ACL allows everyone. */
export function checkAccess(visitor: Visitor, access: Access): void {
  if (visitor.identity.accessKeyId !== undefined || isAllowedForAnyone(visitor, access)) return;
  throw new S3ServerError("AccessDenied");
}

function isAllowedForAnyone(visitor: Visitor, access: Access): boolean {
  if (access === "owner") return false;
  const bucket = visitor.store.get(bucketOf(visitor.request));
  if (access === "write bucket") return isPublic(bucket.acl, "WRITE");
  if (access === "read bucket") return isPublic(bucket.acl, "READ");
  const key = keyOf(visitor.request), versionId = queryValue(visitor.request, "versionId");
  const version = versionId === undefined ? bucket.find(key) : bucket.findVersion(key, versionId);
  // A missing object gives 404 only to those who may list.
  return isPublic(version === undefined || version.isDeleteMarker ? bucket.acl : version.acl, "READ");
}
