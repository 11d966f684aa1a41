import { quotedETag } from "../../kit/text/etag.ts";
import { isInteger } from "../../kit/values/integer.ts";
import { isStorageError, PreconditionFailedError } from "../../errors.ts";
import type { GuardedBody } from "../guarded_body.ts";
import type { RetryState } from "../retry.ts";
import { invalidResponse } from "../invalid_response.ts";
import type { Bytes } from "../../kit/bytes/bytes.ts";
import { CHECKSUM_MODE, type ReportedChecksum, reportedChecksum, usesChecksums } from "../response_checksum.ts";
import { type BodyChecks, checksumHeaders } from "../upload_checksum.ts";
import type { RequestHeaders, SharedParameters } from "../request.ts";
import type { S3Client, StreamedResponse } from "../s3_client.ts";

/** The object of an operation, and what all operations on objects share. */
export interface ObjectTarget {
  readonly bucket: string;
  readonly key: string;
  readonly signal?: AbortSignal | undefined;
  /** Prevents further attempts; the current one continues. */
  readonly unsentSignal?: AbortSignal | undefined;
  readonly parameters?: SharedParameters | undefined;
  /** Whether its bytes are the body of another request, which waits for them: then it waits for no free connection. */
  readonly isNested?: boolean | undefined;
  /** Headers that are not signed, as gateways may change them. */
  readonly unsigned?: Readonly<Record<string, string>>;
  /** Whether the bytes of an object that is stored as gzip may be decompressed. @default {false} */
  readonly decodes?: boolean;
}

/** The version of an object that S3 has stored. */
export interface StoredVersion {
  readonly etag: string;
  readonly versionId: string | undefined;
}

/** The version id in a response; services without versions send none, or `null`. */
export function versionOf(headers: Headers): string | undefined {
  const versionId = headers.get("x-amz-version-id");
  return versionId === "null" ? undefined : versionId ?? undefined;
}

/** The properties of an object that reading requires. */
export interface ObjectVersion {
  readonly size: number;
  readonly etag: string;
  readonly contentEncoding: string | undefined;
}

