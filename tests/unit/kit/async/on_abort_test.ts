import { assertEquals, assertStrictEquals } from "@std/assert";
import { abortWith, onAbort } from "../../../../src/kit/async/on_abort.ts";

/** A signal that counts its listeners. */
function countedSignal(controller: AbortController): { signal: AbortSignal; listeners: () => number } {
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...given: Parameters<typeof add>): void => {
    listeners++;
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>): void => {
    listeners--;
    remove(...given);
  };
  return { signal, listeners: () => listeners };
}

Deno.test("onAbort() gives a signal one listener, however many functions wait, and none without them", () => {
  const controller = new AbortController();
  const { signal, listeners } = countedSignal(controller);
  for (let round = 0; round < 2; round++) {
    const removes = Array.from({ length: 100 }, () => onAbort(signal, () => {}));
    assertEquals(listeners(), 1);
    for (const remove of removes) remove();
    assertEquals(listeners(), 0);
    removes[0]!(); // once more
    assertEquals(listeners(), 0);
  }
});

Deno.test("onAbort() calls the functions in their order, and none that was removed, even by another one", () => {
  const controller = new AbortController();
  const called: string[] = [];
  const removes: (() => void)[] = [];
  for (const name of ["first", "second", "third", "fourth"]) {
    removes.push(onAbort(controller.signal, () => {
      called.push(name);
      if (name === "first") removes[1]!();
    }));
  }
  removes[3]!();
  controller.abort();
  assertEquals(called, ["first", "third"]);
});

Deno.test("abortWith() aborts a controller with the reason of the signal, unless they are separated before", () => {
  const reason = new Error("stopped");
  const source = new AbortController();
  const [linked, separated, late] = [new AbortController(), new AbortController(), new AbortController()];
  abortWith(linked, source.signal);
  abortWith(separated, source.signal)();
  source.abort(reason);
  abortWith(late, source.signal);
  assertStrictEquals(linked.signal.reason, reason);
  assertEquals(separated.signal.aborted, false);
  assertStrictEquals(late.signal.reason, reason);
  abortWith(separated, undefined)();
});

Deno.test("onAbort() works where listeners are not called on the signal, as on Workers of before 2024-03-26", () => {
  const controller = new AbortController();
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListenerOrEventListenerObject): void =>
    add(type, (event: unknown) => (listener as (event: unknown) => void).call(globalThis, event));
  const called: string[] = [];
  onAbort(signal, () => called.push("first"));
  onAbort(signal, () => called.push("second"));
  controller.abort();
  assertEquals(called, ["first", "second"]);
});
