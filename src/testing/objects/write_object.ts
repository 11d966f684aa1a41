import { encodeHex } from "../../kit/bytes/bytes.ts";
import { md5 } from "../../kit/bytes/md5.ts";
import { emptyResponse, type OperationContext, targetBucket } from "../operation.ts";
import type { Checksum } from "../payload/checksums.ts";
import { keyOf } from "../protocol/request.ts";
import { readAttributes } from "./attributes.ts";
import { checkWriteConditions } from "./conditions.ts";
import { newVersionHeaders } from "./versions.ts";

/** PutObject. */
export function putObject(context: OperationContext): Response {
  const bucket = targetBucket(context), key = keyOf(context.request);
  const { bytes, checksum } = context.payload;
  const attributes = readAttributes(context.headers);
  const etag = encodeHex(md5(bytes));
  checkWriteConditions(key, bucket.find(key), context.headers);
  const stored = { ...attributes, key, bytes, etag, lastModified: context.now, checksum, partSizes: undefined };
  return emptyResponse(200, {
    etag: `"${etag}"`,
    ...newVersionHeaders(bucket.put(stored)),
    ...checksumHeaders(checksum),
    ...encryptionHeaders(attributes),
  });
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
