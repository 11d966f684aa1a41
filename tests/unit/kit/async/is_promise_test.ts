import { assertEquals } from "@std/assert";
import { isPromise } from "../../../../src/kit/async/is_promise.ts";

Deno.test("isPromise() recognizes promises of other realms, and no other values", () => {
  class OtherPromise {
    then(): void {}
  }
  assertEquals([Promise.resolve(), new OtherPromise()].map((value: unknown) => isPromise(value)), [true, true]);
  assertEquals([undefined, null, 0, "then", {}, { then: 1 }].map((value: unknown) => isPromise(value)), [
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});
