import { assertEquals } from "@std/assert";
import { trimEnd, trimFolder } from "../../../../src/kit/text/trim_end.ts";

Deno.test("trimEnd() removes the given characters at the end only", () => {
  assertEquals(trimEnd("/a/b//", "/"), "/a/b");
  assertEquals(trimEnd("a\\/\\", "/\\"), "a");
  assertEquals(trimEnd("//", "/"), "");
  assertEquals(trimEnd("", "/"), "");
  assertEquals(trimEnd("a/", "\\"), "a/");
});

Deno.test("trimFolder() keeps the root", () => {
  assertEquals(["a/", "a\\/", "/", "//", "/a//"].map(trimFolder), ["a", "a", "/", "/", "/a"]);
});
