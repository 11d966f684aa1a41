import { assertEquals } from "@std/assert";
import { encodeKey, encodeQuery, encodeRfc3986 } from "../../../src/signing/encode.ts";

Deno.test("encodeRfc3986() keeps exactly the unreserved characters", () => {
  const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
  const kept = ascii.filter((character) => encodeRfc3986(character) === character).join("");
  assertEquals(kept, "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");
  for (const character of ascii.filter((one) => !kept.includes(one))) {
    const hex = character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
    assertEquals(encodeRfc3986(character), `%${hex}`);
  }
});

Deno.test("encodeRfc3986() encodes UTF-8, and encodes percent signs again", () => {
  assertEquals(encodeRfc3986("ñ日😀"), "%C3%B1%E6%97%A5%F0%9F%98%80");
  assertEquals(encodeRfc3986("%41+"), "%2541%2B");
});

Deno.test("encodeKey() keeps slashes everywhere, and encodes a literal %2F again", () => {
  assertEquals(encodeKey("//a b/%2F/c//"), "//a%20b/%252F/c//");
  assertEquals(encodeKey("whacky & filename!*'().mp4"), "whacky%20%26%20filename%21%2A%27%28%29.mp4");
});

Deno.test("encodeQuery() keeps the order, and names with and without values", () => {
  assertEquals(encodeQuery([["b", "1 2"], ["a", ""], ["b", "/=&"]]), "b=1%202&a=&b=%2F%3D%26");
  assertEquals(encodeQuery([]), "");
});
