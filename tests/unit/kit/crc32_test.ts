import { assertEquals } from "@std/assert";
import { crc32, CRC32_POLYNOMIAL, CRC32C_POLYNOMIAL } from "../../../src/kit/crc32.ts";
import { encodeUtf8 } from "../../../src/kit/bytes.ts";

Deno.test("crc32 gives the check values of both polynomials, also piece by piece", () => {
  const digits = encodeUtf8("123456789");
  for (const [polynomial, check] of [[CRC32_POLYNOMIAL, 0xcbf43926], [CRC32C_POLYNOMIAL, 0xe3069283]] as const) {
    assertEquals(crc32(polynomial, digits), check);
    const first = crc32(polynomial, digits.subarray(0, 4));
    assertEquals(crc32(polynomial, digits.subarray(4), first), check);
    assertEquals(crc32(polynomial, new Uint8Array(0)), 0);
  }
});
