import { assert, assertEquals } from "@std/assert";
import { foreignText, printable } from "../../../../src/kit/text/printable.ts";

Deno.test("printable() escapes control and bidirectional characters only", () => {
  assertEquals(printable("a\x1b[2J\x9b31m\x7f\n\r\t\0"), "a\\u001b[2J\\u009b31m\\u007f\\u000a\\u000d\\u0009\\u0000");
  assertEquals(
    printable("\u202e\u2066\u2069\u200e\u061c\u2028\ufeff"),
    "\\u202e\\u2066\\u2069\\u200e\\u061c\\u2028\\ufeff",
  );
  const plain = "naïve ñ 日本語 👩‍👩‍👧 می‌خواهم C:\\folder \u00a0";
  assertEquals(printable(plain), plain);
});

Deno.test("foreignText() puts text on one line of limited length", () => {
  assertEquals(foreignText("  a\r\n  b\tc  "), "a b c");
  assertEquals(foreignText("x".repeat(10_000)).length, 501);
});

Deno.test("foreignText() masks secrets, also percent-encoded, and every signature", () => {
  const secret = "abc/def+ghi==";
  const text = `${secret} and ${encodeURIComponent(secret)}; X-Amz-Signature=0123abc&b=1, Signature=xyz%2B%3D`;
  assertEquals(
    foreignText(text, [undefined, "", secret]),
    "****** and ******; X-Amz-Signature=******&b=1, Signature=******",
  );
  assertEquals(foreignText("a tested text", ["test"]), "a tested text"); // too short to be a secret
  assert(!foreignText(`${"x".repeat(495)}${secret}`, [secret]).includes("abc")); // not even its first characters
});
