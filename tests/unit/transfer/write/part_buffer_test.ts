import { assert, assertEquals } from "@std/assert";
import { PartBuffer } from "../../../../src/transfer/write/part_buffer.ts";
import { patternBytes, SeededRandom } from "../../random.ts";

Deno.test("PartBuffer.append() copies up to the limit and returns the number of bytes", () => {
  const buffer = new PartBuffer();
  assertEquals([buffer.append(patternBytes(3), 5), buffer.append(patternBytes(3), 5), buffer.length], [3, 2, 5]);
  assertEquals(buffer.append(patternBytes(3), 5), 0);
  assertEquals([...buffer.take()], [0, 1, 2, 0, 1]);
  assertEquals([buffer.length, buffer.take().byteLength], [0, 0]);
});

Deno.test("PartBuffer.take() returns bytes that later changes and parts do not affect", () => {
  const buffer = new PartBuffer();
  const chunk = patternBytes(4);
  buffer.append(chunk, 4);
  const part = buffer.take();
  chunk.fill(99);
  buffer.append(chunk, 4);
  assertEquals([...part], [0, 1, 2, 3]);
});

Deno.test("PartBuffer splits any chunks into parts of the limit without losing a byte", () => {
  const random = new SeededRandom(9);
  for (let round = 0; round < 50; round++) {
    const limit = 1 + random.below(200_000);
    const source = patternBytes(random.below(500_000));
    const buffer = new PartBuffer();
    const parts: Uint8Array[] = [];
    for (let offset = 0; offset < source.byteLength;) {
      const chunk = source.subarray(offset, offset + 1 + random.below(100_000));
      offset += buffer.append(chunk, limit);
      if (buffer.length === limit) parts.push(buffer.take());
    }
    parts.push(buffer.take());
    assert(parts.slice(0, -1).every(({ byteLength }) => byteLength === limit));
    assertEquals(new Uint8Array(parts.flatMap((part) => [...part])).length, source.length);
    let offset = 0;
    for (const part of parts) {
      assert(part.every((byte, index) => byte === source[offset + index]));
      offset += part.byteLength;
    }
  }
});

Deno.test("PartBuffer does not take the memory of a whole part for a small file", () => {
  const buffer = new PartBuffer();
  buffer.append(patternBytes(10), 64 * 1024 ** 2);
  assert(buffer.take().buffer.byteLength <= 64 * 1024);
});

Deno.test("PartBuffer reuses the memory of a recycled part that is large enough", () => {
  const buffer = new PartBuffer();
  buffer.append(patternBytes(4), 4);
  const first = buffer.take();
  buffer.recycle(first);
  buffer.append(patternBytes(2), 4);
  const second = buffer.take();
  assert(second.buffer === first.buffer);
  assertEquals([...second], [0, 1]);
  buffer.recycle(second);
  buffer.append(patternBytes(9), 9);
  assertEquals([...buffer.take()], [...patternBytes(9)]);
});
