import { assertEquals } from "@std/assert";
import { crc32, CRC32_POLYNOMIAL, CRC32C_POLYNOMIAL } from "../../../../src/kit/bytes/crc32.ts";
import { encodeUtf8 } from "../../../../src/kit/bytes/bytes.ts";
import { patternBytes } from "../../random.ts";

Deno.test("crc32() computes the check values of both polynomials, also piece by piece", () => {
  const digits = encodeUtf8("123456789");
  for (const [polynomial, check] of [[CRC32_POLYNOMIAL, 0xcbf43926], [CRC32C_POLYNOMIAL, 0xe3069283]] as const) {
    assertEquals(crc32(polynomial, digits), check);
    const first = crc32(polynomial, digits.subarray(0, 4));
    assertEquals(crc32(polynomial, digits.subarray(4), first), check);
    assertEquals(crc32(polynomial, new Uint8Array(0)), 0);
  }
});

Deno.test("crc32() of pieces of any length equals that of the whole", () => {
  const bytes = patternBytes(30);
  for (const polynomial of [CRC32_POLYNOMIAL, CRC32C_POLYNOMIAL]) {
    for (let end = 0; end <= bytes.length; end++) {
      let sum = 0;
      for (let i = 0; i < end; i++) sum = crc32(polynomial, bytes.subarray(i, i + 1), sum);
      for (let split = 0; split <= end; split++) {
        const first = crc32(polynomial, bytes.subarray(0, split));
        assertEquals(crc32(polynomial, bytes.subarray(split, end), first), sum, `${split}/${end}`);
      }
    }
  }
});
