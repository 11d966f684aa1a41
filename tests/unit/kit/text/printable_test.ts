import { assertEquals } from "@std/assert";
import { printable } from "../../../../src/kit/text/printable.ts";

Deno.test("printable() escapes control and bidirectional characters only", () => {
  assertEquals(printable("a\x1b[2J\x9b31m\x7f\n\r\t\0"), "a\\u001b[2J\\u009b31m\\u007f\\u000a\\u000d\\u0009\\u0000");
  assertEquals(
    printable("\u202e\u2066\u2069\u200e\u061c\u2028\ufeff"),
    "\\u202e\\u2066\\u2069\\u200e\\u061c\\u2028\\ufeff",
  );
  const plain = "naïve ñ 日本語 👩‍👩‍👧 می‌خواهم C:\\folder \u00a0";
  assertEquals(printable(plain), plain);
});
