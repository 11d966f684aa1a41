import { isStorageError } from "../../errors.ts";
import { type Bytes, encodeHex, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { quotedETag } from "../../kit/text/etag.ts";
import { md5 } from "../../runtime/hash/digest.ts";
import { childText, escapeXml } from "../../kit/text/xml.ts";
import { etagOf, headObject, type ObjectTarget, type StoredVersion, versionOf } from "./objects.ts";
import type { RequestHeaders } from "../request.ts";
import { invalidResponse } from "../invalid_response.ts";
import type { S3Client } from "../s3_client.ts";
import { listingPages } from "./list_pages.ts";
import { type BodyChecks, checksumHeader, checksumHeaders } from "../upload_checksum.ts";

/** A multipart upload in progress. */
export interface MultipartTarget extends ObjectTarget, BodyChecks {
  readonly uploadId: string;
}

/** A part that was uploaded. */
export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
  /** In base64. */
  readonly checksum?: string | undefined;
}

/** A part as S3 lists it. */
export interface ListedPart extends UploadedPart {
  readonly size: number;
}

/**
 * Creates a multipart upload; returns its id. If a response is lost, the next attempt creates another upload, and the first
 * one stays, without parts: nothing distinguishes it from an upload of the key that another program has just begun.
 */
export async function createMultipartUpload(
  client: S3Client,
  input: Omit<MultipartTarget, "uploadId"> & {
    readonly headers: RequestHeaders;
    readonly onFailedAttempt?: (() => void) | undefined;
  },
): Promise<string> {
  const { document } = await client.sendForXml({
    operation: "CreateMultipartUpload",
    method: "POST",
    ...input,
    query: { uploads: "" },
    headers: { ...input.headers, "x-amz-checksum-algorithm": input.checksumAlgorithm },
  }, "InitiateMultipartUploadResult");
  const uploadId = childText(document, "UploadId");
  if (!uploadId) throw invalidResponse("CreateMultipartUpload", "missing UploadId", input);
  return uploadId;
}

/** Uploads one part. */
export async function uploadPart(
  client: S3Client,
  input: MultipartTarget & {
    readonly partNumber: number;
    readonly body: Bytes | Blob;
    readonly onFailedAttempt?: () => void;
    /** Called with the headers of the response. */
    readonly onResponse?: (headers: Headers) => void;
  },
): Promise<UploadedPart> {
  const { uploadId, partNumber, onResponse, ...rest } = input;
  const sums = await checksumHeaders(input);
  const headers = await client.send({
    operation: "UploadPart",
    method: "PUT",
    ...rest,
    query: { partNumber: String(partNumber), uploadId },
    headers: { ...input.parameters?.part, ...sums },
  });
  const etag = etagOf(headers, "UploadPart", input);
  if (etag === undefined) throw invalidResponse("UploadPart", "missing ETag", input);
  onResponse?.(headers);
  const { checksumAlgorithm } = input;
  return { partNumber, etag, checksum: checksumAlgorithm && sums[checksumHeader(checksumAlgorithm)] };
}

/** The most parts of an upload. Source: the S3 user guide, "Amazon S3 multipart upload limits". */
export const MAX_PARTS = 10_000;

/** Lists the uploaded parts in the order of their numbers, 1,000 per request. */
export async function listParts(client: S3Client, input: MultipartTarget): Promise<ListedPart[]> {
  const { uploadId, bucket, key, signal, unsentSignal } = input;
  const parts: ListedPart[] = [];
  const pages = listingPages(client, {
    operation: "ListParts",
    root: "ListPartsResult",
    ...{ bucket, key, signal, unsentSignal },
    query: { uploadId },
    headers: input.parameters?.all,
    markers: { "part-number-marker": "NextPartNumberMarker" },
    entries: ["Part"],
    ids: ["PartNumber"],
  });
  for await (const { entries } of pages) {
    for (const part of entries) {
      const etag = childText(part, "ETag");
      if (!etag) throw invalidResponse("ListParts", "missing ETag", input);
      parts.push({
        partNumber: Number(childText(part, "PartNumber")),
        etag: quotedETag(etag),
        size: Number(childText(part, "Size")),
      });
    }
    if (parts.length > MAX_PARTS) throw invalidResponse("ListParts", `more than ${MAX_PARTS} parts`, input);
  }
  return parts;
}

/**
 * Completes an upload with the parts in the order of their numbers. If the response is lost, the next attempt, perhaps by the
 * runtime itself, no longer finds the upload; then the stored object shows whether the first attempt succeeded.
 */
export async function completeMultipartUpload(
  client: S3Client,
  input: MultipartTarget & {
    readonly parts: readonly UploadedPart[];
    readonly headers: RequestHeaders;
  },
): Promise<StoredVersion> {
  const { uploadId, checksumAlgorithm, parts, headers, ...target } = input;
  const listed = parts.toSorted((one, other) => one.partNumber - other.partNumber);
  const elements = listed.map(({ partNumber, etag, checksum }) => {
    const sum = checksum && `<Checksum${checksumAlgorithm}>${escapeXml(checksum)}</Checksum${checksumAlgorithm}>`;
    return `<Part><PartNumber>${partNumber}</PartNumber><ETag>${escapeXml(quotedETag(etag))}</ETag>${sum ?? ""}</Part>`;
  });
  const completing = client.sendForXml({
    operation: "CompleteMultipartUpload",
    method: "POST",
    timeoutFactor: 10, // S3 joins the parts before it responds
    ...target,
    query: { uploadId },
    headers: { ...target.parameters?.part, ...headers, "content-type": "application/xml" },
    body: encodeUtf8(
      `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${
        elements.join("")
      }</CompleteMultipartUpload>`,
    ),
  }, "CompleteMultipartUploadResult");
  try {
    const { document, response } = await completing;
    // Ceph RGW 16 sends an empty ETag.
    const etag = childText(document, "ETag") || await publishedETag(listed);
    return { etag: quotedETag(etag), versionId: versionOf(response.headers) };
  } catch (error) {
    const isRefused = isStorageError(error, "PreconditionFailed");
    if (!isRefused && !(isStorageError(error) && error.s3Code === "NoSuchUpload")) throw error;
    // If the upload still exists, it was not completed: the existing object is another one, even with equal parts.
    if (isRefused && !await hasEnded(client, input)) throw error;
    const { etag, versionId } = await headObject(client, target).catch(() => ({ etag: "", versionId: undefined }));
    if (etag !== await publishedETag(listed)) throw error;
    return { etag, versionId };
  }
}

/** Whether an upload has certainly ended. */
async function hasEnded(client: S3Client, upload: MultipartTarget): Promise<boolean> {
  try {
    await listParts(client, upload);
    return false;
  } catch (error) {
    return isStorageError(error, "NotFound");
  }
}

/** The ETag of an object with these parts: the MD5 of their MD5s, and their number. */
async function publishedETag(parts: readonly UploadedPart[]): Promise<string> {
  const bytes = parts.flatMap(({ etag }) => etag.match(/[0-9a-f]{2}/g) ?? []).map((hex) => parseInt(hex, 16));
  return `"${encodeHex(await md5(new Uint8Array(bytes)))}-${parts.length}"`;
}

/** Aborts an upload, which deletes its parts. */
export async function abortMultipartUpload(client: S3Client, input: MultipartTarget): Promise<void> {
  const { uploadId, ...target } = input;
  await client.send({
    operation: "AbortMultipartUpload",
    method: "DELETE",
    ...target,
    query: { uploadId },
    headers: target.parameters?.all,
  });
}
