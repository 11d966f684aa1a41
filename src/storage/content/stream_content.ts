import { anySignal } from "../../kit/async/any_signal.ts";
import { concatBytes } from "../../kit/bytes/bytes.ts";
import type { ContentStream, PreparedContent } from "./prepared_content.ts";
import { toBytes } from "./to_bytes.ts";

/**
 * The bytes of a stream or an iterable.
 *
 * @throws {TypeError} If it was read already.
 */
export function contentStream(
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
