import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../../../src/kit/bytes/bytes.ts";
import { type Crc64, crc64 } from "../../../../src/runtime/hash/crc64.ts";
import { patternBytes } from "../../random.ts";

const hex = (sum: Crc64): string => sum.map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");

Deno.test("crc64() computes the published check value", () => {
  assertEquals(hex(crc64(encodeUtf8("123456789"))), "ae8b14860a799888");
});

Deno.test("crc64() of pieces of any length equals that of the whole", () => {
  const bytes = patternBytes(30);
  for (let end = 0; end <= bytes.length; end++) {
    let sum: Crc64 = [0, 0];
    for (let i = 0; i < end; i++) sum = crc64(bytes.subarray(i, i + 1), sum);
    for (let split = 0; split <= end; split++) {
      assertEquals(
        hex(crc64(bytes.subarray(split, end), crc64(bytes.subarray(0, split)))),
        hex(sum),
        `${split}/${end}`,
      );
    }
  }
});
