import { asBytes, type Bytes, concatBytes, encodeUtf8 } from "../kit/bytes.ts";
import { anySignal } from "../kit/any_signal.ts";
import { isFileReference } from "../runtime/file_blob.ts";
import type { WriteOptions } from "./options.ts";
import type { ReadFile } from "./read_file.ts";

/**
 * What can be saved. Text is stored as UTF-8. Streams and iterables are read once, as fast as they can be stored;
 * their chunks are bytes or text.
 *
 * A file that is open for reading is stored from its beginning, and then closed. It keeps its media type, content encoding,
 * caching, disposition, language and metadata; its `readable` is its bytes alone.
 *
 * What a Request or a Response says of its content encoding is believed where the bytes agree.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type SaveContent } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const contents: SaveContent[] = ["text", new Uint8Array([1, 2]), new Blob(["blob"]), new Response("response")];
 * const storage = new MemoryStorage();
 * for (const content of contents) await storage.save("file", content);
 * assertEquals(await storage.size("file"), 8);
 * ```
 */
export type SaveContent =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | Request
  | Response
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>;

/** Content made ready: whole where it is there already, else as a stream of bytes. */
export type PreparedContent =
  & {
    /** What the content says of itself; the caller's options come first. */
    readonly described?: ContentDescription | undefined;
    /** The media type that the content has; what the storage is configured with comes first. */
    readonly type?: string | undefined;
    readonly encoding?: string | undefined;
  }
  & ({ readonly whole: Bytes | Blob } | ContentStream);

/** What describes a file beside its bytes, as far as it is known. */
export type ContentDescription = Pick<
  WriteOptions,
  "contentType" | "contentEncoding" | "cacheControl" | "contentDisposition" | "contentLanguage" | "metadata"
>;

export interface ContentStream {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Ends it at once with that reason and releases the source, also while that sends nothing. */
  readonly stop: (reason: unknown) => void;
}

/** The name that content brings along: that of a File, or of a file opened for reading. */
export function nameOfContent(content: SaveContent): string | undefined {
  return content instanceof File || isReadFile(content) ? content.name : undefined;
}

/**
 * @param contentEncoding What the caller says of the encoding: then what the content says does not matter.
 * @returns A promise only where the content has to be looked at first.
 * @throws {TypeError} If it is none of the kinds that can be saved, was read already, or is a response that failed.
 */
export function prepareContent(
  content: SaveContent,
  signal?: AbortSignal,
  contentEncoding?: string,
): PreparedContent | Promise<PreparedContent> {
  if (typeof content === "string" || content instanceof ArrayBuffer || ArrayBuffer.isView(content)) {
    return { whole: asBytes(toBytes(content)) };
  }
  if (content instanceof Blob) return prepareBlob(content, signal);
  if (content instanceof Request || content instanceof Response) {
    return prepareMessage(content, signal, contentEncoding);
  }
  if (isReadFile(content)) return prepareFile(content, signal);
  if (typeof content === "object" && content !== null && Symbol.asyncIterator in content) {
    return contentStream(content, signal);
  }
  throw new TypeError(
    "Cannot save this content: it must be a string, bytes, a Blob, a Request, a Response, a ReadableStream, a file " +
      `opened for reading or an async iterable, got ${content === null ? "null" : typeof content}`,
  );
}

/**
 * A Blob's size is believed only where it is the length of bytes that never change. Files of Bun are asked for no size; a
 * size of 0 may be that of a file of `/proc`.
 */
function prepareBlob(blob: Blob, signal: AbortSignal | undefined): PreparedContent {
  const isSized = !isFileReference(blob) && Number.isSafeInteger(blob.size) && blob.size > 0;
  const type = blob.type || undefined;
  return isSized ? { whole: blob, type } : { ...contentStream(blob.stream(), signal), type };
}

function prepareMessage(
  message: Request | Response,
  signal: AbortSignal | undefined,
  contentEncoding: string | undefined,
): PreparedContent | Promise<PreparedContent> {
  if (message.bodyUsed) throw new TypeError("Cannot save this body: it was read already");
  if (message instanceof Response && !message.ok) {
    throw new TypeError(`Cannot save a response that failed: its status is ${message.status}`);
  }
  const type = message.headers.get("content-type") || undefined;
  if (message.body === null) return { whole: new Uint8Array(0), type };
  const prepared = { ...contentStream(message.body, signal), type };
  if (contentEncoding !== undefined || !message.headers.has("content-encoding")) return prepared;
  // Loaded on demand: few messages are encoded.
  return import("./message_encoding.ts").then(({ withEncoding }) => withEncoding(message, prepared));
}

/** A file of text or of bytes. */
type AnyReadFile = ReadFile<string | Uint8Array<ArrayBuffer>>;

/** A file of any copy of this module that is open for reading. */
function isReadFile(content: unknown): content is AnyReadFile {
  const { mode, describe } = Object(content) as Partial<AnyReadFile>;
  return (mode === "r" || mode === "rb") && typeof describe === "function";
}

async function prepareFile(file: AnyReadFile, signal: AbortSignal | undefined): Promise<PreparedContent> {
  await file.open(); // from its beginning
  const stat = await file.describe({ signal });
  const { contentType, contentEncoding, cacheControl, contentDisposition, contentLanguage, metadata } = stat;
  const described = { contentType, contentEncoding, cacheControl, contentDisposition, contentLanguage, metadata };
  return { ...contentStream(file.readable, signal), described };
}

