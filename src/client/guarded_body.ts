import { readLimited } from "../kit/bytes/read_limited.ts";
import { RepeatedDeadline } from "../runtime/deadlines.ts";
import { failureOf, type NetworkStep, timeoutOf, underDeadline } from "./deadline.ts";
import type { Answer } from "./exchange.ts";

/** The body of an answer, read chunk by chunk. Whoever is told of a failure cancels it. */
export interface GuardedBody {
  /** The next chunk; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
  /**
   * All of it, where nothing was read yet: for one so small that it comes as soon as a chunk.
   *
   * @param most The most bytes that it may have.
   * @param tooLong The error for one that has more.
   */
  bytes(most: number, tooLong: () => Error): Promise<Uint8Array<ArrayBuffer>>;
  cancel(reason?: unknown): Promise<void>;
}

/**
 * An answer's body that is not waited for without end, and fails with errors of ours.
 *
 * @param step What each chunk is waited for with.
 */
export function guardedBody({ response, stop }: Answer, step: NetworkStep): GuardedBody {
  const { signal } = step.request;
  // Made when it is needed: on Deno, a stream takes longer than all else that a small request does.
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let isWhole = false;
  /** What ends the wait for the chunk under way. */
  let resolve: (chunk: Uint8Array | undefined) => void;
  let reject: (reason: unknown) => void = () => {};
  let deadline: RepeatedDeadline | undefined;

  function expire(): void {
    stop.abort();
    fail(timeoutOf(step, stop.signal.reason));
  }

  function end(): void {
    deadline?.end();
    signal?.removeEventListener("abort", giveUp);
  }

  function fail(reason: unknown): void {
    end();
    reject(reason);
  }

  // Made once: there are thousands of chunks.
  const giveUp = (): void => fail(signal!.reason);
  const pass = ({ done, value }: ReadableStreamReadResult<Uint8Array>): void => {
    if (done) end();
    else deadline!.rest();
    resolve(value);
  };
  const tell = (cause: unknown): void => signal?.aborted ? giveUp() : fail(failureOf(step, cause));

  return {
    read: () =>
      new Promise((onChunk, onFailure) => {
        if (reader === undefined) {
          if (response.body === null) return onChunk(undefined);
          reader = response.body.getReader();
          signal?.addEventListener("abort", giveUp);
        }
        [resolve, reject] = [onChunk, onFailure];
        if (signal?.aborted) return giveUp();
        deadline ??= new RepeatedDeadline(step.seconds, expire);
        deadline.begin();
        reader.read().then(pass, tell);
      }),
    bytes: async (most, tooLong) => {
      isWhole = true;
      return await underDeadline(step, stop, async () => {
        // A runtime ends a body where Content-Length says, but not a chunked one, nor one that somebody else has made.
        if (response.url !== "" && !response.headers.has("transfer-encoding")) {
          return new Uint8Array(await response.arrayBuffer());
        }
        return response.body === null ? new Uint8Array(0) : await readLimited(response.body, most, tooLong);
      });
    },
    cancel: async (reason) => {
      end();
      await (isWhole ? stop.abort(reason) : (reader ?? response.body)?.cancel(reason));
    },
  };
}
