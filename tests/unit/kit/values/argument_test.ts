import { assertEquals, assertThrows } from "@std/assert";
import { checkTime, invalidArgument, invalidNumber } from "../../../../src/kit/values/argument.ts";

Deno.test("invalidArgument() names the call, the argument, what is right and what it got, on one line", () => {
  const error = invalidArgument("sign URL for 'a\n'", "region", "text", 5);
  assertEquals([error.name, error.message], [
    "TypeError",
    "Cannot sign URL for 'a\\u000a': region must be text, got 5",
  ]);
});

Deno.test("invalidNumber() makes a RangeError of a number and a TypeError of another value", () => {
  const message = (value: unknown): string => `${invalidNumber("wait", "seconds", "more than 0", value)}`;
  assertEquals(message(0), "RangeError: Cannot wait: seconds must be more than 0, got 0");
  assertEquals(message(NaN), "RangeError: Cannot wait: seconds must be more than 0, got NaN");
  assertEquals(message("1"), 'TypeError: Cannot wait: seconds must be more than 0, got "1"');
  assertEquals(message(1n), "TypeError: Cannot wait: seconds must be more than 0, got 1");
});

Deno.test("checkTime() takes dates within its bounds, also those of another realm", () => {
  const check = (date: unknown): number => checkTime("sign", "at", "a date from 1970 on", date, 0, 1000);
  assertEquals([check(new Date(0)), check(new Date(1000)), check({ getTime: () => 5 })], [0, 1000, 5]);
  for (const date of [new Date(-1), new Date(1001), new Date(NaN)]) {
    assertThrows(() => check(date), RangeError, "Cannot sign: at must be a date from 1970 on, got ");
  }
  for (const date of [0, "1970-01-01", null, undefined, {}]) {
    assertThrows(() => check(date), TypeError, "Cannot sign: at must be a date from 1970 on, got ");
  }
});
