import { assert, assertEquals } from "@std/assert";
import { MAX_PARTS } from "../../../../src/client/operations/multipart.ts";
import { MAX_OBJECT_BYTES, partSizeAt, partSizeForLength } from "../../../../src/transfer/write/part_size.ts";

const MIB = 1024 ** 2;

for (const wanted of [5, 8, 16, 64, 100, 500, 550, 1024, 5120]) {
  Deno.test(`partSizeAt() lets 10,000 parts from ${wanted} MiB reach 5 TiB, without shrinking or exceeding 5 GiB`, () => {
    let total = 0;
    let last = 0;
    for (let number = 1; number <= MAX_PARTS; number++) {
      const size = partSizeAt(number, wanted * MIB);
      assert(Number.isSafeInteger(size) && size >= last && size <= 5 * 1024 * MIB, `part ${number}: ${size}`);
      total += last = size;
    }
    assert(total >= 5 * 1024 ** 4, `${total}`);
  });
}

Deno.test("partSizeAt() returns the wanted size for the first 2,500 parts", () => {
  assertEquals([1, 2, 2500].map((number) => partSizeAt(number, 8 * MIB)), [8 * MIB, 8 * MIB, 8 * MIB]);
  assert(partSizeAt(2501, 8 * MIB) > 8 * MIB);
});

Deno.test("partSizeForLength() returns the wanted size if it suffices", () => {
  assertEquals(partSizeForLength(80_000 * MIB, 8 * MIB), 8 * MIB);
  assertEquals(partSizeForLength(0, 8 * MIB), 8 * MIB);
  for (const length of [80_000 * MIB + 1, 10 ** 12, MAX_OBJECT_BYTES]) {
    const size = partSizeForLength(length, 8 * MIB);
    assert(Math.ceil(length / size) <= MAX_PARTS && size > 8 * MIB && size <= 5 * 1024 * MIB);
  }
});

Deno.test("the largest object has 10,000 parts of 5 GiB: 48.8 TiB", () => {
  assertEquals(MAX_OBJECT_BYTES, 53_687_091_200_000);
  assertEquals(partSizeForLength(MAX_OBJECT_BYTES, 5 * MIB), 5 * 1024 ** 3);
});
