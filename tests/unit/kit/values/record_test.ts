import { assertEquals } from "@std/assert";
import { isRecord } from "../../../../src/kit/values/record.ts";

Deno.test("isRecord() takes objects with members, and neither lists nor null", () => {
  for (const value of [{}, { a: 1 }, Object.create(null)]) assertEquals(isRecord(value), true);
  for (const value of [[], null, undefined, "a", 1, () => {}]) assertEquals(isRecord(value), false);
});
