import { childrenNamed, childText, type XmlElement } from "../kit/xml.ts";
import type { RequestHeaders } from "./request.ts";
import type { S3Client } from "./s3_client.ts";
import { lacking } from "./service_error.ts";

/** One page of a listing. */
export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** The folders, each ending in the delimiter. */
  readonly prefixes: readonly string[];
  /** What asks for the next page; `undefined` on the last one. */
  readonly continuationToken: string | undefined;
}

/** What a listing tells of an object. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modifiedTime: Date;
}

/** Asks for one page of the objects below a prefix (ListObjectsV2). */
export async function listObjects(client: S3Client, input: {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter?: string;
  readonly continuationToken?: string | undefined;
  readonly headers?: RequestHeaders | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<ListPage> {
  const { document } = await client.sendForXml({
    operation: "ListObjectsV2",
    method: "GET",
    bucket: input.bucket,
    query: {
      "list-type": "2",
      prefix: input.prefix,
      delimiter: input.delimiter,
      "continuation-token": input.continuationToken,
      // XML cannot carry every character that a key can.
      "encoding-type": "url",
    },
    headers: input.headers,
    signal: input.signal,
  }, "ListBucketResult");
  const decode = childText(document, "EncodingType") === "url" ? decodeKey : (text: string): string => text;
  const truncated = childText(document, "IsTruncated") === "true";
  const continuationToken = truncated ? childText(document, "NextContinuationToken") : undefined;
  if (truncated && !continuationToken) throw lacking("ListObjectsV2", "NextContinuationToken", input);
  return {
    objects: childrenNamed(document, "Contents").map((element) => listedObject(element, decode)),
    prefixes: childrenNamed(document, "CommonPrefixes").map((element) => decode(childText(element, "Prefix") ?? "")),
    continuationToken,
  };
}

function listedObject(element: XmlElement, decode: (text: string) => string): ListedObject {
  return {
    key: decode(childText(element, "Key") ?? ""),
    size: Number(childText(element, "Size")),
    etag: childText(element, "ETag") ?? "",
    modifiedTime: new Date(childText(element, "LastModified") ?? NaN),
  };
}

/** Listings are form-encoded: a space is a plus. */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch (cause) {
    throw lacking("ListObjectsV2", "the key that is encoded so", { key: text, cause });
  }
}
