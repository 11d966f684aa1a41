import { type AnsweredHead, getObject, type ObjectRange, type ObjectTarget } from "../../client/operations/objects.ts";
import type { Tries } from "../../client/retry.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { lacking } from "../../client/invalid_response.ts";
import { ConnectionError, isStorageError } from "../../errors.ts";
import { anySignal } from "../../kit/async/any_signal.ts";
import type { ChunkReader } from "../../kit/bytes/byte_reader.ts";
import { concatBytes } from "../../kit/bytes/bytes.ts";

/** What a request must bring to count as a success where the one before it broke: less is not worth a request. */
const WORTHWHILE_BYTES = 1024 ** 2;

/** Objects of no more bytes can be had at once: what comes of one of them before it breaks is not worth keeping. */
const SMALL_BYTES = 64 * 1024;

/** Bytes of an object, which are read in one way. */
export interface ObjectBody {
  readonly head: AnsweredHead;
  /** Whether they are but a range of the object; what is not was compared with its checksum, where there is one. */
  readonly isRange: boolean;
  /** Where the bytes end, counted in the whole object. */
  readonly end: number;
  /** Whether more bytes of it can be asked for, and are sure to be of the same object. */
  readonly isSteady: boolean;
  /** The bytes chunk by chunk, without a stream. */
  readonly chunks: ChunkReader;
  /** All of the bytes at once: only there where they are few. */
  readonly bytes: (() => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  /** The bytes as a stream. It is made when it is asked for: on Deno that takes longer than to read a small object. */
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Reads an object's bytes. Where the connection breaks, stalls or ends early, they go on over another one from the byte
 * they came to, as long as the object is the same. A body that moves on may break as often as the retry budget allows;
 * `maxAttempts` is for tries in a row that bring nothing.
 *
 * An object without a strong ETag is not gone on with: it could be another by then.
 *
 * @param strategy How far to read ahead: not at all by default.
 * @throws {PreconditionFailedError} If the object is another one than it must be; from the body, if it changed.
 */
export async function readObject(
  client: S3Client,
  target: ObjectTarget & ObjectRange,
  strategy: QueuingStrategy<Uint8Array> = { highWaterMark: 0 },
): Promise<ObjectBody> {
  const opened = await getObject(client, target);
  const { head, isRange, checksum } = opened;
  const { bucket, key } = target;
  // What a runtime decodes has another length than the service says.
  const isPlain = /^(identity)?$/.test(head.contentEncoding ?? "");
  const isSteady = isPlain && /^(?!W\/)./.test(head.etag);
  const end = Math.min(isRange ? target.end ?? Infinity : Infinity, head.size);
  const isSmall = isPlain && !isRange && target.end === undefined && head.size <= SMALL_BYTES;
  /** Ends what goes on after a break. */
  let stop: AbortController | undefined;
  let isCancelled = false;
  const tries: Tries = { failed: 0, spent: 0 };
  let source = opened.body;
  let position = target.start ?? 0;
  // Loaded on demand: not every server tells checksums.
  let check = isPlain && checksum && (await import("./byte_check.ts")).beginByteCheck(checksum, target);
  /** Since the last break. */
  let gained = 0;
  const tooLong = (): Error => lacking("GetObject", "the length it announced", target);

  /**
   * Counts a chunk that came; `undefined` is the end, which is none before all bytes have come.
   *
   * @param isWhole Whether it must be all of the bytes.
   */
  function count(
    chunk: Uint8Array | undefined,
    isWhole: boolean,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const length = chunk?.byteLength ?? 0;
    position += length;
    gained += length;
    if (isPlain && position > end) throw tooLong();
    if (isPlain && position < end && (isWhole || chunk === undefined)) {
      const details = { operation: "GetObject", bucket, key, attempts: tries.failed + 1 };
      const missing = end - position;
      if (isWhole) position -= length; // they are not handed on
      throw new ConnectionError(`GetObject ended ${missing} bytes early`, details);
    }
    if (length > 0) tries.failed = 0;
    if (tries.spent > 0 && (gained >= WORTHWHILE_BYTES || position === end)) client.earnRetries(tries);
    if (check && chunk !== undefined) check.update(chunk);
    if (!check || position !== end) return chunk;
    const { finish } = check;
    check = undefined;
    return finish().then(() => chunk); // before the last bytes are handed on
  }

  /** Goes on from where a failure left it; the next chunk. */
  async function goOn(error: unknown, isWhole = false): Promise<Uint8Array | undefined> {
    if (isCancelled) return;
    source.cancel().catch(() => {}); // it may have failed already
    if (isStorageError(error, "Integrity")) throw error;
    if (isPlain && position === end && !isWhole) return; // what broke was only the end
    if (!isSteady) throw error;
    stop ??= new AbortController();
    const rest = { ...target, signal: anySignal(target.signal, stop.signal), sameAs: head };
    try {
      await client.pauseBeforeRetry(error, rest, tries);
      source = (await getObject(client, { ...rest, start: position }, tries)).body;
    } catch (error) {
      if (isCancelled) return;
      throw error;
    }
    gained = 0;
    return await next();
  }

  // Without async functions, and with what they call made once: they would take as long as many a chunk.
  const counted = (chunk: Uint8Array | undefined): ReturnType<typeof count> => {
    try {
      const given = count(chunk, false);
      return given instanceof Promise ? given.catch(goOn) : given;
    } catch (error) {
      return goOn(error);
    }
  };
  const broken = (error: unknown): Promise<Uint8Array | undefined> => goOn(error);

  /** The next chunk, from wherever it comes by now; `undefined` at the end, and once this was cancelled. */
  function next(): Promise<Uint8Array | undefined> {
    // If it was opened while this was cancelled, nobody else lets it go.
    return isCancelled ? source.cancel().then(() => undefined) : source.read().then(counted, broken);
  }

  const chunks: ChunkReader = {
    read: next,
    cancel: async (reason) => {
      isCancelled = true;
      stop?.abort(reason);
      await source.cancel(reason).catch(() => {}); // it may have failed already
    },
  };
  let stream: ReadableStream<Uint8Array> | undefined;
  const open = (): ReadableStream<Uint8Array> =>
    new ReadableStream<Uint8Array>({
      async pull(controller): Promise<void> {
        const chunk = await next();
        if (chunk !== undefined) controller.enqueue(chunk);
        else if (!isCancelled) controller.close();
      },
      cancel: chunks.cancel,
    }, strategy);
  const bytes = async (): Promise<Uint8Array<ArrayBuffer>> => {
    const chunks: Uint8Array[] = [];
    const all = source.bytes(end, tooLong).then((whole) => count(whole, true)).catch((error) => goOn(error, true));
    for (let chunk = await all; chunk !== undefined; chunk = await next()) {
      chunks.push(chunk);
      if (position === end) break;
    }
    if (source !== opened.body) await source.cancel().catch(() => {}); // its end was not read
    return concatBytes(chunks);
  };
  return {
    head,
    isRange,
    end,
    isSteady,
    chunks,
    bytes: isSmall ? bytes : undefined,
    get body(): ReadableStream<Uint8Array> {
      return stream ??= open();
    },
  };
}
