import { isStorageError } from "../errors.ts";
import { lacking } from "./service_error.ts";
import type { Bytes } from "../kit/bytes.ts";
import { type ChecksumAlgorithm, checksumHeaders } from "./upload_checksum.ts";
import type { RequestHeaders, SharedParameters } from "./request.ts";
import type { S3Client } from "./s3_client.ts";

/** What every operation on an object needs. */
export interface ObjectTarget {
  readonly bucket: string;
  readonly key: string;
  readonly signal?: AbortSignal | undefined;
  readonly parameters?: SharedParameters | undefined;
}

/** What S3's headers tell of an object. */
export interface ObjectHead {
  readonly size: number;
  readonly etag: string;
  readonly modifiedTime: Date;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly cacheControl: string | undefined;
  readonly contentDisposition: string | undefined;
  readonly contentLanguage: string | undefined;
  readonly storageClass: string | undefined;
  readonly versionId: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The header that tells what one write has stored from what any other has; `stat` does not show it. */
export const WRITE_ID = "x-amz-meta-storages-write-id";

/** Stores an object in one request. */
export async function putObject(
  client: S3Client,
  input: ObjectTarget & {
    readonly body: Bytes | Blob;
    readonly headers: RequestHeaders;
    readonly checksumAlgorithm?: ChecksumAlgorithm | undefined;
  },
): Promise<void> {
  const { headers } = input;
  const answer = await client.send({
    operation: "PutObject",
    method: "PUT",
    ...input,
    headers: { ...headers, ...await checksumHeaders(input) },
    // When the answer to a conditional write was lost, the second try fails on what the first one stored.
    repeatable: WRITE_ID in headers || (headers["if-none-match"] ?? headers["if-match"]) === undefined,
  });
  if (!answer.has("etag")) throw lacking("PutObject", "an ETag", input);
}

/** Reads what S3 knows of an object. */
export async function headObject(client: S3Client, input: ObjectTarget): Promise<ObjectHead> {
  const { read, versionId } = input.parameters ?? {};
  const headers = await client.send({
    operation: "HeadObject",
    method: "HEAD",
    ...input,
    query: { versionId },
    headers: read,
  });
  return objectHead(headers, "HeadObject", input);
}

/** Whether the object is what the write of this id has stored. */
export async function isWrittenBy(client: S3Client, target: ObjectTarget, writeId: string): Promise<boolean> {
  try {
    const request = { operation: "HeadObject", method: "HEAD", ...target, headers: target.parameters?.read } as const;
    return (await client.send(request)).get(WRITE_ID) === writeId;
  } catch (error) {
    if (isStorageError(error, "NotFound") || isStorageError(error, "PermissionDenied")) return false;
    throw error;
  }
}

/**
 * Asks for an object's bytes as they are stored, from `start` to the end.
 *
 * Runtimes decode a body that says `Content-Encoding: gzip`, some of them even a range of it; asking S3 to say
 * `identity` instead is what gives the stored bytes on all of them.
 *
 * @param input.ifMatch The ETag the object must still have.
 */
export async function getObject(
  client: S3Client,
  input: ObjectTarget & { readonly start?: number; readonly ifMatch?: string },
): Promise<{ head: ObjectHead; body: ReadableStream<Uint8Array> }> {
  const { start = 0, ifMatch, ...target } = input;
  const { read, versionId } = target.parameters ?? {};
  const { headers, body } = await client.sendForStream({
    operation: "GetObject",
    method: "GET",
    ...target,
    query: { "response-content-encoding": "identity", versionId },
    headers: { ...read, range: start === 0 ? undefined : `bytes=${start}-`, "if-match": ifMatch || undefined },
  });
  try {
    const range = headers.get("content-range") ?? "";
    // A service that does not know ranges answers with the whole object: other bytes than those asked for.
    if (start > 0 && !range.startsWith(`bytes ${start}-`)) throw lacking("GetObject", "the range asked for", target);
    return { head: objectHead(headers, "GetObject", target), body };
  } catch (error) {
    await body.cancel();
    throw error;
  }
}

/** Removes an object; one that is not there counts as removed. */
export async function deleteObject(client: S3Client, input: ObjectTarget): Promise<void> {
  try {
    await client.send({ operation: "DeleteObject", method: "DELETE", ...input, headers: input.parameters?.all });
  } catch (error) {
    if (!isStorageError(error, "NotFound") || error.s3Code === "NoSuchBucket") throw error;
  }
}

/** The size of the whole object, also when the answer is a range of it. */
function fullSize(headers: Headers): number {
  const total = /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  return parseInt(total ?? headers.get("content-length") ?? "");
}

/** @throws {ServiceError} If the size is missing: taken for nothing, it would make the object look empty. */
function objectHead(headers: Headers, operation: string, target: ObjectTarget): ObjectHead {
  const size = fullSize(headers);
  if (Number.isNaN(size)) throw lacking(operation, "the object's size", target);
  const prefix = "x-amz-meta-";
  const metadata = Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith(prefix) && name !== WRITE_ID)
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
  const text = (name: string): string | undefined => headers.get(name) ?? undefined;
  return {
    size,
    etag: text("etag") ?? "",
    modifiedTime: new Date(text("last-modified") ?? NaN),
    contentType: text("content-type"),
    contentEncoding: text("content-encoding"),
    cacheControl: text("cache-control"),
    contentDisposition: text("content-disposition"),
    contentLanguage: text("content-language"),
    storageClass: text("x-amz-storage-class"),
    versionId: text("x-amz-version-id"),
    metadata,
  };
}
