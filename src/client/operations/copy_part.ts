import { quotedETag } from "../../kit/text/etag.ts";
import { childText } from "../../kit/text/xml.ts";
import { encodeQuery } from "../../signing/encode.ts";
import { type CopyInput, sourceHeaders } from "./copy_object.ts";
import type { MultipartTarget, UploadedPart } from "./multipart.ts";
import { getObjectTagging } from "./object_tagging.ts";
import type { ObjectTarget } from "./objects.ts";
import { invalidResponse } from "../invalid_response.ts";
import type { S3Client } from "../s3_client.ts";

/** Copies a range of an object, which must still have the given ETag, as a part of an upload. */
export async function uploadPartCopy(
  client: S3Client,
  input: MultipartTarget & Pick<CopyInput, "source"> & {
    readonly partNumber: number;
    readonly start: number;
    /** The offset after the last byte of the part. */
    readonly end: number;
    readonly etag: string;
  },
): Promise<UploadedPart> {
  const { source, uploadId, partNumber, start, end, etag, checksumAlgorithm, ...target } = input;
  const { document } = await client.sendForXml({
    operation: "UploadPartCopy",
    method: "PUT",
    timeoutFactor: 10, // S3 copies the bytes before it responds
    ...target,
    query: { partNumber: String(partNumber), uploadId },
    headers: {
      ...target.parameters?.part,
      ...sourceHeaders(target.bucket, source),
      "x-amz-copy-source-if-match": etag,
      "x-amz-copy-source-range": `bytes=${start}-${end - 1}`,
    },
  }, "CopyPartResult");
  const copied = childText(document, "ETag");
  if (!copied) throw invalidResponse("UploadPartCopy", "missing ETag", input);
  return {
    partNumber,
    etag: quotedETag(copied),
    checksum: checksumAlgorithm && childText(document, `Checksum${checksumAlgorithm}`),
  };
}

/** Reads the tags of an object as the query string of `x-amz-tagging`; empty if it has none. */
export async function readTagging(client: S3Client, input: ObjectTarget): Promise<string> {
  return encodeQuery(await getObjectTagging(client, { ...input, versionId: input.parameters?.versionId }));
}