/** The properties of an object in the headers of S3. */
export interface ObjectHead extends ObjectVersion {
  readonly modifiedTime: Date;
  readonly contentType: string | undefined;
  readonly cacheControl: string | undefined;
  readonly contentDisposition: string | undefined;
  readonly contentLanguage: string | undefined;
  readonly storageClass: string | undefined;
  readonly archiveStatus: string | undefined;
  readonly restore: RestoreStatus | undefined;
  readonly versionId: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The restoration of an archived object. */
export interface RestoreStatus {
  readonly ongoing: boolean;
  readonly expiresAt: Date | undefined;
}

/** Parsed headers of a response; all of them on demand, as parsing takes longer than reading a small object. */
export interface ResponseHead extends ObjectVersion {
  readonly all: () => ObjectHead;
}

/** The header that marks the object of one write; `stat` does not show it. */
export const WRITE_ID = "x-amz-meta-storages-write-id";

/** Stores an object in one request; returns the headers of the response. */
export async function putObject(
  client: S3Client,
  input: ObjectTarget & BodyChecks & {
    readonly body: Bytes | Blob;
    readonly headers: RequestHeaders;
  },
): Promise<Headers> {
  const { headers } = input;
  const response = await client.send({
    operation: "PutObject",
    method: "PUT",
    ...input,
    headers: Object.assign(await checksumHeaders(input), headers),
    // If the response to a conditional write is lost, a retry fails on the object that the first attempt stored.
    repeatable: WRITE_ID in headers || (headers["if-none-match"] ?? headers["if-match"]) === undefined,
  });
  if (!etagOf(response, "PutObject", input)) throw invalidResponse("PutObject", "missing ETag", input);
  return response;
}

/** Reads the properties of an object. */
export async function headObject(client: S3Client, input: ObjectTarget): Promise<ObjectHead> {
  const { read, versionId } = input.parameters ?? {};
  const headers = await client.send({
    operation: "HeadObject",
    method: "HEAD",
    ...input,
    query: { versionId },
    headers: read,
  });
  return parseHead(headers, "HeadObject", input).all();
}

/** The range of an object's bytes to read. */
export interface ObjectRange {
  /** @default {0} */
  readonly start?: number | undefined;
  /** The offset after the last byte; the end of the object by default. */
  readonly end?: number | undefined;
  /** The version that the object must still have. */
  readonly sameAs?: Pick<ObjectHead, "etag" | "size"> | undefined;
}

/** The bytes of an object, which are read chunk by chunk. */
export type FoundBody = Pick<GuardedBody, "isSuspended" | "allowSuspension" | "read" | "bytes" | "cancel">;

/** The response with the bytes of an object. */
export interface FoundObject {
  readonly head: ResponseHead;
  readonly headers: Headers;
  readonly body: FoundBody;
  readonly isRange: boolean;
  /** The checksum of the whole object. */
  readonly checksum: ReportedChecksum | undefined;
}

/** Reads an object after a response that is not the requested one, or throws the error for it. */
export type ReadOtherwise = (
  client: S3Client,
  input: ObjectTarget & ObjectRange,
  response: StreamedResponse,
  retries: RetryState | undefined,
) => Promise<FoundObject>;

/**
 * Requests an object's bytes as they are stored.
 *
 * Runtimes decode a body with `Content-Encoding: gzip`, some of them even a range of it. S3 is therefore asked to respond with
 * `identity`, which gives the stored bytes on all runtimes.
 *
 * @param recover Takes over the response if it is not the requested one.
 * @param retries The state of the body that this request continues.
 * @returns The bytes; all of them if `isRange` is false, as a service may ignore an `end`.
 * @throws {PreconditionFailedError} If the object has another version than required.
 */
export async function getObject(
  client: S3Client,
  input: ObjectTarget & ObjectRange,
  recover: ReadOtherwise,
  retries?: RetryState,
): Promise<FoundObject> {
  const { start = 0, end, sameAs, decodes } = input;
  const { read, versionId } = input.parameters ?? {};
  const mode = checksumMode(client, input);
  const range = start === 0 && end === undefined ? undefined : `bytes=${start}-${end === undefined ? "" : end - 1}`;
  const response = await client.sendForStream({
    operation: "GetObject",
    method: "GET",
    ...input,
    query: { "response-content-encoding": "identity", versionId },
    headers: {
      [CHECKSUM_MODE]: range === undefined ? mode : undefined,
      ...read,
      range,
      "if-match": sameAs?.etag || undefined,
    },
  }, retries);
  const { headers } = response;
  try {
    const head = parseHead(headers, "GetObject", input);
    const contentRange = headers.get("content-range");
    const isRange = contentRange !== null;
    // A service that does not support ranges responds with the whole object.
    if (
      (isRange ? contentRange.startsWith(`bytes ${start}-`) : start === 0) &&
      // Runtimes may decode an encoded body, which then has another length.
      (decodes || /^(identity)?$/.test(head.contentEncoding ?? "")) && (!sameAs || isSame(head, sameAs))
    ) {
      // The checksum of the whole object does not apply to a range, and S3 sends that of a part for some ranges.
      const isChecked = !isRange && (mode !== undefined || client.settings.responseChecksumValidation === undefined);
      const checksum = isChecked ? reportedChecksum(headers) : undefined;
      return { head, headers, body: response.body, isRange, checksum };
    }
  } catch {
    // The function below throws it again.
  }
  return recover(client, input, response, retries);
}

/** `"ENABLED"` if the service is to send the checksum of an object that is read. */
export function checksumMode({ settings }: S3Client, { parameters }: ObjectTarget): string | undefined {
  const asks = usesChecksums(settings.responseChecksumValidation, settings);
  return parameters?.read[CHECKSUM_MODE] ?? (asks ? "ENABLED" : undefined);
}

/** Whether a response has the version that an object must still have. */
export function isSame(head: ObjectVersion, { etag, size }: Pick<ObjectHead, "etag" | "size">): boolean {
  return head.size === size && (head.etag === etag || head.etag === "");
}

/** The error for an object that changed while it was read. */
export function changed({ bucket, key }: ObjectTarget): PreconditionFailedError {
  return new PreconditionFailedError(`Object changed while it was read: ${key}`, { bucket, key });
}

/**
 * Deletes an object; a missing object counts as deleted.
 *
 * @param input.versionId The version to delete, in place of that of the parameters.
 * @param input.ifMatch The ETag that the object must have; some services ignore it.
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
 * Returns the ETag of a response, in quotes, which some services omit. Later requests use it in conditions.
 *
 * @throws {ServiceError} If a request header cannot contain it.
 */
export function etagOf(headers: Headers, operation: string, target: ObjectTarget): string | undefined {
  const etag = headers.get("etag") ?? undefined;
  if (/[^\x20-\x7e]/.test(etag ?? "")) throw invalidResponse(operation, "malformed ETag", target);
  return etag && quotedETag(etag);
}

/** The size of the whole object, also for the response with a range. */
function fullSize(headers: Headers): number {
  const total = /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  return parseInt(total ?? headers.get("content-length") ?? "");
}

/** @throws {ServiceError} If the size is missing: the object must not look empty. */
export function parseHead(headers: Headers, operation: string, target: ObjectTarget): ResponseHead {
  const size = fullSize(headers);
  if (!isInteger(size)) throw invalidResponse(operation, "missing or invalid object size", target);
  const etag = etagOf(headers, operation, target) ?? "";
  // Without the coding of the transfer, which some services keep in any place if an SDK has sent it.
  const contentEncoding = headers.get("content-encoding")?.replace(/aws-chunked\s*,?|,\s*aws-chunked|\s/gi, "") ||
    undefined;
  const text = (name: string): string | undefined => headers.get(name) || undefined;
  const all = (): ObjectHead => ({
    size,
    etag,
    contentEncoding,
    modifiedTime: new Date(text("last-modified") ?? NaN),
    contentType: text("content-type"),
    cacheControl: text("cache-control"),
    contentDisposition: text("content-disposition"),
    contentLanguage: text("content-language"),
    storageClass: text("x-amz-storage-class"),
    archiveStatus: text("x-amz-archive-status"),
    restore: restoreOf(text("x-amz-restore")),
    versionId: text("x-amz-version-id"),
    metadata: metadataOf(headers),
  });
  return { size, etag, contentEncoding, all };
}

function metadataOf(headers: Headers): Record<string, string> {
  const prefix = "x-amz-meta-";
  const entries: [string, string][] = [];
  // On Deno, an iterator takes ten times as long.
  headers.forEach((value, name) => {
    if (name.startsWith(prefix) && name !== WRITE_ID) entries.push([name.slice(prefix.length), fromUtf8(value)]);
  });
  return Object.fromEntries(entries);
}

/** Headers are bytes, one to a character. Some services, such as Ceph RGW, keep metadata as UTF-8. */
function fromUtf8(header: string): string {
  try {
    return decodeURIComponent(escape(header));
  } catch {
    return header; // other bytes
  }
}

/** Parses `ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"`. */
function restoreOf(header: string | undefined): RestoreStatus | undefined {
  if (header === undefined) return undefined;
  const [, ongoing, expiry] = /ongoing-request="(true|false)"(?:.*expiry-date="([^"]*)")?/.exec(header) ?? [];
  if (ongoing === undefined) return undefined;
  const expiresAt = new Date(expiry ?? NaN);
  return { ongoing: ongoing === "true", expiresAt: isNaN(+expiresAt) ? undefined : expiresAt };
}
