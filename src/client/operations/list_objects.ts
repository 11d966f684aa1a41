import { quotedETag } from "../../kit/text/etag.ts";
import { isInteger } from "../../kit/values/integer.ts";
import { child, childrenNamed, childText, exactChildText, type XmlElement } from "../../kit/text/xml.ts";
import type { RequestHeaders } from "../request.ts";
import type { S3Client } from "../s3_client.ts";
import { invalidResponse } from "../invalid_response.ts";
import { listingPages, type Page } from "./list_pages.ts";

/** One page of a listing. */
export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** The folders, each ending in the delimiter. */
  readonly prefixes: readonly string[];
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
 * Yields the pages of the objects with a prefix, one request each (ListObjectsV2).
 *
 * @throws {ServiceError} If the pages repeat, or an entry is incomplete.
 */
export async function* listPages(client: S3Client, input: ListInput): AsyncGenerator<ListPage> {
  const pages = listingPages(client, {
    operation: "ListObjectsV2",
    root: "ListBucketResult",
    bucket: input.bucket,
    query: {
      "list-type": "2",
      prefix: input.prefix,
      delimiter: input.delimiter,
      "max-keys": input.maxKeys?.toString(),
      // XML cannot represent every character of keys.
      "encoding-type": "url",
    },
    firstQuery: { "start-after": input.startAfter },
    markers: { "continuation-token": "NextContinuationToken" },
    impliesMore: true,
    entries: ["Contents"],
    ids: ["Key"],
    headers: input.headers,
    signal: input.signal,
  });
  for await (const page of pages) yield readPage(page, input);
}

function readPage({ document, entries, decode, decodeFolder }: Page, input: ListInput): ListPage {
  const checkKey = (text: string | undefined, decoded: (text: string) => string): string => {
    if (!text) throw invalidResponse("ListObjectsV2", "missing key", input);
    const key = decoded(text);
    // Names are keys without the prefix: the rest of another key would name another object.
    if (key.startsWith(input.prefix)) return key;
    throw invalidResponse("ListObjectsV2", "a key does not begin with the prefix", { ...input, key });
  };
  return {
    objects: entries.map((element) => {
      const key = checkKey(exactChildText(element, "Key", "Size"), decode);
      const size = Number(childText(element, "Size") || NaN);
      if (!isInteger(size)) {
        throw invalidResponse("ListObjectsV2", "missing or invalid object size", { ...input, key });
      }
      const modifiedTime = new Date(childText(element, "LastModified") ?? NaN);
      return { key, size, etag: quotedETag(childText(element, "ETag") ?? ""), modifiedTime };
    }),
    // Some services send an empty element where there are no folders.
    prefixes: childrenNamed(document, "CommonPrefixes").map((element) => folderOf(element, input)).filter(Boolean)
      .map((text) => checkKey(text, decodeFolder)),
  };
}

/** The text of a folder. It ends in the delimiter: white space behind that is not part of it. */
function folderOf(element: XmlElement, { delimiter = "/" }: ListInput): string {
  const text = child(element, "Prefix")?.text ?? "";
  return text.endsWith(delimiter) ? text : text.trim();
}
