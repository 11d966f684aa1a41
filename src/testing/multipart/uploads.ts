import { encodeHex } from "../../kit/bytes/bytes.ts";
import { md5 } from "../../kit/bytes/md5.ts";
import { readAttributes } from "../objects/attributes.ts";
import { copySource, sourceVersionHeaders } from "../objects/copy_object.ts";
import { checkCustomerKey } from "../objects/customer_key.ts";
import { parseCopyRange } from "../objects/range.ts";
import { checksumHeaders, encryptionHeaders } from "../objects/write_object.ts";
import { emptyResponse, type OperationContext, targetBucket } from "../operation.ts";
import {
  type Checksum,
  checksumBase64,
  checksumElement,
  type ChecksumType,
  parseChecksumAlgorithm,
} from "../payload/checksums.ts";
import { xmlResponse } from "../protocol/documents.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";
import { keyOf, queryInteger, queryValue } from "../protocol/request.ts";
import type { StoredPart, Upload } from "../store/stored_object.ts";

const MAX_PART_NUMBER = 10_000;

/** CreateMultipartUpload. */
export function createMultipartUpload(context: OperationContext): Response {
  const bucket = targetBucket(context), key = keyOf(context.request);
  const checksum = uploadChecksum(context.headers);
  const upload: Upload = {
    uploadId: crypto.randomUUID().replaceAll("-", ""),
    key,
    initiated: context.now,
    attributes: readAttributes(context.headers),
    checksum,
    parts: new Map(),
  };
  bucket.uploads.set(upload.uploadId, upload);
  return xmlResponse("InitiateMultipartUploadResult", { Bucket: bucket.name, Key: key, UploadId: upload.uploadId }, {
    ...encryptionHeaders(upload.attributes),
    ...(checksum === undefined ? {} : {
      "x-amz-checksum-algorithm": checksum.algorithm.toUpperCase(),
      "x-amz-checksum-type": checksum.type,
    }),
  });
}

/** UploadPart. */
export async function uploadPart(context: OperationContext): Promise<Response> {
  const { payload } = context;
  const part = await storePart(context, payload.bytes, payload.checksum);
  return emptyResponse(200, { etag: `"${part.etag}"`, ...checksumHeaders(part.checksum) });
}

/** UploadPartCopy. */
export async function uploadPartCopy(context: OperationContext): Promise<Response> {
  const { source } = copySource(context);
  const header = context.headers.get("x-amz-copy-source-range");
  const range = header === null ? undefined : parseCopyRange(header, source.bytes.length);
  const bytes = range === undefined ? source.bytes : source.bytes.slice(range.start, range.end);
  const part = await storePart(context, bytes, undefined);
  return xmlResponse("CopyPartResult", {
    LastModified: part.lastModified.toISOString(),
    ETag: `"${part.etag}"`,
    ...(part.checksum === undefined ? {} : { [checksumElement(part.checksum.algorithm)]: part.checksum.value }),
  }, sourceVersionHeaders(source));
}

/** AbortMultipartUpload. */
export function abortMultipartUpload(context: OperationContext): Response {
  const bucket = targetBucket(context);
  bucket.uploads.delete(requestedUpload(context).uploadId);
  return emptyResponse(204);
}

/** The upload of a request. */
export function requestedUpload(context: OperationContext): Upload {
  return targetBucket(context).getUpload(queryValue(context.request, "uploadId") ?? "", keyOf(context.request));
}

async function storePart(
  context: OperationContext,
  bytes: Uint8Array<ArrayBuffer>,
  given: Checksum | undefined,
): Promise<StoredPart> {
  const upload = requestedUpload(context);
  checkCustomerKey(context.headers, upload.attributes.systemHeaders);
  const partNumber = queryInteger(context.request, "partNumber", 1, MAX_PART_NUMBER);
  if (partNumber === undefined) {
    throw invalidArgument("This operation does not accept a query-string without a part number.", "partNumber", "");
  }
  const algorithm = upload.checksum?.algorithm;
  if (given !== undefined && algorithm !== undefined && given.algorithm !== algorithm) {
    throw new S3ServerError(
      "InvalidRequest",
      `Checksum Type mismatch occurred, expected checksum Type: ${algorithm}, actual checksum Type: ${given.algorithm}`,
    );
  }
  const checksum: Checksum | undefined = given ??
    (algorithm && { algorithm, value: await checksumBase64(algorithm, bytes), type: "FULL_OBJECT" });
  const part: StoredPart = { partNumber, bytes, etag: encodeHex(md5(bytes)), lastModified: context.now, checksum };
  // The upload may have been completed or aborted while the checksum was computed.
  requestedUpload(context).parts.set(partNumber, part);
  return part;
}

/** The checksum of an upload. CRC64NVME always covers the whole object, SHA always the parts, CRC32 either. */
function uploadChecksum(headers: Headers): Upload["checksum"] {
  const name = headers.get("x-amz-checksum-algorithm"), asked = headers.get("x-amz-checksum-type");
  if (name === null) return undefined;
  const algorithm = parseChecksumAlgorithm(name);
  if (algorithm === undefined) {
    throw new S3ServerError("InvalidRequest", "Checksum algorithm provided is unsupported.");
  }
  const only: ChecksumType | undefined = algorithm === "crc64nvme"
    ? "FULL_OBJECT"
    : algorithm.startsWith("sha")
    ? "COMPOSITE"
    : undefined;
  if (
    asked !== null && ((asked !== "FULL_OBJECT" && asked !== "COMPOSITE") || (only !== undefined && asked !== only))
  ) {
    throw new S3ServerError(
      "InvalidRequest",
      `The ${asked} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
    );
  }
  return { algorithm, type: asked as ChecksumType | null ?? only ?? "COMPOSITE" };
}
