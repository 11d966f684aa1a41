import {
  type FoundBody,
  type FoundObject,
  getObject,
  type ObjectRange,
  type ObjectTarget,
  type ReadOtherwise,
  type ResponseHead,
} from "../../client/operations/objects.ts";
import { noFailures, type RetryState } from "../../client/retry.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { invalidResponse } from "../../client/invalid_response.ts";
import { ConnectionError } from "../../errors.ts";
import { isPromise } from "../../kit/async/is_promise.ts";
import type { ChunkReader } from "../../kit/bytes/chunk_reader.ts";
import { concatBytes } from "../../kit/bytes/bytes.ts";
import type { ByteCheck } from "./byte_check.ts";

/** A body earns back its retries once it has delivered this many bytes: fewer are not worth a request. */
const WORTHWHILE_BYTES = 1024 ** 2;

/** Objects up to this size can be read in one step: if the connection breaks, the received bytes are not worth keeping. */
const SMALL_BYTES = 64 * 1024;

/** The bytes of an object, to be read in one of several ways. */
export interface ObjectBody {
  readonly head: ResponseHead;
  /** Whether the bytes are a range of the object; a whole object is compared with its checksum, if the service sent one. */
  readonly isRange: boolean;
  readonly headers: Headers;
  /** Where the bytes end, counted in the whole object. */
  readonly end: number;
  /** Whether more bytes can be requested that certainly belong to the same object. */
  readonly isSteady: boolean;
  /** The bytes chunk by chunk, without a stream. */
  readonly chunks: ChunkReader;
  /** Reads all bytes in one step; `undefined` for objects that are not small. */
  readonly bytes: (() => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  /** The bytes as a stream, created on first use: on Deno that takes longer than to read a small object. */
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Reads an object's bytes. Where the connection breaks, stalls or ends early, reading continues over another one from the
 * next byte, as long as the object is the same. A body that makes progress may break 100 times within
 * `WORTHWHILE_BYTES`; `maxAttempts`, `maxNetworkAttempts` and `retryTimeout` limit consecutive attempts that deliver no byte.
 *
 * Without a strong ETag reading does not continue, as the object could be another one.
 *
 * @param strategy How far the stream reads ahead: not at all by default.
 * @param comparesMd5 Whether the bytes are compared with an ETag that may be their MD5.
 * @throws {PreconditionFailedError} If the object is not the expected one; thrown by the body if the object changed.
 */
export async function readObject(
  client: S3Client,
  target: ObjectTarget & ObjectRange,
  strategy: QueuingStrategy<Uint8Array> = { highWaterMark: 0 },
  comparesMd5 = true,
): Promise<ObjectBody> {
  const opened = await getObject(client, target, recover);
  let check: ByteCheck | undefined;
  const isUnprotected = !opened.isRange && comparesMd5 && client.settings.endpointUrl?.protocol === "http:";
  if (opened.checksum || isUnprotected) {
    checks ??= await import("./byte_check.ts"); // kept, as to import it again takes longer than to hash a small object
    check = checks.beginCheck(client, target, opened, readObject);
  }
  return new ResumableBody(client, target, opened, check, strategy);
}

/** Loaded on demand: not every server sends checksums, and most use TLS. */
let checks: typeof import("./byte_check.ts") | undefined;

/** Loaded on demand: most responses are the requested ones. */
const recover: ReadOtherwise = async (...all) => (checks ??= await import("./byte_check.ts")).getUnencoded(...all);

class ResumableBody implements ObjectBody, ChunkReader {
  readonly head: ResponseHead;
  readonly isRange: boolean;
  readonly headers: Headers;
  readonly end: number;
  readonly isSteady: boolean;
  readonly bytes: (() => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  readonly #client: S3Client;
  readonly #target: ObjectTarget & ObjectRange;
  readonly #strategy: QueuingStrategy<Uint8Array>;
  readonly #retries: RetryState = noFailures();
  #check: ByteCheck | undefined;
  #source: FoundBody;
  #position: number;
  /** Bytes since the last break. */
  #gained = 0;
  /** Ends the requests that follow a break. */
  #stop: AbortController | undefined;
  #isCancelled = false;
  /** Whether the check of all bytes runs or failed: its failures end the read, whatever their kind. */
  #isChecking = false;
  #stream: ReadableStream<Uint8Array> | undefined;

  constructor(
    client: S3Client,
    target: ObjectTarget & ObjectRange,
    { head, headers, isRange, body }: FoundObject,
    check: ByteCheck | undefined,
    strategy: QueuingStrategy<Uint8Array>,
  ) {
    this.head = head;
    this.isRange = isRange;
    this.headers = headers;
    this.end = Math.min(isRange ? target.end ?? Infinity : Infinity, head.size);
    this.isSteady = /^(?!W\/)./.test(head.etag);
    const isSmall = !isRange && target.end === undefined && head.size <= SMALL_BYTES;
    this.bytes = isSmall ? () => this.#readAll() : undefined;
    this.#client = client;
    this.#target = target;
    this.#check = check;
    this.#strategy = strategy;
    this.#source = body;
    if (this.isSteady) body.allowSuspension();
    this.#position = target.start ?? 0;
  }

  get chunks(): ChunkReader {
    return this;
  }

  get body(): ReadableStream<Uint8Array> {
    return this.#stream ??= new ReadableStream<Uint8Array>({
      pull: async (controller): Promise<void> => {
        const chunk = await this.read();
        if (chunk !== undefined) controller.enqueue(chunk);
        else if (!this.#isCancelled) controller.close();
      },
      cancel: (reason) => this.cancel(reason),
    }, this.#strategy);
  }

  /** The next chunk, from whichever connection is current; `undefined` at the end and after cancelling. */
  read(): Promise<Uint8Array | undefined> {
    // A connection that was opened while this was cancelled has no other owner.
    if (this.#isCancelled) return this.#source.cancel().then(() => undefined);
    return this.#source.read().then(this.#onChunk, this.#onFailure);
  }

  async cancel(reason?: unknown): Promise<void> {
    this.#isCancelled = true;
    this.#stop?.abort(reason);
    await this.#source.cancel(reason).catch(() => {}); // it may have failed already
  }

  async #readAll(): Promise<Uint8Array<ArrayBuffer>> {
    const first = this.#source;
    const chunks: Uint8Array[] = [];
    let chunk: Uint8Array | undefined;
    try {
      const accepting = this.#accept(await first.bytes(this.end, this.#tooLong), true);
      chunk = isPromise(accepting) ? await accepting : accepting;
    } catch (error) {
      chunk = await this.#resume(error, true);
    }
    for (; chunk !== undefined; chunk = await this.read()) {
      chunks.push(chunk);
      if (this.#position === this.end) break;
    }
    if (this.#source !== first) await this.#source.cancel().catch(() => {}); // its end was not read
    return concatBytes(chunks);
  }

  // Not async, and created once per body: an async function would take as long as many a chunk.
  readonly #onChunk = (chunk: Uint8Array | undefined): Uint8Array | undefined | Promise<Uint8Array | undefined> => {
    try {
      const accepted = this.#accept(chunk, false);
      return isPromise(accepted) ? accepted.catch(this.#onFailure) : accepted;
    } catch (error) {
      return this.#resume(error);
    }
  };

  readonly #onFailure = (error: unknown): Promise<Uint8Array | undefined> => this.#resume(error);

  readonly #tooLong = (): Error => invalidResponse("GetObject", "longer than announced", this.#target);

  /**
   * Counts and checks a chunk that arrived; `undefined` is the end of the connection.
   *
   * @param isAll Whether the chunk must be all of the bytes.
   */
  #accept(
    chunk: Uint8Array | undefined,
    isAll: boolean,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const { end } = this;
    const length = chunk?.byteLength ?? 0;
    this.#position += length;
    this.#gained += length;
    if (this.#position > end) throw this.#tooLong();
    if (this.#position < end && (isAll || chunk === undefined)) throw this.#endedEarly(length, isAll);
    const retries = this.#retries;
    if (length > 0) retries.failed = 0;
    if (retries.breaks + retries.spent > 0 && (this.#gained >= WORTHWHILE_BYTES || this.#position === end)) {
      this.#client.earnRetries(retries);
    }
    const check = this.#check;
    if (check === undefined) return chunk;
    if (chunk !== undefined) check.update(chunk);
    if (this.#position !== end) return chunk;
    this.#check = undefined;
    this.#isChecking = true;
    const finishing = check.finish();
    const finished = (): Uint8Array | undefined => {
      this.#isChecking = false;
      return chunk;
    };
    return finishing === undefined ? finished() : finishing.then(finished); // the last bytes follow the check
  }

  #endedEarly(length: number, isAll: boolean): ConnectionError {
    const { bucket, key } = this.#target;
    const missing = this.end - this.#position;
    if (isAll) this.#position -= length; // these bytes are not handed out
    const details = { operation: "GetObject", bucket, key, attempts: this.#retries.failed + 1 };
    return new ConnectionError(`GetObject ended ${missing} bytes early`, details);
  }

  /** Opens another connection after a failure, and returns the next chunk. */
  async #resume(error: unknown, isAll = false): Promise<Uint8Array | undefined> {
    if (this.#isCancelled) return;
    this.#source.cancel().catch(() => {}); // it may have failed already
    if (this.#isChecking) throw error;
    if (this.#position === this.end && !isAll) return; // all bytes arrived before the break
    if (!this.isSteady) throw error;
    if (this.#stop === undefined) {
      const stop = this.#stop = new AbortController();
      // Loaded on demand: most connections do not break.
      (await import("../../kit/async/while_held.ts")).abortWhileHeld(stop, this.#target.signal);
    }
    const rest = { ...this.#target, signal: this.#stop.signal, sameAs: this.head };
    try {
      if (!this.#source.isSuspended) await this.#client.pauseBeforeRetry(error, rest, this.#retries);
      this.#source = (await getObject(this.#client, { ...rest, start: this.#position }, recover, this.#retries)).body;
      this.#source.allowSuspension();
    } catch (error) {
      if (this.#isCancelled) return;
      throw error;
    }
    this.#gained = 0;
    return await this.read();
  }
}
