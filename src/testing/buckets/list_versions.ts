import { compareUtf8 } from "../../kit/text/utf8_order.ts";
import { OWNER } from "../authentication/acl.ts";
import { type OperationContext, targetBucket } from "../operation.ts";
import { type XmlFields, xmlResponse } from "../protocol/documents.ts";
import { invalidArgument } from "../protocol/errors.ts";
import { queryValue } from "../protocol/request.ts";
import type { Bucket } from "../store/bucket.ts";
import { partitionPoint } from "../store/partition_point.ts";
import type { StoredVersion } from "../store/stored_object.ts";
import { objectFields, wantsRestoreStatus } from "./listed_object.ts";
import { commonPrefix, readListing } from "./listing_query.ts";

/** Where a listing of versions starts, and which keys it groups. */
interface VersionQuery {
  readonly prefix: string;
  readonly delimiter: string;
  /** The key after which the listing starts, or with a version id the key in whose versions it starts. */
  readonly keyMarker: string;
  readonly versionIdMarker: string;
}

/** A version, or the common prefix of several keys. */
interface VersionEntry {
  /** The key or the common prefix. */
  readonly key: string;
  /** `undefined` for a common prefix. */
  readonly version: StoredVersion | undefined;
  readonly isLatest: boolean;
}

/** ListObjectVersions. */
export function listObjectVersions(context: OperationContext): Response {
  const { request } = context;
  const bucket = targetBucket(context);
  const keyMarker = queryValue(request, "key-marker") ?? "";
  const versionIdMarker = queryValue(request, "version-id-marker") ?? "";
  if (versionIdMarker !== "") checkMarker(bucket, keyMarker, versionIdMarker);
  const asked = readListing(request);
  const page: VersionEntry[] = [];
  let truncated = false;
  for (const entry of entries(bucket, { ...asked, keyMarker, versionIdMarker })) {
    truncated = page.length === asked.maxKeys && asked.maxKeys > 0;
    if (page.length === asked.maxKeys) break;
    page.push(entry);
  }
  const last = truncated ? page[page.length - 1] : undefined;
  const now = wantsRestoreStatus(context) ? context.now : undefined;
  return xmlResponse("ListVersionsResult", [
    {
      Name: bucket.name,
      Prefix: asked.encode(asked.prefix),
      KeyMarker: asked.encode(keyMarker),
      VersionIdMarker: versionIdMarker,
      NextKeyMarker: last && asked.encode(last.key),
      NextVersionIdMarker: last?.version?.versionId,
      MaxKeys: asked.maxKeys,
      Delimiter: asked.delimiter === "" ? undefined : asked.encode(asked.delimiter),
      EncodingType: asked.encodingType,
      IsTruncated: truncated,
    },
    ...page.flatMap((entry) => entry.version === undefined ? [] : [versionElement(entry, asked.encode, now)]),
    ...page.flatMap(({ key, version }): XmlFields[] => {
      return version === undefined ? [{ CommonPrefixes: { Prefix: asked.encode(key) } }] : [];
    }),
  ]);
}

/** Lists in the order of the keys, and of each key the newest version first. Lazy, so that a page takes time for its own length. */
function* entries(bucket: Bucket, query: VersionQuery): Generator<VersionEntry> {
  const { prefix, delimiter, keyMarker, versionIdMarker } = query;
  const keys = bucket.versionedKeys;
  const passed = keyMarker.startsWith(prefix) ? commonPrefix(keyMarker, prefix, delimiter) : undefined;
  let position = partitionPoint(keys, (key) => {
    const order = compareUtf8(key, keyMarker);
    return compareUtf8(key, prefix) < 0 || order < 0 || (order === 0 && versionIdMarker === "") ||
      (passed !== undefined && key.startsWith(passed));
  });
  while (position < keys.length) {
    const key = keys[position]!;
    if (!key.startsWith(prefix)) return;
    const common = commonPrefix(key, prefix, delimiter);
    if (common !== undefined) {
      yield { key: common, version: undefined, isLatest: false };
      position = partitionPoint(keys, (each) => compareUtf8(each, common) < 0 || each.startsWith(common));
      continue;
    }
    const all = bucket.versions(key);
    const rest = key === keyMarker ? bucket.versionsAfter(key, versionIdMarker) ?? [] : all;
    for (const version of rest) yield { key, version, isLatest: version === all[0] };
    position++;
  }
}

function checkMarker(bucket: Bucket, keyMarker: string, versionIdMarker: string): void {
  if (keyMarker === "") {
    throw invalidArgument(
      "A version-id marker cannot be specified without a key marker.",
      "version-id-marker",
      versionIdMarker,
    );
  }
  if (!bucket.knowsVersionId(versionIdMarker)) {
    throw invalidArgument("Invalid version id specified", "version-id-marker", versionIdMarker);
  }
}

function versionElement(entry: VersionEntry, encode: (text: string) => string, now: Date | undefined): XmlFields {
  const version = entry.version!;
  const common = { Key: encode(entry.key), VersionId: version.versionId, IsLatest: entry.isLatest, Owner: OWNER };
  if (!version.isDeleteMarker) return { Version: { ...common, ...objectFields(version, now) } };
  return { DeleteMarker: { ...common, LastModified: version.lastModified.toISOString() } };
}
