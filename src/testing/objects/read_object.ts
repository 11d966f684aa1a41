import { type OperationContext, targetBucket } from "../operation.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";
import { setLatinHeader } from "../protocol/header_text.ts";
import { queryInteger, queryValue } from "../protocol/request.ts";
import type { StoredObject } from "../store/stored_object.ts";
import { checkReadConditions } from "./conditions.ts";
import { checkCustomerKey } from "./customer_key.ts";
import { type ByteRange, parseRange, partRange } from "./range.ts";
import { checkReadable, restoreHeader } from "./storage_class.ts";
import { requestedObject, versionHeaders } from "./versions.ts";

const OVERRIDES = [
  "content-type",
  "content-language",
  "expires",
  "cache-control",
  "content-disposition",
  "content-encoding",
] as const;

/** GetObject. */
export function getObject(context: OperationContext): Response {
  const object = readableObject(context);
  checkReadable(object, context.now);
  checkReadConditions(object, context.headers);
  const range = requestedRange(context, object);
  const headers = objectHeaders(context, object, range);
  const bytes = range === undefined ? object.bytes : object.bytes.slice(range.start, range.end);
  return new Response(bytes, { status: range === undefined ? 200 : 206, headers });
}

/** HeadObject. */
export function headObject(context: OperationContext): Response {
  const object = readableObject(context);
  checkReadConditions(object, context.headers);
  const range = requestedRange(context, object);
  return new Response(null, {
    status: range === undefined ? 200 : 206,
    headers: objectHeaders(context, object, range),
  });
}

function readableObject(context: OperationContext): StoredObject {
  const object = requestedObject(context);
  checkCustomerKey(context.headers, object.systemHeaders);
  return object;
}

function requestedRange(context: OperationContext, object: StoredObject): ByteRange | undefined {
  const partNumber = queryInteger(context.request, "partNumber", 1, 10_000);
  const header = context.headers.get("range");
  if (partNumber === undefined) return parseRange(header, object.bytes.length);
  if (header !== null) {
    throw new S3ServerError("InvalidRequest", "Cannot specify both Range header and partNumber query parameter");
  }
  return partRange(partNumber, object.bytes.length, object.partSizes);
}

function objectHeaders(context: OperationContext, object: StoredObject, range: ByteRange | undefined): Headers {
  const headers = new Headers();
  for (const [name, value] of object.systemHeaders) headers.set(name, value);
  for (const [name, value] of object.metadata) headers.set(`x-amz-meta-${name}`, value);
  headers.set("accept-ranges", "bytes");
  headers.set("etag", `"${object.etag}"`);
  headers.set("last-modified", object.lastModified.toUTCString());
  headers.set("content-length", `${range === undefined ? object.bytes.length : range.end - range.start}`);
  if (range !== undefined) {
    headers.set("content-range", `bytes ${range.start}-${Math.max(range.start, range.end - 1)}/${object.bytes.length}`);
  }
  for (const [name, value] of Object.entries(versionHeaders(targetBucket(context), object))) headers.set(name, value);
  const restore = restoreHeader(object, context.now);
  if (restore !== undefined) headers.set("x-amz-restore", restore);
  if (object.storageClass !== "STANDARD") headers.set("x-amz-storage-class", object.storageClass);
  if (object.tags.size > 0) headers.set("x-amz-tagging-count", `${object.tags.size}`);
  if (object.partSizes !== undefined && queryValue(context.request, "partNumber") !== undefined) {
    headers.set("x-amz-mp-parts-count", `${object.partSizes.length}`);
  }
  const wantsChecksum = context.headers.get("x-amz-checksum-mode")?.toUpperCase() === "ENABLED";
  // The checksum covers the whole object, so it does not apply to a range.
  if (wantsChecksum && object.checksum !== undefined && range === undefined) {
    headers.set(`x-amz-checksum-${object.checksum.algorithm}`, object.checksum.value);
    headers.set("x-amz-checksum-type", object.checksum.type);
  }
  overrideHeaders(context, headers);
  return headers;
}

function overrideHeaders(context: OperationContext, headers: Headers): void {
  for (const name of OVERRIDES) {
    const value = queryValue(context.request, `response-${name}`);
    if (value === undefined) continue;
    if (context.identity.accessKeyId === undefined) {
      throw new S3ServerError(
        "InvalidRequest",
        "Request specific response headers cannot be used for anonymous GET requests.",
      );
    }
    if (/[^\0-\xff]/.test(value)) {
      throw invalidArgument("Header value cannot be represented using ISO-8859-1.", `response-${name}`, value);
    }
    setLatinHeader(headers, name, value);
  }
}