function contentStream(
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>,
  signal: AbortSignal | undefined,
): ContentStream {
  refuseEnded(source);
  const end = new AbortController();
  return { stream: bytesOf(source, anySignal(signal, end.signal)), stop: (reason) => end.abort(reason) };
}

/**
 * A stream that was read to its end would be stored as an empty file.
 *
 * @throws {TypeError} If it is a stream of Node that has ended. Of a web stream only its first read tells.
 */
function refuseEnded(source: object): void {
  const { readableEnded, destroyed } = source as { readableEnded?: unknown; destroyed?: unknown };
  if (readableEnded === true || destroyed === true) throw new TypeError(READ_ALREADY);
}

const READ_ALREADY = "Cannot save this stream: it was read already";

/** Whether something was read of a stream; no body can be made of such a one (Fetch, "extract a body"). */
function isDisturbed(stream: ReadableStream): boolean {
  try {
    new Response(stream);
    return false;
  } catch {
    return true;
  }
}

/**
 * The chunks as bytes. An abort ends it at once and lets the source go, also while that has nothing to say. No generator:
 * with chunks of 64 KiB that would take longer than to copy them.
 */
function bytesOf(
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const { next, leave } = pulling(source);
  let ended = false;
  /** Fails the chunk that is waited for. */
  let fail: (reason: unknown) => void = () => {};
  const stop = (): void => fail(signal.reason);
  signal.addEventListener("abort", stop);

  function end(): void {
    ended = true;
    signal.removeEventListener("abort", stop);
  }

  /** A source that stalls may never answer, and one that failed cannot be cancelled. */
  async function letGo(): Promise<void> {
    if (ended) return;
    end();
    const left = leave().catch(() => {});
    if (!signal.aborted) await left;
  }

  const chunks: AsyncIterator<Uint8Array> = {
    next: () =>
      new Promise((resolve, reject) => {
        if (ended) return resolve({ done: true, value: undefined });
        fail = (reason) => void letGo().then(() => reject(reason));
        if (signal.aborted) return stop();
        next().then(({ done, value }) => {
          if (done) end();
          resolve(done ? { done, value: undefined } : { value: toBytes(value) });
        }).catch(fail);
      }),
    return: async () => {
      await letGo();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => chunks };
}

interface Pulling {
  readonly next: () => Promise<{ readonly done?: boolean; readonly value?: unknown }>;
  readonly leave: () => Promise<unknown>;
}

/** A stream is read by a reader: its iterator would be deaf to `return` while it waits for a chunk. */
function pulling(source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>): Pulling {
  if ("getReader" in source) {
    let mayHaveEnded = isDisturbed(source);
    const reader = source.getReader();
    const next = async (): ReturnType<Pulling["next"]> => {
      const result = await reader.read();
      if (result.done && mayHaveEnded) throw new TypeError(READ_ALREADY);
      mayHaveEnded = false;
      return result;
    };
    return { next: mayHaveEnded ? next : () => reader.read(), leave: () => reader.cancel() };
  }
  const iterator = source[Symbol.asyncIterator]();
  return { next: async () => await iterator.next(), leave: async () => await iterator.return?.() };
}

/** @throws {TypeError} If the buffer was transferred: it would be stored as an empty file. */
function attached<B extends ArrayBufferLike>(buffer: B): B {
  try {
    if (buffer.byteLength === 0) new Uint8Array(buffer);
    return buffer;
  } catch (cause) {
    throw new TypeError("Cannot write this ArrayBuffer: it is detached, as its bytes were transferred", { cause });
  }
}

/** @throws {TypeError} If it is neither text nor bytes, or its buffer is detached. */
export function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return encodeUtf8(chunk);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(attached(chunk));
  if (ArrayBuffer.isView(chunk)) {
    const { byteOffset, byteLength } = chunk;
    if (byteLength === 0) attached(chunk.buffer);
    return chunk instanceof Uint8Array ? chunk : new Uint8Array(chunk.buffer, byteOffset, byteLength);
  }
  const kind = chunk === null ? "null" : typeof chunk;
  throw new TypeError(`Cannot write this: it must be a string or bytes, and is ${kind}`);
}

/** Streams up to this many bytes are kept in memory where they may have to be written twice. */
const SPOOL_BYTES = 8 * 1024 * 1024;

/** Reads a short stream to its end, so that it is there as a whole; a longer one stays a stream. */
export async function spoolContent(content: PreparedContent): Promise<PreparedContent> {
  if ("whole" in content) return content;
  const { stream, ...rest } = content;
  const iterator = stream[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  for (let length = 0; length <= SPOOL_BYTES;) {
    const { done, value } = await iterator.next();
    if (done) return { whole: concatBytes(head), ...rest };
    head.push(value.slice()); // a source may fill one buffer again and again
    length += value.byteLength;
  }
  let turn = 0;
  const whole: AsyncIterator<Uint8Array> = {
    next: async () => turn < head.length ? { value: head[turn++]! } : await iterator.next(),
    return: async () => await iterator.return?.() ?? { done: true, value: undefined },
  };
  return { stream: { [Symbol.asyncIterator]: () => whole }, ...rest };
}
