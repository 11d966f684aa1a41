import type { ByteSource } from "../storage/contract/bytes.ts";
import { changed, headObject, type ObjectTarget, type ResponseHead } from "../client/operations/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { invalidResponse } from "../client/invalid_response.ts";
import { isStorageError } from "../errors.ts";
import { type ChunkReader, chunksOf } from "../kit/bytes/chunk_reader.ts";
import type { ObjectReadOptions } from "../storage/contract/backend.ts";
import type { ObjectStat } from "../storage/contract/entry.ts";
import type { CallOptions } from "../storage/contract/options.ts";
import { type ObjectBody, readObject } from "../transfer/read/object_reader.ts";

/**
 * Opens an object for reading with one request, whose response already delivers the bytes. Reading from another position
 * sends a request for the bytes from there on, which fails if the object has changed.
 *
 * @param options.decompress Whether the content encoding is needed. That takes a second request, which is sent only if the
 * bytes begin like gzip.
 * @param options.start The first byte to fetch and to read, together with `options.end`.
 * @param options.ranges Fetches the bytes in ranges, several at a time.
 * @param options.lazy Asks for the attributes only; the first read sends the request for the bytes.
 */
export async function openObjectSource(
  client: S3Client,
  target: ObjectTarget,
  options: ObjectReadOptions,
): Promise<ByteSource> {
  const { decompress, ranges, start = 0, end } = options;
  const range = { start, end };
  if (options.lazy) {
    const head = await headObject(client, target);
    return new ObjectSource(client, target, range, { ...head, all: () => head }, undefined, head.contentEncoding);
  }
  const { downloadConcurrency } = client.settings.transferConfig;
  const opened = ranges === undefined
    ? await readObject(client, { start, end, ...target }).catch((error) => beyondEnd(client, target, error))
    // Loaded on demand: most reads are not in parallel.
    : await (await import("../transfer/read/parallel_download.ts")).downloadObject(client, target, {
      partSize: ranges.partSize,
      maxConcurrency: ranges.maxConcurrency ?? downloadConcurrency,
      onProgress: ranges.onProgress,
    });
  if (end !== undefined && end < opened.head.size && !("isRange" in opened && opened.isRange)) {
    await opened.body.cancel();
    throw invalidResponse("GetObject", "not the requested range", target);
  }
  const isReporting = ranges !== undefined;
  // The response has the encoding `identity`, as requested; the encoding of the stored object remains unknown.
  if (!decompress) return new ObjectSource(client, target, range, opened.head, opened, undefined, isReporting);
  // Loaded on demand: only readers of gzip need it.
  const { findEncoding } = await import("./find_encoding.ts");
  const { stream, contentEncoding } = await findEncoding(client, target, opened);
  return new ObjectSource(client, target, range, opened.head, { body: stream }, contentEncoding, isReporting);
}

/** The bytes of a response. */
type Fetched = Pick<ObjectBody, "body"> & Partial<Pick<ObjectBody, "bytes" | "chunks">>;

/** An object with an open response, which is used if the first read starts at its first byte. */
class ObjectSource implements ByteSource {
  readonly reportsProgress: boolean;
  readonly part: { readonly start: number; readonly end: number };
  readonly #client: S3Client;
  readonly #target: ObjectTarget;
  readonly #range: { readonly start: number; readonly end: number | undefined };
  readonly #head: ResponseHead;
  #unread: Fetched | undefined;
  readonly #contentEncoding: string | undefined;
  #stat: ObjectStat | undefined;

  constructor(
    client: S3Client,
    target: ObjectTarget,
    range: { readonly start: number; readonly end: number | undefined },
    head: ResponseHead,
    unread: Fetched | undefined,
    contentEncoding: string | undefined,
    reportsProgress = false,
  ) {
    this.reportsProgress = reportsProgress;
    this.#client = client;
    this.#target = target;
    this.#range = range;
    this.#head = head;
    this.#unread = unread;
    this.#contentEncoding = contentEncoding;
    this.part = { start: range.start, end: Math.min(range.end ?? head.size, head.size) };
  }

  get stat(): ObjectStat {
    return this.#stat ??= { ...this.#head.all(), contentEncoding: this.#contentEncoding };
  }

  /** Asks for the attributes with the content encoding, which a GET response does not have. */
  async describe({ signal }: CallOptions): Promise<ObjectStat> {
    const head = await headObject(this.#client, { ...this.#target, signal });
    const { etag, size } = this.#head;
    if (head.etag !== etag || head.size !== size) throw changed(this.#target);
    return head;
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> | undefined {
    return this.#unread?.bytes && this.#take()!.bytes!();
  }

  async open(start: number, end?: number): Promise<ReadableStream<Uint8Array>> {
    return (await this.#fetch(start, end)).body;
  }

  async chunks(start: number, end?: number): Promise<ChunkReader> {
    const { chunks, body } = await this.#fetch(start, end);
    return chunks ?? chunksOf(body);
  }

  async #fetch(start: number, end = this.#range.end): Promise<Fetched> {
    const { start: first, end: last } = this.#range;
    const isFetched = start === first && (last === undefined || end! <= last);
    if (isFetched && this.#unread !== undefined) return this.#take()!;
    await this.close();
    return await readObject(this.#client, { ...this.#target, start, end, sameAs: this.#head });
  }

  async close(): Promise<void> {
    await this.#take()?.body.cancel();
  }

  /** Takes the open response, for the first reader. */
  #take(): Fetched | undefined {
    const unread = this.#unread;
    this.#unread = undefined;
    return unread;
  }
}

/** Treats a range beyond the end, which S3 rejects, as the end of the file. */
async function beyondEnd(
  client: S3Client,
  target: ObjectTarget,
  error: unknown,
): Promise<Fetched & { readonly head: ResponseHead }> {
  if (!isStorageError(error) || error.status !== 416) throw error;
  const head = await headObject(client, target);
  return { head: { ...head, all: () => head }, body: new Blob().stream() };
}
