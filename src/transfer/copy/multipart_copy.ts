import type { CopyInput } from "../../client/operations/copy_object.ts";
import { readTagging, uploadPartCopy } from "../../client/operations/copy_part.ts";
import { completeMultipartUpload, type UploadedPart } from "../../client/operations/multipart.ts";
import { isAws } from "../../aws/hosts.ts";
import {
  changed,
  headObject,
  type ObjectTarget,
  type StoredVersion,
  WRITE_ID,
} from "../../client/operations/objects.ts";
import type { RequestHeaders } from "../../client/request.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { isStorageError, NotSupportedError, PermissionDeniedError, type StorageError } from "../../errors.ts";
import { abortWith } from "../../kit/async/on_abort.ts";
import type { ChecksumAlgorithm } from "../../runtime/hash/checksum_algorithms.ts";
import { abortUpload } from "../write/abort_upload.ts";
import { beginUpload } from "../write/multipart_upload.ts";
import { partSizeForLength } from "../write/part_size.ts";
import type { PartPlan } from "../write/write_parameters.ts";

/** The largest object or part that S3 copies in one request: 5 GiB. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** The number of parts of a copy, unless they would be too small or too large. */
const WANTED_PARTS = 100;

/** Headers of the source that CopyObject copies. */
const COPIED = /^(content-(type|encoding|disposition|language)|cache-control|expires|x-amz-meta-.+)$/;

/** The source of a copy, as HeadObject describes it. */
export interface CopySource {
  /** The client that may read it. */
  readonly client: S3Client;
  readonly target: ObjectTarget;
  readonly headers: Headers;
  readonly size: number;
  readonly etag: string;
  /** Whether the source remains unchanged: then a copy without tags that may not be read loses nothing. */
  readonly remains?: boolean;
}

/**
 * Copies an object in parts, several at the same time, with everything that CopyObject copies, and returns the copy. After a
 * failure the upload is aborted.
 *
 * @param condition Headers with conditions on the target.
 * @param plan The size of the parts, and how many are copied at the same time.
 * @throws {PreconditionFailedError} If a condition does not hold, or the source changed meanwhile.
 */
export async function copyInParts(
  client: S3Client,
  input: CopyInput,
  from: CopySource,
  condition: RequestHeaders,
  plan: PartPlan = client.settings.transferConfig,
): Promise<StoredVersion> {
  const { source, headers, described: _, tagging: __, ...target } = input;
  const { size, etag } = from;
  const checksumAlgorithm = headers?.["x-amz-checksum-algorithm"] as ChecksumAlgorithm | undefined;
  const written: RequestHeaders = { ...await descriptiveHeaders(from, input), ...headers };
  const uploadId = await beginUpload(client, { ...target, checksumAlgorithm }, written);
  const stop = new AbortController();
  const upload = { ...target, uploadId, checksumAlgorithm };
  const unlink = abortWith(stop, target.signal);
  const part = { ...upload, source, etag, signal: stop.signal };

  const { partSize, maxConcurrency } = plan;
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
    await refuseChanged(from);
    return await completeMultipartUpload(client, { ...upload, parts, headers: condition });
  } catch (error) {
    stop.abort();
    await abortUpload(client, upload, Promise.allSettled(copying));
    throw error;
  } finally {
    unlink();
  }
}

/** @throws The error of CopyObject, unless the size of the source caused it. */
export function refuseSmall({ size }: CopySource, error: StorageError): void {
  const { s3Code, message } = error;
  const isForSize = s3Code === "EntityTooLarge" || /copy source is larger/.test(message);
  if (size <= MAX_COPY_BYTES && !isForSize) throw error;
}

/** The headers that describe the copy of an object, including its tags. */
export async function descriptiveHeaders(
  source: CopySource,
  { described, tagging }: Pick<CopyInput, "described" | "tagging">,
): Promise<RequestHeaders> {
  const tags = tagging ?? await taggingOf(source);
  const headers = described ?? checkSendable(copiedHeaders(source.headers), source.target);
  return { ...headers, "x-amz-tagging": tags || undefined };
}

/** The headers of an object that CopyObject copies. */
export function copiedHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => COPIED.test(name) && name !== WRITE_ID));
}

/**
 * Some services keep values beyond ASCII, which CopyObject copies, and requests cannot carry.
 *
 * @throws {NotSupportedError} If there is such a value.
 */
export function checkSendable<Sent extends RequestHeaders>(headers: Sent, { bucket, key }: ObjectTarget): Sent {
  const name = Object.keys(headers).find((name) => /[^\t\x20-\x7e]/.test(headers[name] ?? ""));
  if (name === undefined) return headers;
  throw new NotSupportedError(
    `Cannot copy the attributes of '${key}': requests cannot carry the value of ${name}, which is not ASCII. Pass another one`,
    { bucket, key },
  );
}

/**
 * Some services, such as Ceph RGW 16, ignore the condition on the source: then parts may come from different objects.
 *
 * @throws {PreconditionFailedError} If the source changed.
 */
async function refuseChanged({ client, target, size, etag }: CopySource): Promise<void> {
  if (isAws(client.settings)) return;
  const now = await headObject(client, target);
  if (now.etag !== etag || now.size !== size) throw changed(target);
}

/**
 * Reads the tags of an object; empty if the service does not support tags, or responds without a document. Tags that may not
 * be read (s3:GetObjectTagging) are left out where the source remains: S3 does not tell then whether it has any.
 */
async function taggingOf({ client, target, headers, remains = false }: CopySource): Promise<string> {
  try {
    return await readTagging(client, target);
  } catch (error) {
    const isTagged = headers.has("x-amz-tagging-count");
    if (!isStorageError(error)) throw error;
    if (error.code === "PermissionDenied") {
      // Other services may deny what they do not support.
      if (!isTagged && (remains || !isAws(client.settings))) return "";
      throw new PermissionDeniedError(
        `${error.message}. Copying the tags of '${target.key}' needs s3:GetObjectTagging; to copy without it, pass tagging`,
        { ...error, response: error.response, cause: error },
      );
    }
    if (isTagged) throw error;
    const { code, s3Code, status, response } = error;
    // Some services respond with another document; the page of a proxy, which the error has, does not show the tags.
    const isOther = code === "Service" && status === undefined && response === undefined;
    if (code !== "NotSupported" && s3Code !== "NoSuchTagSet" && !isOther) throw error;
    return "";
  }
}
