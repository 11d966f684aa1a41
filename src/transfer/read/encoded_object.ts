/**
 * Reads objects from servers and proxies that respond with a `Content-Encoding` although `identity` was requested. Loaded on
 * demand: most honour `response-content-encoding`.
 */
import type { ServiceError } from "../../errors.ts";
import { asBytes, type Bytes } from "../../kit/bytes/bytes.ts";
import { type ChunkReader, chunksOf } from "../../kit/bytes/chunk_reader.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { matchesETag } from "../../kit/text/etag.ts";
import { foreignText } from "../../kit/text/foreign_text.ts";
import { invalidResponse } from "../../client/invalid_response.ts";
import { type ReportedChecksum, reportedChecksum } from "../../client/response_checksum.ts";
import type { RetryState } from "../../client/retry.ts";
import type { S3Client, StreamedResponse } from "../../client/s3_client.ts";
import {
  changed,
  checksumMode,
  type FoundBody,
  type FoundObject,
  getObject,
  headObject,
  isSame,
  type ObjectHead,
  type ObjectRange,
  type ObjectTarget,
  parseHead,
} from "../../client/operations/objects.ts";
import { notAsStored } from "../../client/operations/transcoded.ts";

type Input = ObjectTarget & ObjectRange;

/**
 * The codings that runtimes and proxies decode. The bytes of an object with any other one, such as `utf-8`, `none`, `null` or
 * `base64`, are the stored ones: programs store these values by mistake.
 */
const CODING = /^((x-)?(gzip|compress)|deflate|br|zstd|dcb|dcz)$/i;

/** Forbids proxies to compress; not signed, as Google Cloud Storage changes it before it verifies the signature. */
const PLAIN = { unsigned: { "accept-encoding": "identity" } };

/**
 * Reads an object after a response that is not the requested one. If it was encoded or lacks a size, the bytes are requested
 * again: now from proxies too without encoding. If they come encoded nevertheless, HeadObject describes the stored object.
 *
 * Whether the runtime has decoded a body is not in its headers, but in its bytes: gzip begins with 1F 8B. Their number is
 * compared with the size of the object. Other encodings are rejected, but values that name none change no bytes.
 *
 * @throws {PreconditionFailedError} If the object has another version than required.
 * @throws {NotSupportedError} If the object is stored with this encoding, and is decoded on the way.
 * @throws {ServiceError} If the response does not tell the bytes of the object.
 */
export async function getUnencoded(
  client: S3Client,
  input: Input,
  response: StreamedResponse,
  retries: RetryState | undefined,
): Promise<FoundObject> {
  const { headers, body } = response;
  const coding = codingOf(headers.get("content-encoding"));
  const { unsigned, start = 0, end } = input;
  try {
    const isPlain = coding === undefined || headers.get("content-length") === "0";
    const found = isPlain && !input.decodes ? plainObject(client, input, response) : undefined;
    if (found !== undefined) return found;
    if (input.decodes || (coding === undefined && headers.has("content-length"))) throw problemOf(input, headers);
    if (unsigned !== undefined) {
      if (coding === undefined) throw problemOf(input, headers);
      const found = await decoded(client, input, response, coding);
      if (found !== undefined) return found;
      if (end === undefined || start > 0) throw refused(input, response, coding);
    }
  } catch (error) {
    await body.cancel();
    throw error;
  }
  await body.cancel();
  // An encoded range does not tell its bytes: all are read, as where ranges are not supported.
  const again = unsigned === undefined ? { ...input, ...PLAIN } : { ...input, end: undefined };
  return await getObject(client, again, getUnencoded, retries);
}

/** The requested bytes in a response whose encoding changes no bytes, or that has none; `undefined` if they are others. */
function plainObject(client: S3Client, input: Input, response: StreamedResponse): FoundObject | undefined {
  const { headers } = response;
  const { sameAs, ...target } = input;
  if (!headers.has("content-length") || !isRequested(input, headers)) return undefined;
  const head = parseHead(headers, "GetObject", target);
  if (sameAs !== undefined && !isSame(head, sameAs)) return undefined;
  const isRange = headers.has("content-range");
  return { ...response, head, isRange, checksum: isRange ? undefined : checksumOf(client, target, headers) };
}

/** Why a response without encoding is not the requested one. */
function problemOf(input: Input, headers: Headers): Error {
  if (!isRequested(input, headers)) return invalidResponse("GetObject", "not the requested range", input);
  parseHead(headers, "GetObject", input);
  return changed(input);
}

/** Whether the bytes of a response are the requested ones, or the whole object where that may be. */
function isRequested({ start = 0 }: Input, headers: Headers): boolean {
  return headers.get("content-range")?.startsWith(`bytes ${start}-`) ?? start === 0;
}

/** The bytes of an encoded response; `undefined` if it is a range of the encoded bytes. */
async function decoded(
  client: S3Client,
  input: Input,
  response: StreamedResponse,
  coding: string,
): Promise<FoundObject | undefined> {
  const { headers } = response;
  const { start = 0, end: _, sameAs, ...target } = input;
  // The body of the response keeps its connection meanwhile, and waits for this one.
  const stored = await headObject(client, { ...target, isNested: true });
  // A proxy that compresses makes an ETag weak.
  const etag = headers.get("etag") ?? "*";
  if (![etag, sameAs?.etag || "*"].every((expected) => matchesETag(expected, stored.etag))) throw changed(target);
  if (sameAs !== undefined && stored.size !== sameAs.size) throw changed(target);
  if (codingOf(stored.contentEncoding) !== undefined) return await asStored(input, response, stored, coding);
  if (start > 0 || headers.has("content-range")) return undefined;
  return { ...await plainBody(input, response, stored, coding), checksum: checksumOf(client, target, headers) };
}

