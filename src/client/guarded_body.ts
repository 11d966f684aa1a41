import { type NetworkStep, underDeadline } from "./deadline.ts";

/** The body of an answer, read chunk by chunk. Whoever is told of a failure cancels it. */
export interface GuardedBody {
  /** The next chunk; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
  cancel(reason?: unknown): Promise<void>;
}

/**
 * An answer's body that is not waited for without end, and fails with errors of ours.
 *
 * @param step What each chunk is waited for with.
 */
export function guardedBody(response: Response, step: NetworkStep): GuardedBody {
  const reader = response.body?.getReader();
  return {
    read: async () => (await underDeadline(step, async () => await reader?.read()))?.value,
    cancel: async (reason) => await reader?.cancel(reason),
  };
}
