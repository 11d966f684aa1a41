import { quotedETag } from "../../kit/text/etag.ts";
import { childText, type XmlElement } from "../../kit/text/xml.ts";
import { isInteger } from "../../kit/values/integer.ts";
import { findRepetition } from "../repetition.ts";
import type { RequestHeaders } from "../request.ts";
import { invalidResponse } from "../invalid_response.ts";
import type { S3Client } from "../s3_client.ts";

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
  const isRepeated = findRepetition();
  let markers: Record<string, string | undefined> = {};
  for (;;) {
    const { document } = await client.sendForXml({
      operation: "ListObjectVersions",
      method: "GET",
      ...target,
      // XML cannot represent every character of keys.
      query: { versions: "", prefix, "encoding-type": "url", ...markers },
    }, "ListVersionsResult");
    const decode = childText(document, "EncodingType") === "url" ? decodeKey : (text: string): string => text;
    const page = document.children.filter(({ name }) => name === "Version" || name === "DeleteMarker")
      .map((element) => versionOf(element, input, decode));
    yield page;
    if (childText(document, "IsTruncated") !== "true") return;
    const marker = childText(document, "NextKeyMarker") ?? "";
    const next = {
      // Ceph RGW 16 encodes all keys but this one, which is the last key of the page.
      "key-marker": marker === page.at(-1)?.key ? marker : decode(marker),
      "version-id-marker": childText(document, "NextVersionIdMarker") || undefined,
    };
    if (next["key-marker"] === "" || isRepeated(JSON.stringify(next))) {
      throw invalidResponse("ListObjectVersions", "its markers repeat", input);
    }
    markers = next;
  }
}

function versionOf(element: XmlElement, input: VersionsInput, decode: (text: string) => string): ListedVersion {
  const isDeleteMarker = element.name === "DeleteMarker";
  const text = (name: string): string => childText(element, name) ?? "";
  const key = decode(text("Key"));
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
    isLatest: text("IsLatest") === "true",
    isDeleteMarker,
    size,
    etag: isDeleteMarker ? undefined : quotedETag(text("ETag")),
    modifiedTime: new Date(text("LastModified") || NaN),
    storageClass: storageClass === "STANDARD" ? undefined : storageClass || undefined,
  };
}

/** Listings are form-encoded: a space is a plus. */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch (cause) {
    throw invalidResponse("ListObjectVersions", "malformed encoded key", { key: text, cause });
  }
}
