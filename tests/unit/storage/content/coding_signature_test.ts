import { assertEquals } from "@std/assert";
import { hasSignature } from "../../../../src/storage/content/coding_signature.ts";

Deno.test("hasSignature() compares the first bytes with those of gzip and zstd", () => {
  assertEquals(hasSignature("gzip", new Uint8Array([0x1f, 0x8b, 8, 0])), true);
  assertEquals(hasSignature("gzip", new Uint8Array([0x1f, 0x8b, 7, 0])), false); // another method than deflate
  assertEquals(hasSignature("gzip", new Uint8Array([0x1f, 0x8b])), false);
  assertEquals(hasSignature("zstd", new Uint8Array([0x28, 0xb5, 0x2f, 0xfd])), true);
  assertEquals(hasSignature("zstd", new Uint8Array()), false);
});

Deno.test("hasSignature() knows no signature of other codings", () => {
  for (const coding of ["br", "deflate", ""]) assertEquals(hasSignature(coding, new Uint8Array([0x1f])), undefined);
});
