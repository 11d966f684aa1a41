import { assertEquals, assertStrictEquals } from "@std/assert";
import { anySignal } from "../../../../src/kit/async/any_signal.ts";

Deno.test("anySignal() returns the only signal", () => {
  const { signal } = new AbortController();
  assertStrictEquals(anySignal(undefined, signal), signal);
});

Deno.test("anySignal() is aborted with the reason of either signal", () => {
  for (const index of [0, 1]) {
    const controllers = [new AbortController(), new AbortController()] as const;
    const signal = anySignal(controllers[0].signal, controllers[1].signal);
    assertEquals(signal.aborted, false);
    controllers[index]!.abort("enough");
    assertEquals([signal.aborted, signal.reason], [true, "enough"]);
  }
});
