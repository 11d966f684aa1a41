import { concatBytes, encodeHex } from "../../kit/bytes/bytes.ts";
import { md5 } from "../../kit/bytes/md5.ts";
import { childrenNamed, childText } from "../../kit/text/xml.ts";
import { checkWriteConditions } from "../objects/conditions.ts";
import { newVersionHeaders } from "../objects/versions.ts";
import { encryptionHeaders } from "../objects/write_object.ts";
import { type OperationContext, targetBucket } from "../operation.ts";
import { type Checksum, checksumBase64, checksumElement } from "../payload/checksums.ts";
import { decodeBase64, decodeHex } from "../payload/digests.ts";
import { xmlResponse } from "../protocol/documents.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { parseDocument } from "../protocol/request_documents.ts";
import type { StoredPart, Upload } from "../store/stored_object.ts";
import { requestedUpload } from "./uploads.ts";

/** CompleteMultipartUpload. */
export async function completeMultipartUpload(context: OperationContext): Promise<Response> {
  const bucket = targetBucket(context), upload = requestedUpload(context);
  checkWriteConditions(upload.key, bucket.find(upload.key), context.headers);
  const parts = listedParts(context, upload);
  const bytes = concatBytes(parts.map((part) => part.bytes));
  const checksum = await wholeChecksum(upload, parts, bytes);
  checkWholeChecksum(context, checksum);
  const declaredSize = context.headers.get("x-amz-mp-object-size");
  if (declaredSize !== null && Number(declaredSize) !== bytes.length) {
    throw new S3ServerError(
      "InvalidRequest",
      "The provided 'x-amz-mp-object-size' header does not match what was computed.",
    );
  }
  const etag = `${encodeHex(md5(concatBytes(parts.map((part) => decodeHex(part.etag)))))}-${parts.length}`;
  // Another request may have completed the upload or stored the object while the checksum was computed.
  requestedUpload(context);
  checkWriteConditions(upload.key, bucket.find(upload.key), context.headers);
  bucket.uploads.delete(upload.uploadId);
  const versionId = bucket.put({
    ...upload.attributes,
    key: upload.key,
    bytes,
    etag,
    lastModified: context.now,
    checksum,
    partSizes: parts.map((part) => part.bytes.length),
  });
  return xmlResponse("CompleteMultipartUploadResult", {
    Location: `${context.request.scheme}//${context.request.host}${context.request.rawPath}`,
    Bucket: bucket.name,
    Key: upload.key,
    ETag: `"${etag}"`,
    ...(checksum === undefined
      ? {}
      : { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type }),
  }, { ...newVersionHeaders(versionId), ...encryptionHeaders(upload.attributes) });
}

function listedParts(context: OperationContext, upload: Upload): StoredPart[] {
  const elements = childrenNamed(parseDocument(context.payload.bytes, "CompleteMultipartUpload"), "Part");
  if (elements.length === 0 || elements.length > 10_000) throw new S3ServerError("MalformedXML");
  let previous = 0;
  const parts = elements.map((element) => {
    const number = childText(element, "PartNumber")?.trim() ?? "", etag = childText(element, "ETag")?.trim();
    if (!/^\d{1,5}$/.test(number) || etag === undefined) throw new S3ServerError("MalformedXML");
    const partNumber = Number(number);
    if (partNumber <= previous) throw new S3ServerError("InvalidPartOrder", undefined, { UploadId: upload.uploadId });
    previous = partNumber;
    const part = upload.parts.get(partNumber);
    const algorithm = part?.checksum?.algorithm;
    const claimed = algorithm && childText(element, checksumElement(algorithm))?.trim();
    const checksumHolds = claimed === undefined || claimed === part?.checksum?.value;
    if (part === undefined || part.etag !== etag.replace(/^"(.*)"$/, "$1") || !checksumHolds) {
      throw new S3ServerError("InvalidPart", undefined, {
        UploadId: upload.uploadId,
        PartNumber: number,
        ETag: etag,
      });
    }
    return part;
  });
  for (const part of parts.slice(0, -1)) {
    if (part.bytes.length < context.minPartSize) {
      throw new S3ServerError("EntityTooSmall", undefined, {
        ProposedSize: `${part.bytes.length}`,
        MinSizeAllowed: `${context.minPartSize}`,
        PartNumber: `${part.partNumber}`,
        ETag: part.etag,
      });
    }
  }
  return parts;
}

async function wholeChecksum(
  upload: Upload,
  parts: readonly StoredPart[],
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Checksum | undefined> {
  if (upload.checksum === undefined) return undefined;
  const { algorithm, type } = upload.checksum;
  if (type === "FULL_OBJECT") return { algorithm, type, value: await checksumBase64(algorithm, bytes) };
  const each = parts.map((part) => decodeBase64(part.checksum?.value ?? "") ?? new Uint8Array());
  return { algorithm, type, value: `${await checksumBase64(algorithm, concatBytes(each))}-${parts.length}` };
}

function checkWholeChecksum(context: OperationContext, checksum: Checksum | undefined): void {
  if (checksum === undefined) return;
  const claimed = context.headers.get(`x-amz-checksum-${checksum.algorithm}`);
  if (claimed === null || claimed === checksum.value || checksum.value.startsWith(`${claimed}-`)) return;
  throw new S3ServerError(
    "BadDigest",
    `The ${checksum.algorithm} you specified did not match the calculated checksum.`,
  );
}
