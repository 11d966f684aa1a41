import { assertEquals, assertRejects } from "@std/assert";
import { ByteReader } from "../../../../src/kit/bytes/byte_reader.ts";
import { chunkedStream, patternBytes, SeededRandom } from "../../random.ts";

/** Reads the requested number of bytes, like a file. */
async function read(reader: ByteReader, length: number): Promise<Uint8Array> {
  let missing = length;
  return await reader.readUntil((chunk) => {
    if (chunk.byteLength >= missing) return missing;
    missing -= chunk.byteLength;
    return -1;
  });
}

/** Every way to split the bytes: one bit for each possible split. */
function* allChunkings(length: number): Generator<number[]> {
  for (let cuts = 0; cuts < 1 << (length - 1); cuts++) {
    const sizes = [1];
    for (let i = 0; i < length - 1; i++) {
      if (cuts & 1 << i) sizes.push(1);
      else sizes[sizes.length - 1]!++;
    }
    yield sizes;
  }
}

Deno.test("ByteReader.readUntil() returns exactly the requested bytes, for any chunks of the source", async () => {
  const bytes = patternBytes(7);
  for (const sizes of allChunkings(7)) {
    for (let length = 1; length <= 8; length++) {
      const reader = new ByteReader(chunkedStream(bytes, sizes));
      const parts: number[][] = [];
      while (true) {
        const part = await read(reader, length);
        if (part.byteLength === 0) break;
        parts.push([...part]);
      }
      assertEquals(parts.flat(), [...bytes]);
      assertEquals(parts.slice(0, -1).every((part) => part.length === length), true);
    }
  }
});

Deno.test("ByteReader.readSome() skips empty chunks", async () => {
  const chunks = [new Uint8Array(0), new Uint8Array([1]), new Uint8Array(0), new Uint8Array([2])];
  const reader = new ByteReader(
    new ReadableStream({
      pull: (controller) => {
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
    }),
  );
  assertEquals([await reader.readSome(), await reader.readSome(), await reader.readSome()], [
    new Uint8Array([1]),
    new Uint8Array([2]),
    undefined,
  ]);
});

Deno.test("ByteReader.readUntil() and readSome() lose and repeat no byte when mixed", async () => {
  const random = new SeededRandom(5);
  const bytes = patternBytes(500);
  for (let round = 0; round < 100; round++) {
    const reader = new ByteReader(chunkedStream(bytes, [1 + random.below(20), 1 + random.below(90), 1]));
    const seen: number[] = [];
    while (true) {
      const part = random.below(2) === 0 ? await reader.readSome() : await read(reader, 1 + random.below(60));
      if (part === undefined || part.byteLength === 0) break;
      seen.push(...part);
    }
    assertEquals(seen, [...bytes]);
  }
});

Deno.test("ByteReader.readUntil() returns copies that later changes of a chunk do not affect", async () => {
  const chunk = new Uint8Array([1, 2, 3]);
  const reader = new ByteReader(
    new ReadableStream({
      start: (controller) => {
        controller.enqueue(chunk);
        controller.close();
      },
    }),
  );
  const copy = await read(reader, 3);
  chunk.fill(9);
  assertEquals([...copy], [1, 2, 3]);
  assertEquals(copy.buffer === chunk.buffer, false);
});

Deno.test("ByteReader.cancel() cancels the source with the reason and drops buffered bytes", async () => {
  let reason: unknown;
  const reader = new ByteReader(
    new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(4)),
      cancel: (given) => void (reason = given),
    }),
  );
  await read(reader, 1);
  await reader.cancel("enough");
  assertEquals(reason, "enough");
  assertEquals(await reader.readSome(), undefined);
});

Deno.test("ByteReader throws the error of its source", async () => {
  const reader = new ByteReader(new ReadableStream({ pull: () => Promise.reject(new Error("cut")) }));
  await assertRejects(() => read(reader, 1), Error, "cut");
});

Deno.test("ByteReader.readUntil() copies each chunk before it reads the next", async () => {
  const shared = new Uint8Array(65_536);
  const texts = ["one ", "two ", "three"];
  const reader = new ByteReader({
    read: () => {
      const text = texts.shift();
      return Promise.resolve(
        text === undefined ? undefined : shared.subarray(0, new TextEncoder().encodeInto(text, shared).written),
      );
    },
    cancel: () => Promise.resolve(),
  });
  assertEquals(new TextDecoder().decode(await reader.readUntil(() => -1)), "one two three");
});
