import type { ByteSource } from "../storage/contract/bytes.ts";
import {
  type AnsweredHead,
  changed,
  headObject,
  type ObjectHead,
  type ObjectTarget,
} from "../client/operations/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { lacking } from "../client/invalid_response.ts";
import { isStorageError, NotFoundError } from "../errors.ts";
import { type ChunkReader, chunksOf } from "../kit/bytes/byte_reader.ts";
import type { ObjectReadOptions } from "../storage/contract/backend.ts";
import type { ObjectStat } from "../storage/contract/entry.ts";
import type { CallOptions } from "../storage/contract/options.ts";
import { type ObjectBody, readObject } from "../transfer/read/object_reader.ts";
import type { DownloadOptions } from "./download_options.ts";

/**
 * Opens an object for reading with one request: its bytes are already on their way when the file is handed out.
 * Reading elsewhere asks for the bytes from there on, of the very object that was opened.
 *
 * @param options.decompress Whether it matters that the bytes are gzip. It takes a second request to know, which is only
 * sent where they begin so.
 * @param options.start Together with `options.end`: what is fetched at first, and how far reading goes at all.
 * @param options.partSize Fetches the bytes in ranges, several at once.
 */
export async function openObjectSource(
  client: S3Client,
  target: ObjectTarget,
  options: ObjectReadOptions & DownloadOptions,
): Promise<ByteSource> {
  const { decompress, partSize, maxConcurrency = 1, onProgress, start = 0, end } = options;
  const range = { start, end };
  const opened = partSize === undefined
    ? await readObject(client, { ...target, ...range }).catch((error) => beyondEnd(client, target, error))
    // Loaded on demand: most reads are not in parallel.
    : await (await import("../transfer/read/parallel_download.ts")).downloadObject(client, target, {
      partSize,
      maxConcurrency,
      onProgress,
    });
  if (end !== undefined && end < opened.head.size && !("isRange" in opened && opened.isRange)) {
    await opened.body.cancel();
    throw lacking("GetObject", "the requested range", target); // it sent more bytes
  }
  // The answer says `identity`, because that was asked for; how the object is encoded is not known from here.
  if (!decompress) return new ObjectSource(client, target, range, opened.head, opened, undefined);
  // Loaded on demand: without gzip it does not matter.
  const { findEncoding } = await import("./find_encoding.ts");
  const { stream, contentEncoding } = await findEncoding(client, target, opened);
  return new ObjectSource(client, target, range, opened.head, { body: stream }, contentEncoding);
}

/** What was fetched of an object's bytes. */
type Fetched = Pick<ObjectBody, "body"> & Partial<Pick<ObjectBody, "bytes" | "chunks">>;

/** An object whose bytes are on their way until someone asks for others. */
class ObjectSource implements ByteSource {
  readonly part: { readonly start: number; readonly end: number };
  readonly #client: S3Client;
  readonly #target: ObjectTarget;
  readonly #range: { readonly start: number; readonly end: number | undefined };
  readonly #head: AnsweredHead;
  #unread: Fetched | undefined;
  readonly #contentEncoding: string | undefined;
  #stat: ObjectStat | undefined;

  constructor(
    client: S3Client,
    target: ObjectTarget,
    range: { readonly start: number; readonly end: number | undefined },
    head: AnsweredHead,
    unread: Fetched,
    contentEncoding: string | undefined,
  ) {
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

  /** Asks how the object is encoded, where its bytes did not have to tell. */
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

  /** What was fetched, for whoever comes first. */
  #take(): Fetched | undefined {
    const unread = this.#unread;
    this.#unread = undefined;
    return unread;
  }
}

/** Where nothing is left to read S3 refuses the range; that is the end of a file as any other. */
async function beyondEnd(
  client: S3Client,
  target: ObjectTarget,
  error: unknown,
): Promise<Fetched & { readonly head: AnsweredHead }> {
  if (!isStorageError(error) || error.status !== 416) throw error;
  const head = await headObject(client, target);
  return { head: { ...head, all: () => head }, body: new Blob().stream() };
}

/** Reports a missing object as a missing file, with S3's own error as the cause. */
export function explainMissing(error: unknown, key: string): unknown {
  if (!isStorageError(error, "NotFound") || error.s3Code === "NoSuchBucket") return error;
  const { response } = error;
  return new NotFoundError(`File does not exist: ${key}`, { ...error, key, response, cause: error });
}
