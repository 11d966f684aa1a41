import { readLimited } from "../kit/bytes/read_limited.ts";
import { RepeatedDeadline } from "../runtime/deadlines.ts";
import { readerOf, type StreamChunk, type StreamReader } from "../runtime/stream_reader.ts";
import { BodySlot, type Connections } from "./connections.ts";
import type { Pace } from "./flow/bandwidth.ts";
import { failureOf, type NetworkStep, timeoutOf, underDeadline } from "./deadline.ts";
import type { ReceivedResponse } from "./exchange.ts";

/** Bodies known to be this small are not watched while they rest: that would take longer than to read them. */
const SMALL_BYTES = 64 * 1024;

/**
 * The body of a response, read chunk by chunk: each wait has a deadline, and failures of the network become errors of this
 * package. After a failure the caller must cancel the body. A body that nobody holds any longer releases its connection.
 */
export class GuardedBody {
  readonly #response: Response;
  readonly #stop: AbortController;
  readonly #step: NetworkStep;
  readonly #connections: Connections;
  readonly #slot: BodySlot;
  readonly #pace: Pace | undefined;
  /** Created on demand: on Deno, a stream takes longer than everything else in a small request. */
  #reader: StreamReader | undefined;
  #isReadWhole = false;
  #deadline: RepeatedDeadline | undefined;
  /** These settle the wait for the current chunk. */
  #resolve: (chunk: Uint8Array | undefined) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  /**
   * @param step Describes the wait for each chunk.
   * @param pace Limits the bytes per second.
   */
  constructor(received: ReceivedResponse, step: NetworkStep, connections: Connections, pace?: Pace) {
    this.#response = received.response;
    this.#stop = received.stop;
    this.#step = step;
    this.#pace = pace;
    this.#connections = connections;
    this.#slot = new BodySlot(this, connections, received.response, received.stop, step.request.signal);
  }

  /** Whether its connection was closed in favour of others: reading continues over another one. */
  get isSuspended(): boolean {
    return this.#slot.isSuspended;
  }

  /** Allows to close the connection between two reads, if another body needs it or the reader does not go on. */
  allowSuspension(): void {
    this.#slot.maySuspend = true;
    const size = this.#response.headers.get("content-length");
    if (size !== null && Number(size) <= SMALL_BYTES) return;
    // Loaded on demand: most responses are small. Without the module, connections are closed only if others need them.
    import("./flow/idle_bodies.ts").then(
      ({ watchIdle }) => watchIdle(this.#connections, this.#step.seconds),
      () => {},
    );
  }

  /** The next chunk; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      try {
        this.#reader ??= this.#newReader();
      } catch (cause) { // on Bun, if the connection has failed meanwhile
        return this.#onFailure(cause);
      }
      if (this.#reader === undefined) return resolve(this.#end());
      if (this.#step.request.signal?.aborted) return this.#abort();
      this.#deadline ??= new RepeatedDeadline(this.#step.seconds, this.#expire);
      this.#deadline.begin();
      this.#slot.read(this.#abort);
      this.#reader.read().then(this.#onChunk, this.#onFailure);
    });
  }

  /**
   * All bytes in one step, if none was read yet: for a body so small that it arrives as soon as a chunk.
   *
   * @param maxBytes The most bytes that the body may have.
   * @param tooLong Creates the error for a body with more bytes.
   */
  async bytes(maxBytes: number, tooLong: () => Error): Promise<Uint8Array<ArrayBuffer>> {
    this.#isReadWhole = true;
    this.#slot.read();
    try {
      const bytes = await underDeadline(this.#step, this.#stop, () => readAll(this.#response, maxBytes, tooLong));
      if (this.#pace !== undefined) await this.#pace(bytes.byteLength);
      return bytes;
    } finally {
      this.#end();
    }
  }

  async cancel(reason?: unknown): Promise<void> {
    this.#end();
    await (this.#isReadWhole ? this.#stop.abort(reason) : (this.#reader ?? this.#response.body)?.cancel(reason));
  }

  /** `undefined` for a response without a body. */
  #newReader(): StreamReader | undefined {
    const { body } = this.#response;
    return body === null ? undefined : readerOf(body);
  }

  #handOut(chunk: Uint8Array): void {
    this.#slot.rest();
    this.#resolve(chunk);
  }

  #end(): undefined {
    this.#deadline?.end();
    this.#slot.release();
  }

  #fail(reason: unknown): void {
    this.#end();
    this.#reject(reason);
  }

  // Callbacks are created once per body: a large one has thousands of chunks.
  readonly #abort = (): void => this.#fail(this.#step.request.signal!.reason);

  readonly #expire = (): void => {
    this.#stop.abort();
    this.#fail(timeoutOf(this.#step, this.#stop.signal.reason));
  };

  readonly #onChunk = ({ value }: StreamChunk): void => {
    if (value === undefined) return this.#resolve(this.#end());
    this.#deadline!.rest();
    if (this.#pace === undefined) this.#handOut(value);
    else this.#pace(value.byteLength).then(() => this.#handOut(value), this.#reject);
  };

  readonly #onFailure = (cause: unknown): void => {
    if (this.#step.request.signal?.aborted) this.#abort();
    else this.#fail(failureOf(this.#step, cause));
  };
}

function readAll(response: Response, maxBytes: number, tooLong: () => Error): Promise<Uint8Array<ArrayBuffer>> {
  // A runtime ends a body at Content-Length, but not a chunked one, and not one of a custom fetch.
  const isLimited = response.url !== "" && !response.headers.has("transfer-encoding");
  return isLimited || response.body === null
    ? response.arrayBuffer().then((buffer) => new Uint8Array(buffer))
    : readLimited(response.body, maxBytes, tooLong);
}
