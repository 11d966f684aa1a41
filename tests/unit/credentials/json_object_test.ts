import { assertEquals } from "@std/assert";
import { parseJsonObject } from "../../../src/credentials/json_object.ts";

Deno.test("parseJsonObject() returns undefined for anything but a JSON object", () => {
  assertEquals(parseJsonObject(' {"a": 1, "b": [null]} '), { a: 1, b: [null] });
  for (const text of ["", "null", "1", '"a"', "[1]", '{"a": 1', "{a: 1}"]) {
    assertEquals(parseJsonObject(text), undefined);
  }
});
