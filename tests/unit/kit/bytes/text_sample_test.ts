import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../../../src/kit/bytes/bytes.ts";
import { isTextSample, isTextType } from "../../../../src/kit/bytes/text_sample.ts";

Deno.test("isTextSample() is true for UTF-8, also if a character is cut at the end", () => {
  const text = encodeUtf8("body { color: red; }\n\t/* ü */");
  assertEquals([isTextSample(text), isTextSample(encodeUtf8("aü").subarray(0, 2))], [true, true]);
});

Deno.test("isTextSample() is false for control characters and other bytes", () => {
  assertEquals([isTextSample(Uint8Array.of(0x61, 0)), isTextSample(Uint8Array.of(0x1f, 0x8b, 8))], [false, false]);
});

Deno.test("isTextType() knows the types that have no signature", () => {
  const types = ["text/css", "application/json", "image/svg+xml", "image/png", "font/woff2"];
  assertEquals(types.map(isTextType), [true, true, true, false, false]);
});
