import { compareUtf8 } from "../../kit/text/utf8_order.ts";
import { OWNER } from "../authentication/acl.ts";
import { commonPrefix, pageSize, readEncoding } from "../buckets/listing_query.ts";
import { type OperationContext, targetBucket } from "../operation.ts";
import { checksumElement } from "../payload/checksums.ts";
import { type XmlFields, xmlResponse } from "../protocol/documents.ts";
import { queryInteger, queryValue } from "../protocol/request.ts";
import type { StoredPart, Upload } from "../store/stored_object.ts";
import { requestedUpload } from "./uploads.ts";

/** ListParts. */
export function listParts(context: OperationContext): Response {
  const { request } = context;
  const upload = requestedUpload(context);
  const maxParts = pageSize(request, "max-parts");
  const marker = queryInteger(request, "part-number-marker", 0, 2 ** 31 - 1) ?? 0;
  const after = [...upload.parts.values()]
    .filter((part) => part.partNumber > marker)
    .sort((a, b) => a.partNumber - b.partNumber);
  const page = after.slice(0, maxParts);
  const { encodingType, encode } = readEncoding(request);
  return xmlResponse("ListPartsResult", {
    Bucket: targetBucket(context).name,
    EncodingType: encodingType,
    Key: encode(upload.key),
    UploadId: upload.uploadId,
    Initiator: OWNER,
    Owner: OWNER,
    StorageClass: upload.attributes.storageClass,
    PartNumberMarker: marker,
    NextPartNumberMarker: page[page.length - 1]?.partNumber ?? 0,
    MaxParts: maxParts,
    IsTruncated: after.length > page.length,
    ChecksumAlgorithm: upload.checksum?.algorithm.toUpperCase(),
    ChecksumType: upload.checksum?.type,
    Part: page.map(partEntry),
  });
}

/** ListMultipartUploads. */
export function listMultipartUploads(context: OperationContext): Response {
  const { request } = context;
  const bucket = targetBucket(context);
  const prefix = queryValue(request, "prefix") ?? "", delimiter = queryValue(request, "delimiter") ?? "";
  const keyMarker = queryValue(request, "key-marker") ?? "", idMarker = queryValue(request, "upload-id-marker") ?? "";
  const maxUploads = pageSize(request, "max-uploads");
  const { encodingType, encode } = readEncoding(request);
  const marker = { key: keyMarker, uploadId: idMarker };
  const after = [...bucket.uploads.values()].sort(compareUploads).filter((upload) => {
    if (!upload.key.startsWith(prefix)) return false;
    if (keyMarker === "") return true;
    return idMarker === "" ? compareUtf8(upload.key, keyMarker) > 0 : compareUploads(upload, marker) > 0;
  });
  const page: Upload[] = [], prefixes = new Set<string>();
  let last: Upload | undefined;
  let truncated = false;
  for (const upload of after) {
    const common = commonPrefix(upload.key, prefix, delimiter);
    if (common !== undefined && (prefixes.has(common) || compareUtf8(common, keyMarker) <= 0)) continue;
    if (page.length + prefixes.size === maxUploads) {
      truncated = maxUploads > 0;
      break;
    }
    if (common === undefined) page.push(upload);
    else prefixes.add(common);
    last = common === undefined ? upload : { ...upload, key: common };
  }
  return xmlResponse("ListMultipartUploadsResult", {
    Bucket: bucket.name,
    EncodingType: encodingType,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: truncated && last ? encode(last.key) : undefined,
    NextUploadIdMarker: truncated && last ? last.uploadId : undefined,
    Prefix: encode(prefix),
    Delimiter: delimiter === "" ? undefined : encode(delimiter),
    MaxUploads: maxUploads,
    IsTruncated: truncated,
    Upload: page.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.uploadId,
      Initiator: OWNER,
      Owner: OWNER,
      StorageClass: upload.attributes.storageClass,
      Initiated: upload.initiated.toISOString(),
    })),
    CommonPrefixes: [...prefixes].map((common) => ({ Prefix: encode(common) })),
  });
}

function partEntry(part: StoredPart): XmlFields {
  return {
    PartNumber: part.partNumber,
    LastModified: part.lastModified.toISOString(),
    ETag: `"${part.etag}"`,
    Size: part.bytes.length,
    ...(part.checksum === undefined ? {} : { [checksumElement(part.checksum.algorithm)]: part.checksum.value }),
  };
}

function compareUploads(a: { key: string; uploadId: string }, b: { key: string; uploadId: string }): number {
  return compareUtf8(a.key, b.key) || compareUtf8(a.uploadId, b.uploadId);
}
