import { isStorageError, PreconditionFailedError } from "../../errors.ts";
import type { GuardedBody } from "../guarded_body.ts";
import type { Tries } from "../retry.ts";
import { lacking } from "../invalid_response.ts";
import type { Bytes } from "../../kit/bytes/bytes.ts";
import { CHECKSUM_MODE, type ToldChecksum, toldChecksum, usesChecksums } from "../response_checksum.ts";
import { type BodyChecks, checksumHeaders } from "../upload_checksum.ts";
import type { RequestHeaders, SharedParameters } from "../request.ts";
import type { S3Client } from "../s3_client.ts";

/** What every operation on an object needs. */
export interface ObjectTarget {
  readonly bucket: string;
  readonly key: string;
  readonly signal?: AbortSignal | undefined;
  /** Ends what has not been sent. */
  readonly unsentSignal?: AbortSignal | undefined;
  readonly parameters?: SharedParameters | undefined;
}

/** What S3 says of an object that it has stored. */
export interface StoredVersion {
  readonly etag: string;
  readonly versionId: string | undefined;
}

/** The version that an answer's headers tell; services without versions say none, or `null`. */
export function versionOf(headers: Headers): string | undefined {
  const versionId = headers.get("x-amz-version-id");
  return versionId === "null" ? undefined : versionId ?? undefined;
}

/** What one must know of an object to read it. */
export interface ObjectVersion {
  readonly size: number;
  readonly etag: string;
  readonly contentEncoding: string | undefined;
}

