import { quotedETag } from "../../kit/text/etag.ts";
import { childText, exactChildText, isChildTrue, type XmlElement } from "../../kit/text/xml.ts";
import { isInteger } from "../../kit/values/integer.ts";
import type { RequestHeaders } from "../request.ts";
import { invalidResponse } from "../invalid_response.ts";
import type { S3Client } from "../s3_client.ts";
import { listingPages } from "./list_pages.ts";

/** A version of an object, or a delete marker. */
export interface ListedVersion {
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isDeleteMarker: boolean;
  /** 0 for a delete marker. */
  readonly size: number;
  /** `undefined` for a delete marker. */
  readonly etag: string | undefined;
  readonly modifiedTime: Date;
  readonly storageClass: string | undefined;
}

/** What to list. */
interface VersionsInput {
  readonly bucket: string;
  readonly prefix: string;
  readonly headers?: RequestHeaders | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Yields the versions of the objects with a prefix page by page, up to 1,000 per request (ListObjectVersions): in the order of
 * their keys, and of each key the newest first.
 *
 * @throws {ServiceError} If the pages repeat, or an entry is incomplete.
 */
export async function* listVersionPages(client: S3Client, input: VersionsInput): AsyncGenerator<ListedVersion[]> {
  const { prefix, ...target } = input;
  const pages = listingPages(client, {
    operation: "ListObjectVersions",
    root: "ListVersionsResult",
    ...target,
    // XML cannot represent every character of keys.
    query: { versions: "", prefix, "encoding-type": "url" },
    markers: { "key-marker": "NextKeyMarker", "version-id-marker": "NextVersionIdMarker" },
    readMarker: (text, { entries, decode }) => {
      const last = entries.at(-1);
      // Ceph RGW 16 encodes all keys but this one, which is the last key of the page.
      return last !== undefined && decode(keyText(last)) === text ? text : decode(text);
    },
    entries: ["Version", "DeleteMarker"],
    ids: ["Key", "VersionId"],
  });
  for await (const { entries, decode } of pages) yield entries.map((element) => versionOf(element, input, decode));
}

function keyText(element: XmlElement): string {
  return exactChildText(element, "Key", "VersionId") ?? "";
}

function versionOf(element: XmlElement, input: VersionsInput, decode: (text: string) => string): ListedVersion {
  const isDeleteMarker = element.name === "DeleteMarker";
  const text = (name: string): string => childText(element, name) ?? "";
  const key = decode(keyText(element));
  const fail = (problem: string): Error => invalidResponse("ListObjectVersions", problem, { ...input, key });
  // Names are keys without the prefix: the rest of another key would name another object.
  if (!key.startsWith(input.prefix)) throw fail("a key does not begin with the prefix");
  const versionId = text("VersionId");
  if (versionId === "") throw fail("missing VersionId");
  const size = isDeleteMarker ? 0 : Number(text("Size") || NaN);
  if (!isInteger(size)) throw fail("missing or invalid object size");
  const storageClass = text("StorageClass");
  return {
    key,
    versionId,
    isLatest: isChildTrue(element, "IsLatest"),
    isDeleteMarker,
    size,
    etag: isDeleteMarker ? undefined : quotedETag(text("ETag")),
    modifiedTime: new Date(text("LastModified") || NaN),
    storageClass: storageClass === "STANDARD" ? undefined : storageClass || undefined,
  };
}
