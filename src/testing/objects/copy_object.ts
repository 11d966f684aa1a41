import { encodeHex } from "../../kit/bytes/bytes.ts";
import { md5 } from "../../kit/bytes/md5.ts";
import { type OperationContext, targetBucket } from "../operation.ts";
import { type Checksum, checksumBase64, checksumElement, parseChecksumAlgorithm } from "../payload/checksums.ts";
import { xmlResponse } from "../protocol/documents.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";
import { percentDecode } from "../protocol/percent.ts";
import { keyOf } from "../protocol/request.ts";
import type { ObjectAttributes, StoredObject } from "../store/bucket_store.ts";
import { readAttributes, readDescription, readStorageClass } from "./attributes.ts";
import { checkCopyConditions, checkWriteConditions } from "./conditions.ts";
import { checkCustomerKey, customerKeyHeaders, withoutCustomerKey } from "./customer_key.ts";
import { checkVersion } from "./read_object.ts";

/** CopyObject. */
export async function copyObject(context: OperationContext): Promise<Response> {
  const bucket = targetBucket(context), key = keyOf(context.request);
  const { source, bucketName } = copySource(context);
  if (source.bytes.length > context.maxCopySize) {
    throw new S3ServerError(
      "InvalidRequest",
      `The specified copy source is larger than the maximum allowable size for a copy source: ${context.maxCopySize}`,
    );
  }
  const replaces = directive(context, "x-amz-metadata-directive");
  const retags = directive(context, "x-amz-tagging-directive");
  const { headers } = context;
  const changes = replaces || ["x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-server-side-encryption"]
    .some((name) => headers.has(name)) ||
    customerKeyHeaders(headers).length > 0;
  if (!changes && bucketName === bucket.name && source.key === key) {
    throw new S3ServerError(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's " +
        "metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const asked = readAttributes(headers);
  const attributes: ObjectAttributes = {
    ...(replaces ? readDescription(headers) : source),
    // S3 never copies the ACL or the storage class.
    acl: asked.acl,
    storageClass: readStorageClass(headers),
    tags: retags ? asked.tags : source.tags,
  };
  const checksum = await copyChecksum(source, headers.get("x-amz-checksum-algorithm"));
  const etag = encodeHex(md5(source.bytes));
  checkWriteConditions(key, bucket.find(key), headers);
  bucket.put({
    systemHeaders: new Map([...withoutCustomerKey(attributes.systemHeaders), ...customerKeyHeaders(headers)]),
    metadata: attributes.metadata,
    storageClass: attributes.storageClass,
    acl: attributes.acl,
    tags: attributes.tags,
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
    ...(checksum === undefined ? {} : { [checksumElement(checksum.algorithm)]: checksum.value }),
  });
}

/** Finds the source of a copy, and checks the conditions on it. */
export function copySource(context: OperationContext): { source: StoredObject; bucketName: string } {
  const header = context.headers.get("x-amz-copy-source") ?? "";
  const [rawPath, versionQuery] = splitOnce(header.replace(/^\//, ""), "?versionId=");
  const path = percentDecode(rawPath) ?? "";
  const [bucketName, key] = splitOnce(path, "/");
  if (bucketName === "" || key === undefined || key === "") {
    throw invalidArgument(
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
      "x-amz-copy-source",
      header,
    );
  }
  checkVersion(versionQuery, key);
  const source = context.store.get(bucketName).get(key);
  checkCustomerKey(context.headers, source.systemHeaders, "copy source");
  checkCopyConditions(source, context.headers);
  return { source, bucketName };
}

function directive(context: OperationContext, name: string): boolean {
  const value = context.headers.get(name) ?? "COPY";
  if (value !== "COPY" && value !== "REPLACE") throw invalidArgument("Unknown metadata directive.", name, value);
  return value === "REPLACE";
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
