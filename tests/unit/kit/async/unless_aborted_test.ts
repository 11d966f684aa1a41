import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { unlessAborted } from "../../../../src/kit/async/unless_aborted.ts";

Deno.test("unlessAborted() returns the result of the work, or its error", async () => {
  const { signal } = new AbortController();
  for (const given of [undefined, signal]) {
    assertEquals(await unlessAborted(given, () => Promise.resolve(1)), 1);
    await assertRejects(
      () => unlessAborted(given, () => Promise.reject(new RangeError("failed"))),
      RangeError,
      "failed",
    );
  }
});

Deno.test("unlessAborted() rejects with the reason, although the work continues", async () => {
  const stop = new AbortController();
  const reason = new Error("stopped");
  const waiting = unlessAborted(stop.signal, () => new Promise(() => {}));
  stop.abort(reason);
  assertStrictEquals(await waiting.catch((error) => error), reason);
});

Deno.test("unlessAborted() does not start work for an aborted signal", async () => {
  let isStarted = false;
  const work = (): Promise<void> => Promise.resolve(void (isStarted = true));
  await assertRejects(() => unlessAborted(AbortSignal.abort(new RangeError("stopped")), work), RangeError, "stopped");
  assertEquals(isStarted, false);
});

Deno.test("unlessAborted() ignores an error of the work after the abort", async () => {
  const stop = new AbortController();
  let fail = (_error: Error): void => {};
  const waiting = unlessAborted(stop.signal, () => new Promise((_, reject) => fail = reject));
  stop.abort(new RangeError("stopped"));
  fail(new TypeError("late"));
  await assertRejects(() => waiting, RangeError, "stopped");
});
