import { listPages } from "../client/operations/list_objects.ts";
import type { RequestHeaders } from "../client/request.ts";
import type { S3Client } from "../client/s3_client.ts";
import { compareUtf8, isAfter } from "../kit/text/utf8_order.ts";
import type { ListedKey, ObjectListOptions } from "../storage/contract/backend.ts";

/** The most entries of a page. Source: S3's ListObjectsV2. */
const MAX_KEYS = 1000;

/** Lists objects and folders in the order of their keys' bytes, one request to a page. */
export async function* listKeys(
  client: S3Client,
  target: { readonly bucket: string; readonly headers: RequestHeaders },
  prefix: string,
  { recursive, startAfter, limit = MAX_KEYS, signal }: ObjectListOptions,
): AsyncGenerator<ListedKey> {
  const pages = listPages(client, {
    ...target,
    prefix,
    ...(recursive ? {} : { delimiter: "/" }),
    startAfter: !recursive && startAfter !== undefined && startAfter.length > prefix.length
      ? afterFolder(startAfter)
      : startAfter,
    maxKeys: limit < MAX_KEYS ? limit : undefined,
    signal,
  });
  for await (const { objects, prefixes } of pages) {
    const files = objects.map(({ key, size, etag, modifiedTime }): ListedKey => (
      { kind: "file", key, size, etag, modifiedTime }
    ));
    const folders = prefixes.map((key): ListedKey => ({ kind: "directory", key }));
    // Both are sorted by the service, and so are the pages.
    const entries = folders.length === 0 ? files : [...files, ...folders].sort((a, b) => compareUtf8(a.key, b.key));
    for (const entry of entries) if (isAfter(entry.key, startAfter)) yield entry;
  }
}

/** A key behind all keys of a folder, which a service would otherwise group into the folder again. */
function afterFolder(key: string): string {
  return key.endsWith("/") ? `${key}\u{10ffff}` : key;
}
