import { assertEquals } from "@std/assert";
import { trimEnd } from "../../../src/kit/trim_end.ts";

Deno.test("trimEnd() removes the given characters at the end alone", () => {
  assertEquals(trimEnd("/a/b//", "/"), "/a/b");
  assertEquals(trimEnd("a\\/\\", "/\\"), "a");
  assertEquals(trimEnd("//", "/"), "");
  assertEquals(trimEnd("", "/"), "");
  assertEquals(trimEnd("a/", "\\"), "a/");
});
