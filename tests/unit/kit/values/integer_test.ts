import { assertEquals, assertThrows } from "@std/assert";
import { checkInteger, isInteger } from "../../../../src/kit/values/integer.ts";

Deno.test("isInteger() takes safe integers within its bounds, both included", () => {
  for (const value of [1, 2, 3]) assertEquals(isInteger(value, 1, 3), true);
  for (const value of [0, 4, 1.5, NaN, Infinity, "2", 2n, null, undefined]) assertEquals(isInteger(value, 1, 3), false);
  assertEquals([isInteger(0), isInteger(-1), isInteger(2 ** 53)], [true, false, false]);
});

Deno.test("checkInteger() names the value, its bounds and what it got", () => {
  checkInteger("parts", 3, 1, 3);
  assertThrows(() => checkInteger("parts", 4, 1, 3), RangeError, "parts must be an integer from 1 to 3, got 4");
  assertThrows(() => checkInteger("parts", "3", 0), RangeError, 'parts must be an integer of 0 or more, got "3"');
  assertThrows(() => checkInteger("parts", {}, 0), RangeError, "got a value of type object");
});
