import { assertEquals, assertRejects } from "@std/assert";
import { type ReadAt, readWhole } from "../../../../src/runtime/files/read_whole.ts";
import { patternBytes } from "../../random.ts";

/** Reads pieces of at most `most` bytes. */
function readerOf(content: Uint8Array, most = Infinity): ReadAt {
  return (bytes, offset) => {
    const piece = content.subarray(offset, Math.min(bytes.byteLength, offset + most));
    bytes.set(piece, offset);
    return piece.byteLength;
  };
}

const tooLarge = (): Error => new RangeError("too large");

Deno.test("readWhole() reads files of the expected, a smaller and a larger size", async () => {
  const content = patternBytes(1000);
  for (const size of [0, 1, 999, 1000, 1001, 5000]) {
    for (const most of [1, 7, Infinity]) {
      assertEquals(await readWhole(readerOf(content, most), size, 5000, tooLarge), content, `${size} ${most}`);
    }
  }
});

Deno.test("readWhole() accepts exactly the limit and throws beyond it", async () => {
  const content = patternBytes(100);
  for (const size of [0, 100]) assertEquals(await readWhole(readerOf(content), size, 100, tooLarge), content);
  await assertRejects(() => readWhole(readerOf(content), 100, 99, tooLarge), RangeError, "too large");
  await assertRejects(() => readWhole(readerOf(content, 10), 50, 99, tooLarge), RangeError, "too large");
});

Deno.test("readWhole() reads no more than one byte beyond the limit", async () => {
  let greatest = 0;
  const endless: ReadAt = (bytes, offset) => {
    greatest = Math.max(greatest, bytes.byteLength);
    return bytes.byteLength - offset;
  };
  await assertRejects(() => readWhole(endless, 10, 1000, tooLarge), RangeError);
  assertEquals(greatest, 1001);
});
