import { getObject, type ObjectHead, type ObjectRange, type ObjectTarget } from "../client/objects.ts";
import type { Tries } from "../client/retry.ts";
import type { S3Client } from "../client/s3_client.ts";
import { lacking } from "../client/service_error.ts";
import { ConnectionError, isStorageError } from "../errors.ts";
import { anySignal } from "../kit/any_signal.ts";

/** What a request must bring to count as a success where the one before it broke: less is not worth a request. */
const WORTHWHILE_BYTES = 1024 ** 2;

/** Bytes of an object, and what is known of it. */
export interface ObjectBody {
  readonly head: ObjectHead;
  readonly body: ReadableStream<Uint8Array>;
  /** Whether they are but a range of the object; what is not was compared with its checksum, where there is one. */
  readonly isRange: boolean;
  /** Where the bytes end, counted in the whole object. */
  readonly end: number;
  /** Whether more bytes of it can be asked for, and are sure to be of the same object. */
  readonly isSteady: boolean;
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
  const stop = new AbortController();
  const rest = { ...target, signal: anySignal(target.signal, stop.signal), sameAs: head };
  const tries: Tries = { failed: 0, spent: 0 };
  let source = opened.body;
  let position = target.start ?? 0;
  // Loaded on demand: not every server tells checksums.
  let check = isPlain && checksum && (await import("./byte_check.ts")).beginByteCheck(checksum, target);
  /** Since the last break. */
  let gained = 0;

  /** The next chunk; `undefined` at the end, which is no end before all bytes have come. */
  async function read(): Promise<Uint8Array | undefined> {
    const chunk = await source.read();
    const length = chunk?.byteLength ?? 0;
    position += length;
    gained += length;
    if (isPlain && position > end) throw lacking("GetObject", "the length it announced", target);
    if (isPlain && position < end && chunk === undefined) {
      const details = { operation: "GetObject", bucket, key, attempts: tries.failed + 1 };
      throw new ConnectionError(`GetObject ended ${end - position} bytes early`, details);
    }
    if (length > 0) tries.failed = 0;
    if (check && chunk !== undefined) check.update(chunk);
    if (check && position === end) {
      const { finish } = check;
      check = undefined;
      await finish(); // before the last bytes are handed on
    }
    if (tries.spent > 0 && (gained >= WORTHWHILE_BYTES || position === end)) client.earnRetries(tries);
    return chunk;
  }

  const body = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      while (!stop.signal.aborted) {
        try {
          const chunk = await read();
          return chunk === undefined ? controller.close() : controller.enqueue(chunk);
        } catch (error) {
          if (stop.signal.aborted) return;
          source.cancel().catch(() => {}); // it may have failed already
          if (isStorageError(error, "Integrity")) throw error;
          if (isPlain && position === end) return controller.close(); // what broke was only the end
          if (!isSteady) throw error;
          await client.pauseBeforeRetry(error, rest, tries);
          source = (await getObject(client, { ...rest, start: position }, tries)).body;
          gained = 0;
        }
      }
      await source.cancel(); // it was opened while this was cancelled
    },
    async cancel(reason): Promise<void> {
      stop.abort(reason);
      await source.cancel(reason).catch(() => {}); // it may have failed already
    },
  }, strategy);
  return { head, body, isRange, end, isSteady };
}