/** What S3's headers tell of an object. */
export interface ObjectHead extends ObjectVersion {
  readonly modifiedTime: Date;
  readonly contentType: string | undefined;
  readonly cacheControl: string | undefined;
  readonly contentDisposition: string | undefined;
  readonly contentLanguage: string | undefined;
  readonly storageClass: string | undefined;
  readonly versionId: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An answer's headers: to look into all of them takes longer than to read a small object, and few ask. */
export interface AnsweredHead extends ObjectVersion {
  readonly all: () => ObjectHead;
}

/** The header that tells what one write has stored from what any other has; `stat` does not show it. */
export const WRITE_ID = "x-amz-meta-storages-write-id";

/** Stores an object in one request; returns what it is answered with. */
export async function putObject(
  client: S3Client,
  input: ObjectTarget & BodyChecks & {
    readonly body: Bytes | Blob;
    readonly headers: RequestHeaders;
  },
): Promise<Headers> {
  const { headers } = input;
  const answer = await client.send({
    operation: "PutObject",
    method: "PUT",
    ...input,
    headers: { ...headers, ...await checksumHeaders(input) },
    // When the answer to a conditional write was lost, the second try fails on what the first one stored.
    repeatable: WRITE_ID in headers || (headers["if-none-match"] ?? headers["if-match"]) === undefined,
  });
  if (!etagOf(answer, "PutObject", input)) throw lacking("PutObject", "an ETag", input);
  return answer;
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
  return answeredHead(headers, "HeadObject", input).all();
}

/** Which of an object's bytes are asked for. */
export interface ObjectRange {
  /** @default {0} */
  readonly start?: number | undefined;
  /** The first byte that is not asked for; the object's end by default. */
  readonly end?: number | undefined;
  /** What the object must still be. */
  readonly sameAs?: Pick<ObjectHead, "etag" | "size"> | undefined;
}

/**
 * Asks for an object's bytes as they are stored.
 *
 * Runtimes decode a body that says `Content-Encoding: gzip`, some of them even a range of it; asking S3 to say
 * `identity` instead is what gives the stored bytes on all of them.
 *
 * @param tries Those of the body that this goes on with.
 * @returns The bytes, all of them where `isRange` is false: a service may ignore an `end`.
 * @throws {PreconditionFailedError} If the object is another one than it must be.
 */
export async function getObject(
  client: S3Client,
  input: ObjectTarget & ObjectRange,
  tries?: Tries,
): Promise<{ head: AnsweredHead; body: GuardedBody; isRange: boolean; checksum: ToldChecksum | undefined }> {
  const { start = 0, end, sameAs, ...target } = input;
  const { read, versionId } = target.parameters ?? {};
  const mode = checksumMode(client, target);
  const range = start === 0 && end === undefined ? undefined : `bytes=${start}-${end === undefined ? "" : end - 1}`;
  const { headers, body } = await client.sendForStream({
    operation: "GetObject",
    method: "GET",
    ...target,
    query: { "response-content-encoding": "identity", versionId },
    headers: {
      [CHECKSUM_MODE]: range === undefined ? mode : undefined,
      ...read,
      range,
      "if-match": sameAs?.etag || undefined,
    },
  }, tries);
  try {
    const given = headers.get("content-range");
    // A service that does not know ranges answers with the whole object: other bytes than those asked for.
    if (start > 0 && !given?.startsWith(`bytes ${start}-`)) throw lacking("GetObject", "the range asked for", target);
    const head = answeredHead(headers, "GetObject", target);
    if (sameAs !== undefined && !isSame(head, sameAs)) throw changed(target); // not every service minds If-Match
    const isRange = given !== null;
    // A checksum of the whole says nothing of a range, and S3 tells that of a part for some.
    const isChecked = !isRange && (mode !== undefined || client.settings.responseChecksumValidation === undefined);
    return { head, body, isRange, checksum: isChecked ? toldChecksum(headers) : undefined };
  } catch (error) {
    await body.cancel();
    throw error;
  }
}

/** `"ENABLED"` where the service is to tell the checksum of what is read. */
export function checksumMode({ settings }: S3Client, { parameters }: ObjectTarget): string | undefined {
  const asks = usesChecksums(settings.responseChecksumValidation, settings);
  return parameters?.read[CHECKSUM_MODE] ?? (asks ? "ENABLED" : undefined);
}

function isSame(head: ObjectVersion, { etag, size }: Pick<ObjectHead, "etag" | "size">): boolean {
  return head.size === size && (head.etag === etag || head.etag === "");
}

/** What an object is answered with that is no longer the one it was. */
export function changed({ bucket, key }: ObjectTarget): PreconditionFailedError {
  return new PreconditionFailedError(`The object changed while it was read: ${key}`, { bucket, key });
}

/**
 * Removes an object; one that is not there counts as removed.
 *
 * @param input.versionId The version that is removed, instead of the one that is read.
 * @param input.ifMatch The ETag that it must have; some services ignore it.
 */
export async function deleteObject(
  client: S3Client,
  input: ObjectTarget & { readonly versionId?: string | undefined; readonly ifMatch?: string | undefined },
): Promise<void> {
  const { versionId, ifMatch, ...target } = input;
  try {
    await client.send({
      operation: "DeleteObject",
      method: "DELETE",
      ...target,
      query: { versionId },
      headers: { ...target.parameters?.all, "if-match": ifMatch },
    });
  } catch (error) {
    if (!isStorageError(error, "NotFound") || error.s3Code === "NoSuchBucket") throw error;
  }
}

/**
 * The ETag that an answer tells: later requests name it in a condition.
 *
 * @throws {ServiceError} If no request could carry it.
 */
export function etagOf(headers: Headers, operation: string, target: ObjectTarget): string | undefined {
  const etag = headers.get("etag") ?? undefined;
  if (/[^\x20-\x7e]/.test(etag ?? "")) throw lacking(operation, "a valid ETag", target);
  return etag;
}

/** The size of the whole object, also when the answer is a range of it. */
function fullSize(headers: Headers): number {
  const total = /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  return parseInt(total ?? headers.get("content-length") ?? "");
}

/** @throws {ServiceError} If the size is missing: taken for nothing, it would make the object look empty. */
export function answeredHead(headers: Headers, operation: string, target: ObjectTarget): AnsweredHead {
  const size = fullSize(headers);
  if (!Number.isSafeInteger(size) || size < 0) throw lacking(operation, "the object's size", target);
  const etag = etagOf(headers, operation, target) ?? "";
  const contentEncoding = headers.get("content-encoding") ?? undefined;
  return { size, etag, contentEncoding, all: () => allOf(headers, { size, etag, contentEncoding }) };
}

function allOf(headers: Headers, known: ObjectVersion): ObjectHead {
  const prefix = "x-amz-meta-";
  const metadata = Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith(prefix) && name !== WRITE_ID)
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
  const text = (name: string): string | undefined => headers.get(name) || undefined;
  return {
    ...known,
    modifiedTime: new Date(text("last-modified") ?? NaN),
    contentType: text("content-type"),
    cacheControl: text("cache-control"),
    contentDisposition: text("content-disposition"),
    contentLanguage: text("content-language"),
    storageClass: text("x-amz-storage-class"),
    versionId: text("x-amz-version-id"),
    metadata,
  };
}
