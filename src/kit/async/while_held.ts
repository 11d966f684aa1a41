import { onAbort } from "./on_abort.ts";

/** Controllers by their signals: code that holds the signal holds the controller. */
const controllers = new WeakMap<AbortSignal, AbortController>();

let dropped: FinalizationRegistry<() => void> | undefined;

/**
 * Calls a function with an object once a signal is aborted, as long as somebody else holds the object: the signal does not
 * keep it in memory, however long it lives.
 *
 * @param callback Must not refer to the object.
 * @returns Removes the function.
 */
export function whileHeld<T extends object>(target: T, signal: AbortSignal, callback: (target: T) => void): () => void {
  if (typeof WeakRef === "undefined") return whileNeeded(target, signal, callback); // older Workers
  const held = new WeakRef(target);
  const remove = onAbort(signal, () => {
    const target = held.deref();
    if (target !== undefined) callback(target);
  });
  dropped ??= new FinalizationRegistry((remove) => remove());
  dropped.register(target, remove);
  return remove;
}

/** A function of its own: V8 gives all closures of a function one context, so that one more here would hold the target. */
function whileNeeded<T extends object>(target: T, signal: AbortSignal, callback: (target: T) => void): () => void {
  return onAbort(signal, () => callback(target));
}

/**
 * Aborts a controller as soon as a signal is aborted, for work that a caller may drop without ending it: the signal does not
 * keep the controller in memory.
 *
 * @returns The controller's signal.
 */
export function abortWhileHeld(controller: AbortController, signal: AbortSignal | undefined): AbortSignal {
  if (signal?.aborted) controller.abort(signal.reason);
  else if (signal !== undefined) whileHeld(controller, signal, (held) => held.abort(signal.reason));
  controllers.set(controller.signal, controller);
  return controller.signal;
}