/** The checksum of a whole object, unless the settings say not to compare it. */
function checksumOf(client: S3Client, target: ObjectTarget, headers: Headers): ReportedChecksum | undefined {
  const isChecked = checksumMode(client, target) !== undefined ||
    client.settings.responseChecksumValidation === undefined;
  return isChecked ? reportedChecksum(headers) : undefined;
}

/** The bytes of an object that is stored with the encoding of the response, if nobody has decoded them. */
async function asStored(
  input: Input,
  { headers, body }: StreamedResponse,
  stored: ObjectHead,
  coding: string,
): Promise<FoundObject> {
  if (!isRequested(input, headers)) throw invalidResponse("GetObject", "not the requested range", input);
  const { start = 0 } = input;
  const isRange = headers.has("content-range");
  const peeked = await peek(body);
  // Runtimes fail to decode gzip that does not begin at its first byte.
  if (!isGzip(coding) || (start === 0 && !peeked.isGzip)) {
    const { bucket, key } = input;
    throw notAsStored("the server", coding, { operation: "GetObject", bucket, key });
  }
  return { head: plainHead(stored), headers, body: peeked.body, isRange, checksum: undefined };
}

/** All bytes of an object that was encoded on the way, decoded by the runtime or here. */
async function plainBody(
  input: Input,
  response: StreamedResponse,
  stored: ObjectHead,
  coding: string,
): Promise<Omit<FoundObject, "checksum">> {
  const { headers, body } = response;
  if (!isGzip(coding)) throw refused(input, response, coding);
  const peeked = await peek(body);
  const plain = peeked.isGzip
    ? gunzip(peeked.body, (cause) => refused({ ...input, cause }, response, coding))
    : peeked.body;
  return { head: plainHead(stored), headers, body: plain, isRange: false };
}

/** The attributes of an object whose bytes are read as they are stored. */
function plainHead(stored: ObjectHead): FoundObject["head"] {
  const head = { ...stored, contentEncoding: undefined };
  return { ...head, all: () => head };
}

/** Those encodings of an object or a response that change bytes; `undefined` if there are none. */
function codingOf(encodings: string | null | undefined): string | undefined {
  return encodings?.split(/[\s,]+/).filter((coding) => CODING.test(coding)).join() || undefined;
}

function isGzip(coding: string): boolean {
  return /^(x-)?gzip$/i.test(coding);
}

function refused(
  target: ObjectTarget & { readonly cause?: unknown },
  { status, headers }: StreamedResponse,
  coding: string,
): ServiceError {
  const range = headers.get("content-range");
  const received = [
    `status ${status}`,
    `Content-Length ${foreignText(headers.get("content-length") ?? "none")}`,
    ...(range === null ? [] : [`Content-Range ${foreignText(range)}`]),
  ];
  return invalidResponse(
    "GetObject",
    `received Content-Encoding ${foreignText(coding)}, which was not requested and the object does not have ` +
      `(${received.join(", ")}). Turn off compression in the server or proxy`,
    target,
  );
}

/** Reads the first bytes; the body that is returned still has them. */
async function peek(body: FoundBody): Promise<{ readonly isGzip: boolean; readonly body: FoundBody }> {
  const first: Uint8Array[] = [];
  let head: number[] = [];
  while (head.length < 2) {
    const chunk = await body.read();
    if (chunk === undefined) break;
    first.push(chunk);
    head = [...head, ...chunk.subarray(0, 2)];
  }
  const read = (): Promise<Uint8Array | undefined> => first.length > 0 ? Promise.resolve(first.shift()) : body.read();
  return { isGzip: head[0] === 0x1f && head[1] === 0x8b, body: bodyOf(body, read) };
}

/** Decompresses a body that the runtime did not decompress. */
function gunzip(body: FoundBody, failed: (cause: unknown) => Error): FoundBody {
  let failure: unknown;
  const chunks = chunksOf(
    streamOf({
      read: () =>
        body.read().catch((error) => {
          failure = error;
          throw error;
        }),
      cancel: (reason) => body.cancel(reason),
    }).pipeThrough(new DecompressionStream("gzip")),
  );
  return bodyOf(body, async () => {
    try {
      return await chunks.read();
    } catch (error) {
      throw failure ?? failed(error);
    }
  });
}

/** A body whose bytes come from elsewhere. It cannot be suspended: its bytes do not continue where those of the response end. */
function bodyOf(body: FoundBody, read: ChunkReader["read"]): FoundBody {
  const cancel = (reason?: unknown): Promise<void> => body.cancel(reason);
  return {
    isSuspended: false,
    allowSuspension: () => {},
    read,
    bytes: (maxBytes, tooLong) => readLimited(streamOf({ read, cancel }), maxBytes, tooLong),
    cancel,
  };
}

/** The bytes of a body as a stream. It does not continue over another connection. */
export function streamOf(body: ChunkReader): ReadableStream<Bytes> {
  return new ReadableStream({
    async pull(controller): Promise<void> {
      try {
        const chunk = await body.read();
        if (chunk === undefined) controller.close();
        else controller.enqueue(asBytes(chunk));
      } catch (error) {
        await body.cancel().catch(() => {}); // it failed already
        throw error;
      }
    },
    cancel: (reason) => body.cancel(reason),
  }, { highWaterMark: 0 });
}
