import { assertEquals } from "@std/assert";
import { decodeUrlBase64, encodeUrlBase64 } from "../../../src/cloudfront/base64.ts";
import { encodeBase64 } from "../../../src/kit/bytes/bytes.ts";

Deno.test("encodeUrlBase64() replaces the three characters that URLs cannot carry", () => {
  assertEquals(encodeUrlBase64(Uint8Array.of(0xfb, 0xff, 0xfe, 1)), "-~~-AQ__");
});

Deno.test("decodeUrlBase64() reads both alphabets and skips white space", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  assertEquals(decodeUrlBase64(encodeUrlBase64(bytes)), bytes);
  assertEquals(decodeUrlBase64(encodeBase64(bytes).replace(/.{64}/g, "$&\n")), bytes);
});
