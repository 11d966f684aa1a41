import { assertEquals } from "@std/assert";
import { encodeBase64 } from "../../../../src/kit/bytes/bytes.ts";
import { decodeBase64, equalInConstantTime } from "../../../../src/testing/payload/digests.ts";

Deno.test("decodeBase64() refuses malformed base64", () => {
  assertEquals(encodeBase64(Uint8Array.of(255, 254, 253)), "//79");
  assertEquals(decodeBase64("//79"), Uint8Array.of(255, 254, 253));
  assertEquals(["//7", "__79", "//79=", " //7", "=AAA"].map(decodeBase64), Array(5).fill(undefined));
});

Deno.test("equalInConstantTime() finds every difference", () => {
  assertEquals(equalInConstantTime("abc", "abc"), true);
  for (const other of ["abd", "ab", "abcd", "", "abc\0"]) assertEquals(equalInConstantTime(other, "abc"), false);
});
