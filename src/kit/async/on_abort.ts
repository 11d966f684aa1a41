/** The functions that wait for one signal, and its listener, which calls them. */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly callAll: () => void;
}

const waiting = new WeakMap<AbortSignal, Waiting>();

/** The listener finds its functions without `this`: Workers of before 2024-03-26 call listeners on the global object. */
function newWaiting(): Waiting {
  const callbacks = new Set<() => void>();
  return {
    callbacks,
    callAll(): void {
      for (const callback of callbacks) callback();
    },
  };
}

/**
 * Calls a function once a signal is aborted, unless it is removed before. However many functions wait, the signal has one
 * listener, and none without them: Node warns of a signal with more than 10, and a listener on `AbortSignal.timeout` keeps a
 * process on Deno alive.
 *
 * @returns Removes the function.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const found = waiting.get(signal) ?? newWaiting();
  waiting.set(signal, found);
  const { callbacks, callAll } = found;
  if (callbacks.size === 0) signal.addEventListener("abort", callAll);
  callbacks.add(callback);
  return () => {
    if (callbacks.delete(callback) && callbacks.size === 0) signal.removeEventListener("abort", callAll);
  };
}

/**
 * Aborts a controller as soon as a signal is aborted. On Node 20, `AbortSignal.any` would leave 120 bytes in a signal that
 * lives on.
 *
 * @returns Separates the two; to be called at the end of the work.
 */
export function abortWith(controller: AbortController, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => {};
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  return onAbort(signal, abort);
}
