import { type NetworkStep, underDeadline } from "./deadline.ts";
import type { Answer } from "./exchange.ts";

/** The body of an answer, read chunk by chunk. Whoever is told of a failure cancels it. */
export interface GuardedBody {
  /** The next chunk; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** All of it, where nothing was read yet: for one so small that it comes as soon as a chunk. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  cancel(reason?: unknown): Promise<void>;
}

/**
 * An answer's body that is not waited for without end, and fails with errors of ours.
 *
 * @param step What each chunk is waited for with.
 */
export function guardedBody({ response, stop }: Answer, step: NetworkStep): GuardedBody {
  // Made when it is needed: on Deno, a stream takes longer than all else that a small request does.
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let isWhole = false;
  return {
    read: async () => {
      reader ??= response.body?.getReader();
      return (await underDeadline(step, stop, async () => await reader?.read()))?.value;
    },
    bytes: async () => {
      isWhole = true;
      return new Uint8Array(await underDeadline(step, stop, () => response.arrayBuffer()));
    },
    cancel: async (reason) => isWhole ? stop.abort(reason) : await (reader ?? response.body)?.cancel(reason),
  };
}
