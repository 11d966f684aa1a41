import { assert, assertEquals } from "@std/assert";
import { foreignText } from "../../../../src/kit/text/foreign_text.ts";

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
