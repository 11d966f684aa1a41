import { type OperationContext, targetBucket } from "../operation.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";
import { keyOf, queryValue } from "../protocol/request.ts";
import type { Bucket } from "../store/bucket.ts";
import type { DeleteMarker, StoredObject } from "../store/stored_object.ts";
import { NULL_VERSION } from "../store/version_ids.ts";

/** Finds the object of a request: the version that `versionId` names, or the current one. */
export function requestedObject(context: OperationContext): StoredObject {
  const { request } = context;
  return findObject(targetBucket(context), keyOf(request), requestedVersion(context), request.method);
}

/** The version id of a request, which S3 must have issued. */
export function requestedVersion(context: OperationContext): string | undefined {
  const versionId = queryValue(context.request, "versionId");
  if (versionId !== undefined) checkVersionId(targetBucket(context), versionId);
  return versionId;
}

/** Refuses a version id that was never issued; that of a deleted version is valid. */
export function checkVersionId(bucket: Bucket, versionId: string): void {
  if (versionId === "") throw invalidArgument("Version id cannot be the empty string", "versionId", "");
  if (!bucket.knowsVersionId(versionId)) throw invalidArgument("Invalid version id specified", "versionId", versionId);
}

/** Finds an object by key and version id. A delete marker is 404 if it is current, and 405 if it is named. */
export function findObject(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  method: string,
): StoredObject {
  const version = versionId === undefined ? bucket.versions(key)[0] : bucket.findVersion(key, versionId);
  if (version === undefined) {
    if (versionId === undefined || bucket.versioning === undefined && versionId === NULL_VERSION) {
      throw new S3ServerError("NoSuchKey", undefined, { Key: key });
    }
    throw new S3ServerError("NoSuchVersion", undefined, { Key: key, VersionId: versionId });
  }
  if (!version.isDeleteMarker) return version;
  const reads = method === "GET" || method === "HEAD";
  if (versionId === undefined && reads) {
    throw new S3ServerError("NoSuchKey", undefined, { Key: key }, markerHeaders(version));
  }
  throw new S3ServerError("MethodNotAllowed", undefined, { Method: method, ResourceType: "DeleteMarker" }, {
    allow: "DELETE",
    "last-modified": version.lastModified.toUTCString(),
    ...markerHeaders(version),
  });
}

/** The header with the version that a request read or changed, in a bucket that is or was versioned. */
export function versionHeaders(bucket: Bucket, version: { readonly versionId: string }): Record<string, string> {
  return bucket.versioning === undefined ? {} : { "x-amz-version-id": version.versionId };
}

/** The header with the version that a request stored. */
export function newVersionHeaders(versionId: string | undefined): Record<string, string> {
  return versionId === undefined ? {} : { "x-amz-version-id": versionId };
}

function markerHeaders(marker: DeleteMarker): Record<string, string> {
  return { "x-amz-delete-marker": "true", "x-amz-version-id": marker.versionId };
}
