import { encodeHex } from "../../kit/bytes/bytes.ts";
import { md5 } from "../../kit/bytes/md5.ts";
import { type OperationContext, targetBucket } from "../operation.ts";
import { type Checksum, checksumBase64, checksumElement, parseChecksumAlgorithm } from "../payload/checksums.ts";
import { xmlResponse } from "../protocol/documents.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";
import { percentDecode } from "../protocol/percent.ts";
import { keyOf } from "../protocol/request.ts";
import type { Bucket } from "../store/bucket.ts";
import type { StoredObject } from "../store/stored_object.ts";
import { NULL_VERSION } from "../store/version_ids.ts";
import { readAttributes } from "./attributes.ts";
import { checkCopyConditions, checkWriteConditions } from "./conditions.ts";
import { checkCustomerKey, customerKeyHeaders } from "./customer_key.ts";
import { checkReadable } from "./storage_class.ts";
import { checkVersionId, findObject, newVersionHeaders } from "./versions.ts";
import { encryptionHeaders } from "./write_object.ts";

/** CopyObject. */
export async function copyObject(context: OperationContext): Promise<Response> {
  const bucket = targetBucket(context), key = keyOf(context.request);
  const { source, sourceBucket, versionId } = copySource(context);
  if (source.bytes.length > context.maxCopySize) {
    throw new S3ServerError(
      "InvalidRequest",
      `The specified copy source is larger than the maximum allowable size for a copy source: ${context.maxCopySize}`,
    );
  }
  const replaces = directive(context, "metadata");
  const retags = directive(context, "tagging");
  const { headers } = context;
  const isSame = sourceBucket === bucket && source.key === key && (versionId === undefined || !bucket.versioning);
  if (isSame && !replaces && !changesObject(headers, source)) {
    throw new S3ServerError(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's " +
        "metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const asked = readAttributes(headers);
  const described = replaces ? asked : source;
  const systemHeaders = new Map([
    ...[...described.systemHeaders].filter(([name]) => !isOfOneObject(name)),
    ...[...asked.systemHeaders].filter(([name]) => isOfOneObject(name)),
  ]);
  const checksum = await copyChecksum(source, headers.get("x-amz-checksum-algorithm"));
  const etag = encodeHex(md5(source.bytes));
  checkWriteConditions(key, bucket.find(key), headers);
  const newVersion = bucket.put({
    systemHeaders,
    metadata: described.metadata,
    // S3 never copies the ACL or the storage class.
    storageClass: asked.storageClass,
    acl: asked.acl,
    tags: retags ? asked.tags : source.tags,
    key,
    bytes: source.bytes,
    etag,
    lastModified: context.now,
    checksum,
    partSizes: undefined,
  });
  return xmlResponse("CopyObjectResult", {
    LastModified: context.now.toISOString(),
    ETag: `"${etag}"`,
    ...(checksum === undefined
      ? {}
      : { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type }),
  }, { ...newVersionHeaders(newVersion), ...sourceVersionHeaders(source), ...encryptionHeaders({ systemHeaders }) });
}

/** The source of a copy. */
export interface CopySource {
  readonly source: StoredObject;
  readonly sourceBucket: Bucket;
  /** The version that the request names. */
  readonly versionId: string | undefined;
}

/** Finds the source of a copy, and checks the conditions on it. */
export function copySource(context: OperationContext): CopySource {
  const header = context.headers.get("x-amz-copy-source") ?? "";
  const [rawPath, rawVersion] = splitOnce(header.replace(/^\//, ""), "?versionId=");
  const versionId = rawVersion === undefined ? undefined : percentDecode(rawVersion) ?? rawVersion;
  const path = percentDecode(rawPath) ?? "";
  const [bucketName, key] = splitOnce(path, "/");
  if (bucketName === "" || key === undefined || key === "") {
    throw invalidArgument(
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
      "x-amz-copy-source",
      header,
    );
  }
  const sourceBucket = context.store.get(bucketName);
  if (versionId !== undefined) checkVersionId(sourceBucket, versionId);
  if (versionId !== undefined && sourceBucket.findVersion(key, versionId)?.isDeleteMarker) {
    throw new S3ServerError(
      "InvalidRequest",
      "The source of a copy request may not specifically refer to a delete marker by version id.",
    );
  }
  const source = findObject(sourceBucket, key, versionId, "GET");
  checkReadable(source, context.now, "Operation is not valid for the source object's storage class");
  checkCustomerKey(context.headers, source.systemHeaders, "copy source");
  checkCopyConditions(source, context.headers);
  return { source, sourceBucket, versionId };
}

/** The header with the version of a copied object; the null version has none. */
export function sourceVersionHeaders(source: StoredObject): Record<string, string> {
  return source.versionId === NULL_VERSION ? {} : { "x-amz-copy-source-version-id": source.versionId };
}

function directive(context: OperationContext, of: "metadata" | "tagging"): boolean {
  const name = `x-amz-${of}-directive`;
  const value = context.headers.get(name) ?? "COPY";
  if (value !== "COPY" && value !== "REPLACE") throw invalidArgument(`Unknown ${of} directive.`, name, value);
  return value === "REPLACE";
}

/** Encryption and redirects belong to one object: a copy has those of its request only. */
function isOfOneObject(header: string): boolean {
  return header.startsWith("x-amz-");
}

/** Whether a copy of an object to itself has a purpose: other attributes, or a restored object that stays readable. */
function changesObject(headers: Headers, source: StoredObject): boolean {
  return ["x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-server-side-encryption"]
    .some((name) => headers.has(name)) || customerKeyHeaders(headers).length > 0 || source.restore !== undefined;
}

/** A copy is one object without parts, so its checksum covers the whole object. */
async function copyChecksum(source: StoredObject, asked: string | null): Promise<Checksum | undefined> {
  const algorithm = asked === null ? source.checksum?.algorithm : parseChecksumAlgorithm(asked);
  if (algorithm === undefined) return undefined;
  return { algorithm, value: await checksumBase64(algorithm, source.bytes), type: "FULL_OBJECT" };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
