import { assertEquals } from "@std/assert";
import { grow } from "../../../../src/kit/bytes/bytes.ts";

Deno.test("grow() keeps the first bytes and doubles the length", () => {
  assertEquals(grow(new Uint8Array([1, 2, 3]), 2, 4, 100), new Uint8Array([1, 2, 0, 0, 0, 0]));
});

Deno.test("grow() grows as far as needed, but not beyond the limit", () => {
  assertEquals(grow(new Uint8Array(3), 3, 10, 100).byteLength, 10);
  assertEquals(grow(new Uint8Array(3), 3, 4, 5).byteLength, 5);
});
