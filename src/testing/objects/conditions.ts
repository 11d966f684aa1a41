import { matchesETag } from "../../kit/text/etag.ts";
import { S3ServerError } from "../protocol/errors.ts";
import type { StoredObject } from "../store/stored_object.ts";

/**
 * Checks the conditions of a read, in the order of RFC 9110: If-Match overrides If-Unmodified-Since, and If-None-Match
 * overrides If-Modified-Since.
 */
export function checkReadConditions(object: StoredObject, headers: Headers): void {
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null) {
    if (!matchesETag(ifMatch, object.etag)) throw preconditionFailed("If-Match");
  } else if (isBefore(headers.get("if-unmodified-since"), object)) {
    throw preconditionFailed("If-Unmodified-Since");
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (
    ifNoneMatch !== null ? matchesETag(ifNoneMatch, object.etag) : isNotBefore(headers.get("if-modified-since"), object)
  ) {
    throw new S3ServerError("NotModified", undefined, {}, {
      etag: `"${object.etag}"`,
      "last-modified": object.lastModified.toUTCString(),
    });
  }
}

/** Checks the conditions on the source of a copy; they fail with 412, never with 304. */
export function checkCopyConditions(source: StoredObject, headers: Headers): void {
  const value = (name: string): string | null => headers.get(`x-amz-copy-source-if-${name}`);
  const ifMatch = value("match"), ifNoneMatch = value("none-match");
  if (ifMatch !== null ? !matchesETag(ifMatch, source.etag) : isBefore(value("unmodified-since"), source)) {
    throw preconditionFailed("x-amz-copy-source-If-Match");
  }
  if (ifNoneMatch !== null ? matchesETag(ifNoneMatch, source.etag) : isNotBefore(value("modified-since"), source)) {
    throw preconditionFailed("x-amz-copy-source-If-None-Match");
  }
}

/** Checks If-Match and `If-None-Match: *` of a write. The caller must store the object without awaiting in between. */
export function checkWriteConditions(key: string, existing: StoredObject | undefined, headers: Headers): void {
  const ifNoneMatch = headers.get("if-none-match"), ifMatch = headers.get("if-match");
  if (ifNoneMatch !== null) {
    if (ifNoneMatch.trim() !== "*") throw new S3ServerError("NotImplemented", undefined, { Header: "If-None-Match" });
    if (existing !== undefined) throw preconditionFailed("If-None-Match");
  }
  if (ifMatch !== null) {
    if (existing === undefined) throw new S3ServerError("NoSuchKey", undefined, { Key: key });
    if (!matchesETag(ifMatch, existing.etag)) throw preconditionFailed("If-Match");
  }
}

function preconditionFailed(condition: string): S3ServerError {
  return new S3ServerError("PreconditionFailed", undefined, { Condition: condition });
}

/** Whether the date of a header is before the last change. An invalid date is ignored, as RFC 9110 demands. */
function isBefore(header: string | null, object: StoredObject): boolean {
  const moment = header === null ? NaN : Date.parse(header);
  return moment < object.lastModified.getTime();
}

function isNotBefore(header: string | null, object: StoredObject): boolean {
  const moment = header === null ? NaN : Date.parse(header);
  return moment >= object.lastModified.getTime();
}
