import { abortWith } from "../../kit/async/on_abort.ts";
import { concatBytes } from "../../kit/bytes/bytes.ts";
import { readerOf } from "../../runtime/stream_reader.ts";
import type { ContentStream, PreparedContent } from "./prepared_content.ts";
import { toBytes } from "./to_bytes.ts";

/** A stream or an iterable of chunks. */
type ContentSource =
  | ReadableStream<Uint8Array>
  | Iterable<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>;

/**
 * The bytes of a stream or an iterable.
 *
 * @throws {TypeError} If it was already read, or has a reader.
 */
export function contentStream(
  source: ContentSource,
  signal: AbortSignal | undefined,
): ContentStream {
  refuseUnreadable(source);
  const end = new AbortController();
  const unlink = abortWith(end, signal);
  return { stream: bytesOf(source, end.signal, unlink), stop: (reason) => end.abort(reason) };
}

/**
 * Refuses a stream of Node that was read to its end, which would be stored as an empty file, and a web stream that has a
 * reader. Whether a web stream has ended only the first read shows.
 *
 * @throws {TypeError} If it cannot be read.
 */
function refuseUnreadable(source: object): void {
  const { readableEnded, destroyed, locked } = source as Readonly<Record<string, unknown>>;
  if (readableEnded === true || destroyed === true) throw new TypeError(READ_ALREADY);
  if (locked === true) throw new TypeError(`${READ_ALREADY}, or has a reader. Save it before anything else reads it`);
}

const READ_ALREADY = "Cannot save this stream: it was already read";

/**
 * The stream; `undefined` if it was read from: a body cannot be made of such a stream (Fetch, "extract a body"). Bun below 1.4
 * locks the stream of a Blob then, and its bytes are those of the body.
 */
function undisturbed(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> | undefined {
  try {
    const { body } = new Response(stream as BodyInit);
    return stream.locked ? body! : stream;
  } catch {
    return undefined;
  }
}

/**
 * The chunks as bytes. An abort ends the iteration immediately and releases the source, also while the source is stalled. Not a
 * generator: for chunks of 64 KiB that would cost more than copying them.
 *
 * @param unlink Called at the end.
 */
function bytesOf(
  source: ContentSource,
  signal: AbortSignal,
  unlink: () => void,
): AsyncIterable<Uint8Array> {
  const { next, release } = chunkSource(source);
  let ended = false;
  /** Rejects the pending chunk. */
  let fail: (reason: unknown) => void = () => {};
  const stop = (): void => fail(signal.reason);
  signal.addEventListener("abort", stop);

  function end(): void {
    ended = true;
    unlink();
    signal.removeEventListener("abort", stop);
  }

  /** After an abort it does not wait for the source, which may be stalled. */
  async function leave(): Promise<void> {
    if (ended) return;
    end();
    const released = release().catch(() => {}); // it may have failed already
    if (!signal.aborted) await released;
  }

  const chunks: AsyncIterator<Uint8Array> = {
    next: () =>
      new Promise((resolve, reject) => {
        if (ended) return resolve({ done: true, value: undefined });
        fail = (reason) => void leave().then(() => reject(reason));
        if (signal.aborted) return stop();
        next().then(({ done, value }) => {
          if (done) end();
          resolve(done ? { done, value: undefined } : { value: toBytes(value) });
        }).catch(fail);
      }),
    return: async () => {
      await leave();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => chunks };
}

interface ChunkSource {
  readonly next: () => Promise<{ readonly done?: boolean; readonly value?: unknown }>;
  readonly release: () => Promise<unknown>;
}

/** A stream is read through a reader: its iterator would ignore `return` while it waits for a chunk. */
function chunkSource(source: ContentSource): ChunkSource {
  if ("getReader" in source) {
    const stream = undisturbed(source);
    let mayHaveEnded = stream === undefined;
    const reader = readerOf(stream ?? source, true); // a chunk of content is copied before the next one is read
    const next = async (): ReturnType<ChunkSource["next"]> => {
      const result = await reader.read();
      if (result.done && mayHaveEnded) throw new TypeError(READ_ALREADY);
      mayHaveEnded = false;
      return result;
    };
    return { next: mayHaveEnded ? next : () => reader.read(), release: () => reader.cancel() };
  }
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  return { next: async () => await iterator.next(), release: async () => await iterator.return?.() };
}

/** Streams up to this size are kept in memory if they may have to be written twice. */
const SPOOL_BYTES = 8 * 1024 * 1024;

/** Reads a short stream to its end, which makes it complete; a longer one stays a stream. */
export async function spoolContent(content: PreparedContent): Promise<PreparedContent> {
  if ("whole" in content) return content;
  const { stream, ...rest } = content;
  const iterator = stream[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  for (let length = 0; length <= SPOOL_BYTES;) {
    const { done, value } = await iterator.next();
    if (done) return { whole: concatBytes(head), ...rest };
    head.push(value.slice()); // a source may reuse its buffer
    length += value.byteLength;
  }
  let turn = 0;
  const whole: AsyncIterator<Uint8Array> = {
    next: async () => turn < head.length ? { value: head[turn++]! } : await iterator.next(),
    return: async () => await iterator.return?.() ?? { done: true, value: undefined },
  };
  return { stream: { [Symbol.asyncIterator]: () => whole }, ...rest };
}
