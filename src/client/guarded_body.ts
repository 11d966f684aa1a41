import { readLimited } from "../kit/bytes/read_limited.ts";
import { RepeatedDeadline } from "../runtime/deadlines.ts";
import { failureOf, type NetworkStep, timeoutOf, underDeadline } from "./deadline.ts";
import type { ReceivedResponse } from "./exchange.ts";

/**
 * The body of a response, read chunk by chunk: each wait has a deadline, and failures of the network become errors of this
 * package. After a failure the caller must cancel the body.
 */
export class GuardedBody {
  readonly #response: Response;
  readonly #stop: AbortController;
  readonly #step: NetworkStep;
  /** Created on demand: on Deno, a stream takes longer than everything else in a small request. */
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #isReadWhole = false;
  #deadline: RepeatedDeadline | undefined;
  /** These settle the wait for the current chunk. */
  #resolve: (chunk: Uint8Array | undefined) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  /** @param step Describes the wait for each chunk. */
  constructor({ response, stop }: ReceivedResponse, step: NetworkStep) {
    this.#response = response;
    this.#stop = stop;
    this.#step = step;
  }

  /** The next chunk; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      const { signal } = this.#step.request;
      if (this.#reader === undefined) {
        const { body } = this.#response;
        if (body === null) return resolve(undefined);
        this.#reader = body.getReader();
        signal?.addEventListener("abort", this.#abort);
      }
      this.#resolve = resolve;
      this.#reject = reject;
      if (signal?.aborted) return this.#abort();
      this.#deadline ??= new RepeatedDeadline(this.#step.seconds, this.#expire);
      this.#deadline.begin();
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
    return await underDeadline(this.#step, this.#stop, async () => {
      const response = this.#response;
      // A runtime ends a body at Content-Length, but not a chunked one, and not one of a custom fetch.
      if (response.url !== "" && !response.headers.has("transfer-encoding")) {
        return new Uint8Array(await response.arrayBuffer());
      }
      return response.body === null ? new Uint8Array(0) : await readLimited(response.body, maxBytes, tooLong);
    });
  }

  async cancel(reason?: unknown): Promise<void> {
    this.#end();
    await (this.#isReadWhole ? this.#stop.abort(reason) : (this.#reader ?? this.#response.body)?.cancel(reason));
  }

  #end(): void {
    this.#deadline?.end();
    this.#step.request.signal?.removeEventListener("abort", this.#abort);
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

  readonly #onChunk = ({ done, value }: ReadableStreamReadResult<Uint8Array>): void => {
    if (done) this.#end();
    else this.#deadline!.rest();
    this.#resolve(value);
  };

  readonly #onFailure = (cause: unknown): void => {
    if (this.#step.request.signal?.aborted) this.#abort();
    else this.#fail(failureOf(this.#step, cause));
  };
}
