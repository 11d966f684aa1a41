import type { StoredObject } from "../store/bucket_store.ts";
import { S3ServerError } from "../protocol/errors.ts";

/**
 * Holds a read to its conditions, in the order of RFC 9110: If-Match speaks before If-Unmodified-Since, which it silences,
 * and If-None-Match before If-Modified-Since.
 */
export function checkReadConditions(object: StoredObject, headers: Headers): void {
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null) {
    if (!matchesEtag(object, ifMatch)) throw preconditionFailed("If-Match");
  } else if (isBefore(headers.get("if-unmodified-since"), object)) {
    throw preconditionFailed("If-Unmodified-Since");
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null ? matchesEtag(object, ifNoneMatch) : isNotBefore(headers.get("if-modified-since"), object)) {
    throw new S3ServerError("NotModified", undefined, {}, {
      etag: `"${object.etag}"`,
      "last-modified": object.lastModified.toUTCString(),
    });
  }
}

/** Holds a copy to the conditions on its source; there, nothing is ever "not modified". */
export function checkCopyConditions(source: StoredObject, headers: Headers): void {
  const value = (name: string): string | null => headers.get(`x-amz-copy-source-if-${name}`);
  const ifMatch = value("match"), ifNoneMatch = value("none-match");
  if (ifMatch !== null ? !matchesEtag(source, ifMatch) : isBefore(value("unmodified-since"), source)) {
    throw preconditionFailed("x-amz-copy-source-If-Match");
  }
  if (ifNoneMatch !== null ? matchesEtag(source, ifNoneMatch) : isNotBefore(value("modified-since"), source)) {
    throw preconditionFailed("x-amz-copy-source-If-None-Match");
  }
}

/** Holds a write to If-Match and `If-None-Match: *`. Call it without awaiting anything before the object is stored. */
export function checkWriteConditions(key: string, existing: StoredObject | undefined, headers: Headers): void {
  const ifNoneMatch = headers.get("if-none-match"), ifMatch = headers.get("if-match");
  if (ifNoneMatch !== null) {
    if (ifNoneMatch.trim() !== "*") throw new S3ServerError("NotImplemented", undefined, { Header: "If-None-Match" });
    if (existing !== undefined) throw preconditionFailed("If-None-Match");
  }
  if (ifMatch !== null) {
    if (existing === undefined) throw new S3ServerError("NoSuchKey", undefined, { Key: key });
    if (!matchesEtag(existing, ifMatch)) throw preconditionFailed("If-Match");
  }
}

function preconditionFailed(condition: string): S3ServerError {
  return new S3ServerError("PreconditionFailed", undefined, { Condition: condition });
}

/** Clients send ETags with quotes and without. */
function matchesEtag(object: StoredObject, list: string): boolean {
  return list.split(",").some((item) => {
    const etag = item.trim().replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
    return etag === "*" || etag === object.etag;
  });
}

/** Whether the header's moment is before the last change. A date that cannot be read is ignored, as HTTP asks. */
function isBefore(header: string | null, object: StoredObject): boolean {
  const moment = header === null ? NaN : Date.parse(header);
  return moment < inWholeSeconds(object.lastModified);
}

function isNotBefore(header: string | null, object: StoredObject): boolean {
  const moment = header === null ? NaN : Date.parse(header);
  return moment >= inWholeSeconds(object.lastModified);
}

/** HTTP dates have no milliseconds, so neither has the comparison. */
function inWholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}
