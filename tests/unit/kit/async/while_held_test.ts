import { assertEquals, assertStrictEquals } from "@std/assert";
import { abortWhileHeld, whileHeld } from "../../../../src/kit/async/while_held.ts";

Deno.test("whileHeld() calls the function with the object once the signal is aborted, unless it is removed", () => {
  const controller = new AbortController();
  const [held, removed] = [{ name: "held" }, { name: "removed" }];
  const called: object[] = [];
  whileHeld(held, controller.signal, (target) => called.push(target));
  whileHeld(removed, controller.signal, (target) => called.push(target))();
  controller.abort();
  assertEquals(called, [held]);
});

Deno.test("abortWhileHeld() aborts a controller with the reason of the signal, also of an aborted one", () => {
  const reason = new Error("stopped");
  const source = new AbortController();
  const [early, late] = [new AbortController(), new AbortController()];
  assertStrictEquals(abortWhileHeld(early, source.signal), early.signal);
  source.abort(reason);
  abortWhileHeld(late, source.signal);
  assertStrictEquals(early.signal.reason, reason);
  assertStrictEquals(late.signal.reason, reason);
  assertEquals(abortWhileHeld(new AbortController(), undefined).aborted, false);
});

Deno.test("a signal that lives on keeps no dropped object in memory", async () => {
  const code = `
    import { abortWhileHeld } from "${new URL("../../../../src/kit/async/while_held.ts", import.meta.url).href}";
    const { signal } = new AbortController();
    const dropped = [];
    (function dropTen() {
      for (let count = 0; count < 10; count++) {
        const controller = new AbortController();
        abortWhileHeld(controller, signal);
        dropped.push(new WeakRef(controller));
      }
    })();
    while (dropped.some((reference) => reference.deref() !== undefined)) {
      await new Promise((resolve) => setTimeout(resolve, 1)); // objects of the current turn are kept
      gc();
    }`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--v8-flags=--expose-gc", code],
    signal: AbortSignal.timeout(120_000),
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
});
