import { onAbort } from "./on_abort.ts";

/**
 * Returns the result of the work, or rejects with the signal's reason as soon as it is aborted, even if the work ignores the
 * signal.
 */
export function unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal === undefined) return work();
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) return stop();
    const forget = onAbort(signal, stop);
    work().then(resolve, reject).finally(forget);
  });
}
