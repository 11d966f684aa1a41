import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../../../src/kit/bytes/bytes.ts";
import { compareUtf8 } from "../../../../src/kit/text/utf8_order.ts";

/** The order of the bytes, by definition. */
function compareBytes(one: string, other: string): number {
  const [a, b] = [encodeUtf8(one), encodeUtf8(other)];
  const index = a.findIndex((byte, index) => byte !== b[index]);
  return index === -1 ? a.length - b.length : a[index]! - (b[index] ?? -1);
}

Deno.test("compareUtf8() orders strings by their bytes in UTF-8", () => {
  const texts = [
    "",
    "a",
    "ab",
    "b",
    "\x7f",
    "\x80",
    "é",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "😀",
    "\u{10ffff}",
    "a😀",
    "a\uffff",
  ];
  for (const one of texts) {
    for (const other of texts) {
      assertEquals(
        Math.sign(compareUtf8(one, other)),
        Math.sign(compareBytes(one, other)),
        JSON.stringify([one, other]),
      );
    }
  }
});
