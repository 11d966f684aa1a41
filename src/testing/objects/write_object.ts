import { encodeHex } from "../../kit/bytes/bytes.ts";
import { md5 } from "../../kit/bytes/md5.ts";
import { child, childrenNamed, childText } from "../../kit/text/xml.ts";
import { emptyResponse, type OperationContext, targetBucket } from "../operation.ts";
import type { Checksum } from "../payload/checksums.ts";
import { xmlResponse } from "../protocol/documents.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { keyOf, queryValue } from "../protocol/request.ts";
import { parseDocument } from "../protocol/request_documents.ts";
import { readAttributes } from "./attributes.ts";
import { checkWriteConditions } from "./conditions.ts";
import { checkVersion } from "./read_object.ts";

const MAX_KEYS_PER_DELETE = 1000;

/** PutObject. */
export function putObject(context: OperationContext): Response {
  const bucket = targetBucket(context), key = keyOf(context.request);
  const { bytes, checksum } = context.payload;
  const attributes = readAttributes(context.headers);
  const etag = encodeHex(md5(bytes));
  checkWriteConditions(key, bucket.find(key), context.headers);
  bucket.put({ ...attributes, key, bytes, etag, lastModified: context.now, checksum, partSizes: undefined });
  return emptyResponse(200, { etag: `"${etag}"`, ...checksumHeaders(checksum), ...encryptionHeaders(attributes) });
}

/** DeleteObject; a missing object is no error. */
export function deleteObject(context: OperationContext): Response {
  const bucket = targetBucket(context), key = keyOf(context.request);
  checkVersion(queryValue(context.request, "versionId"), key);
  if (context.headers.has("if-match")) checkWriteConditions(key, bucket.find(key), context.headers);
  bucket.delete(key);
  return emptyResponse(204);
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
  const keys = objects.map((object) => {
    const key = childText(object, "Key");
    if (key === undefined || key === "") throw new S3ServerError("MalformedXML");
    return { key, versionId: childText(object, "VersionId"), etag: childText(object, "ETag") };
  });
  const deleted: { Key: string }[] = [];
  const errors: { Key: string; Code: string; Message: string }[] = [];
  for (const { key, versionId, etag } of keys) {
    try {
      checkVersion(versionId, key);
      if (etag !== undefined) checkWriteConditions(key, bucket.find(key), new Headers({ "if-match": etag }));
      bucket.delete(key);
      deleted.push({ Key: key });
    } catch (error) {
      if (!(error instanceof S3ServerError)) throw error;
      errors.push({ Key: key, Code: error.code, Message: error.message });
    }
  }
  const quiet = child(root, "Quiet")?.text.trim() === "true";
  return xmlResponse("DeleteResult", { Deleted: quiet ? [] : deleted, Error: errors });
}

/** The response headers of a stored checksum. */
export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, "x-amz-checksum-type": checksum.type };
}

/** The response headers that repeat the requested encryption. */
export function encryptionHeaders(attributes: {
  readonly systemHeaders: ReadonlyMap<string, string>;
}): Record<string, string> {
  return Object.fromEntries(
    [...attributes.systemHeaders].filter(([name]) => name.startsWith("x-amz-server-side-encryption")),
  );
}
