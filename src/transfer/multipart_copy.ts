import type { CopyInput } from "../client/copy_object.ts";
import { readTagging, uploadPartCopy } from "../client/copy_part.ts";
import { abortMultipartUpload, completeMultipartUpload, type UploadedPart } from "../client/multipart.ts";
import { objectHead, type ObjectTarget } from "../client/objects.ts";
import type { RequestHeaders } from "../client/request.ts";
import type { S3Client } from "../client/s3_client.ts";
import { isStorageError, type StorageError } from "../errors.ts";
import { anySignal } from "../kit/any_signal.ts";
import { tidyUp } from "../kit/tidy_up.ts";
import type { ChecksumAlgorithm } from "../runtime/checksum_algorithms.ts";
import { beginUpload } from "./multipart_upload.ts";
import { partSizeForLength } from "./part_size.ts";

/** What S3 copies at the most in one request, and what a part has at the most: 5 GiB. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** So many parts a copy is cut into, if they do not get too small or too large by it. */
const WANTED_PARTS = 100;

/** What CopyObject takes along, of the headers that an object is served with. */
const COPIED = /^(content-(type|encoding|disposition|language)|cache-control|expires|x-amz-meta-.+)$/;

/**
 * Copies an object that is too large for one request, by parts, several at once; with all that CopyObject takes along. An
 * object that changes meanwhile is an error, and no upload is left open.
 *
 * @param refusal What CopyObject was answered with.
 * @throws The refusal, if it was not for the size.
 */
export async function copyInParts(client: S3Client, input: CopyInput, refusal: StorageError): Promise<void> {
  const { source, headers, ...target } = input;
  const from = { ...target, ...source };
  const { read, versionId } = source.parameters ?? {};
  const request = { operation: "HeadObject", method: "HEAD", ...from, query: { versionId }, headers: read } as const;
  const answer = await client.send(request);
  const { size, etag } = objectHead(answer, "HeadObject", from);
  if (size <= MAX_COPY_BYTES && !isForSize(refusal)) throw refusal;

  const described = Object.fromEntries([...answer].filter(([name]) => COPIED.test(name)));
  const tagging = await taggingOf(client, from, answer.has("x-amz-tagging-count"));
  const checksumAlgorithm = headers?.["x-amz-checksum-algorithm"] as ChecksumAlgorithm | undefined;
  const written: RequestHeaders = { ...described, "x-amz-tagging": tagging || undefined, ...headers };
  const uploadId = await beginUpload(client, { ...target, checksumAlgorithm }, written);
  const stop = new AbortController();
  const upload = { ...target, uploadId, checksumAlgorithm };
  const part = { ...upload, source, etag, signal: anySignal(target.signal, stop.signal) };

  const { partSize, maxConcurrency } = client.settings.transferConfig;
  const even = Math.min(Math.ceil(size / WANTED_PARTS), MAX_COPY_BYTES);
  const step = partSizeForLength(size, Math.max(partSize, even));
  const parts: UploadedPart[] = [];
  let next = 0;
  const copySome = async (): Promise<void> => {
    for (let start = 0; (start = next) < size;) {
      next += step;
      const end = Math.min(next, size);
      parts.push(await uploadPartCopy(client, { ...part, partNumber: start / step + 1, start, end }));
    }
  };
  const copying = Array.from({ length: maxConcurrency }, copySome);
  try {
    await Promise.all(copying);
    await completeMultipartUpload(client, { ...upload, parts, headers: {} });
  } catch (error) {
    stop.abort();
    // A part that arrives after the abort would stay behind.
    const { signal: _, ...unaborted } = upload;
    await tidyUp(Promise.allSettled(copying).then(() => abortMultipartUpload(client, unaborted)));
    throw error;
  }
}

function isForSize({ s3Code, message }: StorageError): boolean {
  return s3Code === "EntityTooLarge" || /copy source is larger/.test(message);
}

/** The object's tags. A service that knows none has none to copy; some answer with nothing where there are none. */
async function taggingOf(client: S3Client, source: ObjectTarget, isTagged: boolean): Promise<string> {
  try {
    return await readTagging(client, source);
  } catch (error) {
    if (isTagged || !isStorageError(error)) throw error;
    const { code, s3Code, status } = error;
    if (code !== "NotSupported" && s3Code !== "NoSuchTagSet" && !(code === "Service" && status === undefined)) {
      throw error;
    }
    return "";
  }
}
