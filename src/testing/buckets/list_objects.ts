import { encodeBase64, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { compareUtf8 } from "../../kit/text/utf8_order.ts";
import { OWNER } from "../authentication/acl.ts";
import { type OperationContext, targetBucket } from "../operation.ts";
import { decodeBase64 } from "../payload/digests.ts";
import { type XmlFields, xmlResponse } from "../protocol/documents.ts";
import { invalidArgument } from "../protocol/errors.ts";
import { queryValue } from "../protocol/request.ts";
import type { Bucket } from "../store/bucket.ts";
import { partitionPoint } from "../store/partition_point.ts";
import { objectFields, wantsRestoreStatus } from "./listed_object.ts";
import { commonPrefix, readListing } from "./listing_query.ts";

/** One page of a listing: keys, and common prefixes that each group many keys. */
export interface ListingPage {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  /** The key or prefix after which the next page starts, or `undefined` on the last page. */
  readonly next: string | undefined;
}

/** ListObjectsV2. */
export function listObjectsV2(context: OperationContext): Response {
  const { request } = context;
  const bucket = targetBucket(context);
  const token = queryValue(request, "continuation-token"), startAfter = queryValue(request, "start-after");
  const asked = readListing(request);
  const page = listPage(bucket.keys, { ...asked, after: token === undefined ? startAfter ?? "" : decodeToken(token) });
  const withOwner = queryValue(request, "fetch-owner") === "true";
  return xmlResponse("ListBucketResult", {
    Name: bucket.name,
    Prefix: asked.encode(asked.prefix),
    Delimiter: asked.delimiter === "" ? undefined : asked.encode(asked.delimiter),
    MaxKeys: asked.maxKeys,
    EncodingType: asked.encodingType,
    KeyCount: page.keys.length + page.prefixes.length,
    IsTruncated: page.next !== undefined,
    ContinuationToken: token,
    NextContinuationToken: page.next === undefined ? undefined : encodeToken(page.next),
    // With a token S3 ignores it, and does not repeat it.
    StartAfter: startAfter === undefined || token !== undefined ? undefined : asked.encode(startAfter),
    ...entries(context, bucket, page, withOwner),
  });
}

/** ListObjects, version 1. */
export function listObjects(context: OperationContext): Response {
  const { request } = context;
  const bucket = targetBucket(context);
  const marker = queryValue(request, "marker") ?? "";
  const asked = readListing(request);
  const page = listPage(bucket.keys, { ...asked, after: marker });
  return xmlResponse("ListBucketResult", {
    Name: bucket.name,
    Prefix: asked.encode(asked.prefix),
    Marker: asked.encode(marker),
    // S3 omits it without a delimiter: the last key is the next marker.
    NextMarker: asked.delimiter === "" || page.next === undefined ? undefined : asked.encode(page.next),
    MaxKeys: asked.maxKeys,
    Delimiter: asked.delimiter === "" ? undefined : asked.encode(asked.delimiter),
    EncodingType: asked.encodingType,
    IsTruncated: page.next !== undefined,
    ...entries(context, bucket, page, true),
  });
}

/**
 * Lists the sorted keys after `after`, and skips all keys under a common prefix. A prefix that does not sort after `after`
 * is omitted, although keys under it may: it was in an earlier page, or the client starts after it.
 */
export function listPage(
  keys: readonly string[],
  options: { prefix: string; delimiter: string; after: string; maxKeys: number },
): ListingPage {
  const { prefix, delimiter, after, maxKeys } = options;
  const found: string[] = [], prefixes: string[] = [];
  const passed = after.startsWith(prefix) ? commonPrefix(after, prefix, delimiter) : undefined;
  let position = partitionPoint(
    keys,
    (key) =>
      compareUtf8(key, prefix) < 0 || (after !== "" && compareUtf8(key, after) <= 0) ||
      (passed !== undefined && key.startsWith(passed)),
  );
  let last = "";
  while (position < keys.length && maxKeys > 0) {
    const key = keys[position]!;
    if (!key.startsWith(prefix)) break;
    if (found.length + prefixes.length === maxKeys) return { keys: found, prefixes, next: last };
    const common = commonPrefix(key, prefix, delimiter);
    if (common === undefined) {
      found.push(key);
      position++;
    } else {
      prefixes.push(common);
      position = partitionPoint(keys, (each) => compareUtf8(each, common) < 0 || each.startsWith(common));
    }
    last = common ?? key;
  }
  return { keys: found, prefixes, next: undefined };
}

function entries(context: OperationContext, bucket: Bucket, page: ListingPage, withOwner: boolean): XmlFields {
  const { encode } = readListing(context.request);
  const now = wantsRestoreStatus(context) ? context.now : undefined;
  return {
    Contents: page.keys.map((key) => {
      const object = bucket.get(key);
      return { Key: encode(key), ...objectFields(object, now), ...(withOwner ? { Owner: OWNER } : {}) };
    }),
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

/** Tokens are opaque to clients; the leading digit is a version, and keeps tokens from being empty. */
function encodeToken(after: string): string {
  return "1" + encodeBase64(encodeUtf8(after));
}

function decodeToken(token: string): string {
  const bytes = token.startsWith("1") ? decodeBase64(token.slice(1)) : undefined;
  if (bytes === undefined) {
    throw invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
  }
  return new TextDecoder().decode(bytes);
}
