import { asBytes, type Bytes, concatBytes, encodeUtf8 } from "../kit/bytes.ts";
import { anySignal } from "../kit/any_signal.ts";

/**
 * What can be saved. Text is stored as UTF-8. Streams and iterables are read once, as fast as they can be stored;
 * their chunks are bytes or text.
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
    readonly type?: string | undefined;
    readonly encoding?: string | undefined;
    readonly name?: string | undefined;
  }
  & ({ readonly whole: Bytes | Blob } | ContentStream);

interface ContentStream {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Ends it at once with that reason and lets the source go, also while that has nothing to say. */
  readonly stop: (reason: unknown) => void;
}

/**
 * @throws {TypeError} If it is none of the kinds that can be saved, was read already, or is an answer that failed.
 */
export function prepareContent(content: SaveContent, signal?: AbortSignal): PreparedContent {
  if (typeof content === "string" || content instanceof ArrayBuffer || ArrayBuffer.isView(content)) {
    return { whole: asBytes(toBytes(content)) };
  }
  if (content instanceof Blob) {
    return {
      whole: content,
      type: content.type || undefined,
      name: content instanceof File ? content.name : undefined,
    };
  }
  if (content instanceof Request || content instanceof Response) return prepareMessage(content, signal);
  if (typeof content === "object" && content !== null && Symbol.asyncIterator in content) {
    return contentStream(content, signal);
  }
  throw new TypeError(
    "Cannot save this content: it must be a string, bytes, a Blob, a Request, a Response, a ReadableStream or an " +
      `async iterable, and is ${content === null ? "null" : typeof content}`,
  );
}

function prepareMessage(message: Request | Response, signal?: AbortSignal): PreparedContent {
  if (message.bodyUsed) throw new TypeError("Cannot save this body: it was read already");
  if (message instanceof Response && !message.ok) {
    throw new TypeError(`Cannot save a response that failed: its status is ${message.status}`);
  }
  const type = message.headers.get("content-type") || undefined;
  // What was fetched has been decoded, whatever its header says; only a message that was received or made is as it says.
  const isFetched = message instanceof Response && message.url !== "";
  const encoding = isFetched ? undefined : message.headers.get("content-encoding") || undefined;
  if (message.body === null) return { whole: new Uint8Array(0), type, encoding };
  return { ...contentStream(message.body, signal), type, encoding };
}

function contentStream(
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>,
  signal: AbortSignal | undefined,
): ContentStream {
  const end = new AbortController();
  return { stream: bytesOf(source, anySignal(signal, end.signal)), stop: (reason) => end.abort(reason) };
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
    const reader = source.getReader();
    return { next: () => reader.read(), leave: () => reader.cancel() };
  }
  const iterator = source[Symbol.asyncIterator]();
  return { next: async () => await iterator.next(), leave: async () => await iterator.return?.() };
}

/** @throws {TypeError} If it is neither text nor bytes. */
export function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return encodeUtf8(chunk);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
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
