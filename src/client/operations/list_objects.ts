import { quotedETag } from "../../kit/text/etag.ts";
import { isInteger } from "../../kit/values/integer.ts";
import { findRepetition } from "../repetition.ts";
import { childrenNamed, childText, type XmlElement } from "../../kit/text/xml.ts";
import type { RequestHeaders } from "../request.ts";
import type { S3Client } from "../s3_client.ts";
import { invalidResponse } from "../invalid_response.ts";

/** One page of a listing. */
export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** The folders, each ending in the delimiter. */
  readonly prefixes: readonly string[];
  /** Requests the next page; `undefined` on the last page. */
  readonly continuationToken: string | undefined;
}

/** An object in a listing. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modifiedTime: Date;
}

/** What to list. */
export interface ListInput {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter?: string;
  readonly startAfter?: string | undefined;
  /** The most entries of a page; 1000 by default. */
  readonly maxKeys?: number | undefined;
  readonly headers?: RequestHeaders | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Yields the pages of a listing, one request each.
 *
 * @throws {ServiceError} If the pages repeat.
 */
export async function* listPages(client: S3Client, input: ListInput): AsyncGenerator<ListPage> {
  const isRepeated = findRepetition();
  let continuationToken: string | undefined;
  do {
    const page = await listObjects(client, { ...input, continuationToken });
    yield page;
    continuationToken = page.continuationToken;
    if (continuationToken && isRepeated(continuationToken)) {
      throw invalidResponse("ListObjectsV2", "its pages repeat", input);
    }
  } while (continuationToken !== undefined);
}

/** Requests one page of the objects with a prefix (ListObjectsV2). */
export async function listObjects(
  client: S3Client,
  input: ListInput & { readonly continuationToken?: string | undefined },
): Promise<ListPage> {
  const { document } = await client.sendForXml({
    operation: "ListObjectsV2",
    method: "GET",
    bucket: input.bucket,
    query: {
      "list-type": "2",
      prefix: input.prefix,
      delimiter: input.delimiter,
      "continuation-token": input.continuationToken,
      "start-after": input.continuationToken === undefined ? input.startAfter : undefined,
      "max-keys": input.maxKeys?.toString(),
      // XML cannot represent every character of keys.
      "encoding-type": "url",
    },
    headers: input.headers,
    signal: input.signal,
  }, "ListBucketResult");
  const decode = childText(document, "EncodingType") === "url" ? decodeKey : (text: string): string => text;
  const truncated = childText(document, "IsTruncated") === "true";
  const continuationToken = truncated ? childText(document, "NextContinuationToken") : undefined;
  if (truncated && !continuationToken) throw invalidResponse("ListObjectsV2", "missing NextContinuationToken", input);
  const keyOf = (element: XmlElement, name: string): string => {
    const key = decode(childText(element, name) ?? "");
    // Names are keys without the prefix: the rest of another key would name another object.
    if (!key.startsWith(input.prefix)) {
      throw invalidResponse("ListObjectsV2", "a key does not begin with the prefix", { ...input, key });
    }
    return key;
  };
  return {
    objects: childrenNamed(document, "Contents").map((element) => {
      const key = keyOf(element, "Key");
      const size = Number(childText(element, "Size") || NaN);
      if (!isInteger(size)) {
        throw invalidResponse("ListObjectsV2", "missing or invalid object size", { ...input, key });
      }
      const modifiedTime = new Date(childText(element, "LastModified") ?? NaN);
      return { key, size, etag: quotedETag(childText(element, "ETag") ?? ""), modifiedTime };
    }),
    prefixes: childrenNamed(document, "CommonPrefixes").map((element) => keyOf(element, "Prefix")),
    continuationToken,
  };
}

/** Listings are form-encoded: a space is a plus. */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch (cause) {
    throw invalidResponse("ListObjectsV2", "malformed encoded key", { key: text, cause });
  }
}
