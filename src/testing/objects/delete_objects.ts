import { child, childrenNamed, childText } from "../../kit/text/xml.ts";
import { emptyResponse, type OperationContext, targetBucket } from "../operation.ts";
import { type XmlFields, xmlResponse } from "../protocol/documents.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { keyOf } from "../protocol/request.ts";
import { parseDocument } from "../protocol/request_documents.ts";
import type { Bucket } from "../store/bucket.ts";
import { checkWriteConditions } from "./conditions.ts";
import { requestedVersion } from "./versions.ts";

const MAX_KEYS_PER_DELETE = 1000;

/** An object to delete. */
interface Target {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly etag: string | undefined;
}

/** What a deletion did in a versioned bucket. */
interface Deletion {
  /** The deleted version, or the new delete marker. */
  readonly versionId: string | undefined;
  /** Whether that is a delete marker. */
  readonly isDeleteMarker: boolean;
}

/** DeleteObject; a missing object is no error. */
export function deleteObject(context: OperationContext): Response {
  const { headers, now } = context;
  const bucket = targetBucket(context), key = keyOf(context.request);
  const target = { key, versionId: requestedVersion(context), etag: headers.get("if-match") ?? undefined };
  const { versionId, isDeleteMarker } = deleteTarget(bucket, target, now);
  return emptyResponse(204, {
    ...(isDeleteMarker ? { "x-amz-delete-marker": "true" } : {}),
    ...(versionId === undefined ? {} : { "x-amz-version-id": versionId }),
  });
}

/** DeleteObjects. */
export function deleteObjects(context: OperationContext): Response {
  const bucket = targetBucket(context);
  if (!context.payload.verified) {
    throw new S3ServerError(
      "InvalidRequest",
      "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
    );
  }
  const root = parseDocument(context.payload.bytes, "Delete");
  const objects = childrenNamed(root, "Object");
  if (objects.length === 0 || objects.length > MAX_KEYS_PER_DELETE) throw new S3ServerError("MalformedXML");
  const targets = objects.map((object): Target => {
    const key = child(object, "Key")?.text;
    if (key === undefined || key === "") throw new S3ServerError("MalformedXML");
    return { key, versionId: childText(object, "VersionId") || undefined, etag: childText(object, "ETag") };
  });
  const deleted: XmlFields[] = [], errors: XmlFields[] = [];
  for (const target of targets) {
    const { key, versionId } = target;
    try {
      if (versionId !== undefined && !bucket.knowsVersionId(versionId)) throw new S3ServerError("NoSuchVersion");
      deleted.push(deletedEntry(target, deleteTarget(bucket, target, context.now)));
    } catch (error) {
      if (!(error instanceof S3ServerError)) throw error;
      errors.push({ Key: key, VersionId: versionId, Code: error.code, Message: error.message });
    }
  }
  const quiet = child(root, "Quiet")?.text.trim() === "true";
  return xmlResponse("DeleteResult", { Deleted: quiet ? [] : deleted, Error: errors });
}

function deleteTarget(bucket: Bucket, target: Target, now: Date): Deletion {
  const { key, versionId, etag } = target;
  if (etag !== undefined) {
    const existing = versionId === undefined ? bucket.find(key) : bucket.findVersion(key, versionId);
    checkWriteConditions(key, existing?.isDeleteMarker ? undefined : existing, new Headers({ "if-match": etag }));
  }
  if (versionId === undefined) {
    const marker = bucket.delete(key, now);
    return { versionId: marker?.versionId, isDeleteMarker: marker !== undefined };
  }
  const removed = bucket.deleteVersion(key, versionId);
  return {
    versionId: bucket.versioning === undefined ? undefined : versionId,
    isDeleteMarker: removed?.isDeleteMarker ?? false,
  };
}

function deletedEntry(target: Target, { versionId, isDeleteMarker }: Deletion): XmlFields {
  return {
    Key: target.key,
    VersionId: target.versionId === undefined ? undefined : versionId,
    DeleteMarker: isDeleteMarker ? true : undefined,
    DeleteMarkerVersionId: isDeleteMarker ? versionId : undefined,
  };
}
