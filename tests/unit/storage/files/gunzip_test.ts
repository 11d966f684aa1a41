import type { ByteSource } from "../../../../src/storage/contract/bytes.ts";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { IntegrityError } from "../../../../src/errors.ts";
import { concatBytes, encodeUtf8 } from "../../../../src/kit/bytes/bytes.ts";
import { GunzipSource, gunzipStream } from "../../../../src/storage/files/gunzip.ts";
import { BinaryFile } from "../../../../src/storage/files/binary_file.ts";
import { chunkedStream, patternBytes, SeededRandom } from "../../random.ts";
import { watchedBody } from "../../transport.ts";
import { CountingSource, failingOnce } from "../byte_source.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const gzip = (content: Uint8Array, level = 6): Bytes => new Uint8Array(gzipSync(content, { level }));

/** A member whose header has all optional fields. */
function withLongHeader(member: Bytes, nameBytes: number): Bytes {
  const extra = [0x04, 0x00, 1, 2, 3, 4];
  const name = [...new Uint8Array(nameBytes).fill(0x61), 0];
  const header = member.slice(0, 10);
  header[3] = 4 | 8 | 16;
  return new Uint8Array([...header, ...extra, ...name, ...name, ...member.slice(10)]);
}

async function unpack(compressed: Bytes, sizes = [1000]): Promise<Bytes> {
  const stream = gunzipStream(chunkedStream(compressed, sizes), "a.css");
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test("gunzipStream() decompresses all members, for any split of the stream", async () => {
  const random = new SeededRandom(8);
  for (let round = 0; round < 60; round++) {
    const contents: Bytes[] = [];
    const members: Bytes[] = [];
    for (let count = random.below(6); count >= 0; count--) {
      const length = random.pick([0, 1, 10, 1000, 40_000]);
      const content = random.below(2) === 0
        ? random.bytes(length)
        : encodeUtf8(random.text(["red ", "green "], length, length));
      const member = gzip(content, random.pick([0, 1, 6, 9]));
      contents.push(content);
      members.push(random.below(3) === 0 ? withLongHeader(member, random.pick([0, 20, 30_000])) : member);
    }
    const sizes = random.pick([[1], [7], [random.below(9000) + 1], [8192], [100_000], [1, 20_000]]);
    const compressed = concatBytes(members).slice(0);
    if (compressed.byteLength > 60_000 && sizes[0]! < 8 && sizes.length === 1) continue; // slow, and proves no more
    assertEquals(await unpack(compressed, sizes), concatBytes(contents), `round ${round}`);
  }
});

Deno.test("gunzipStream() accepts an empty stream", async () => {
  assertEquals(await unpack(new Uint8Array(0)), new Uint8Array(0));
});

Deno.test("gunzipStream() refuses truncated gzip", async () => {
  const compressed = concatBytes([gzip(patternBytes(300)), gzip(encodeUtf8("more ".repeat(30)))]);
  const first = gzip(patternBytes(300)).byteLength;
  for (let length = 1; length < compressed.byteLength; length++) {
    if (length === first) continue; // a complete member
    await assertRejects(() => unpack(compressed.slice(0, length), [50]), IntegrityError, "'a.css'");
  }
});

Deno.test("gunzipStream() refuses gzip with a flipped bit, unless the content is unaffected", async () => {
  const content = encodeUtf8("all work and no play ".repeat(20));
  const compressed = concatBytes([gzip(content), gzip(content)]);
  const expected = concatBytes([content, content]);
  let refused = 0;
  for (let bit = 0; bit < compressed.byteLength * 8; bit++) {
    const flipped = compressed.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const result = await unpack(flipped, [64]).catch((error) => error);
    if (result instanceof IntegrityError) refused++;
    else assertEquals(result, expected, `bit ${bit}`);
  }
  // In each header, the flags (except three), the time, the level and the system do not affect the content.
  assert(refused > compressed.byteLength * 8 - 2 * 64, `${refused} of ${compressed.byteLength * 8}`);
});

Deno.test("gunzipStream() reports both checksums and both lengths", async () => {
  const compressed = gzip(encodeUtf8("123456789"));
  compressed[compressed.byteLength - 8]! ^= 1;
  const error = await assertRejects(() => unpack(compressed), IntegrityError);
  assert(
    error.message.endsWith("its trailer says CRC-32 cbf43927 of 9 bytes, its content has CRC-32 cbf43926 of 9 bytes"),
    error.message,
  );
});

Deno.test("gunzipStream() decompresses a gzip bomb in pieces, on demand", async () => {
  const compressed = gzip(new Uint8Array(100 * 1024 ** 2), 9);
  let pulled = 0;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      controller.enqueue(compressed.subarray(pulled, pulled += 20_000));
      if (pulled >= compressed.byteLength) controller.close();
    },
  }, { highWaterMark: 0 });
  const reader = gunzipStream(source, "a").getReader();
  let total = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    total += read.value.byteLength;
    assert(read.value.byteLength < 10 * 1024 ** 2, `${read.value.byteLength} bytes in one step`);
    if (total < 50_000_000) assert(pulled < compressed.byteLength, "all was fetched before it was asked for");
  }
  assertEquals(total, 100 * 1024 ** 2);
});

Deno.test("gunzipStream() refuses an endless header before it fills the memory", async () => {
  const { stream, fate } = watchedBody(1000);
  const header = new Uint8Array([31, 139, 8, 8, 0, 0, 0, 0, 0, 3]);
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(header),
    pull: async (controller) => {
      const { value } = await source.read();
      controller.enqueue(new Uint8Array(value!.byteLength).fill(0x61));
    },
    cancel: () => source.cancel(),
  });
  const source = stream.getReader();
  await assertRejects(
    () => new Response(gunzipStream(endless, "a")).arrayBuffer(),
    IntegrityError,
    "a header has no end",
  );
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(fate(), "cancelled");
});

Deno.test("gunzipStream() forwards the error of its source, and releases it on cancel", async () => {
  const failure = new Error("connection lost");
  const failing = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(failure) });
  assertStrictEquals(await assertRejects(() => gunzipStream(failing, "a").getReader().read()), failure);
  const { stream, fate } = watchedBody();
  await gunzipStream(stream, "a").cancel();
  assertEquals(fate(), "cancelled");
});

/** A source of the compressed content. */
function counting(content: Bytes): CountingSource {
  return new CountingSource(gzip(content), [500]);
}

Deno.test("a decompressed file reads and seeks like its content", async () => {
  const random = new SeededRandom(5);
  const content = concatBytes([random.bytes(30_000), patternBytes(50_000)]);
  const source = counting(content);
  const file = new BinaryFile("a.txt", new GunzipSource(source, "a.txt"));
  let position = 0;
  for (let step = 0; step < 300; step++) {
    if (random.below(2) === 0) await file.seek(position = random.below(content.byteLength + 100));
    const length = random.below(3000);
    const read = await file.read(length);
    assertEquals(read, content.slice(position, position + length), `step ${step}`);
    assertEquals(file.position, position += read.byteLength);
  }
  assertEquals([file.decompressed, file.size], [true, source.stat.size]);
  assert(source.starts.every((start) => start === 0));
  await file.close();
  assertEquals(source.closed, 1);
});

Deno.test("seeking forward in a decompressed file fetches nothing again, seeking back starts again", async () => {
  const source = counting(new SeededRandom(2).bytes(60_000));
  const file = new BinaryFile("a.txt", new GunzipSource(source, "a.txt"));
  await file.read(10);
  for (const position of [20_000, 20_100, 59_990]) {
    await file.seek(position);
    assertEquals((await file.read(10)).byteLength, 10);
  }
  await file.seek(59_985);
  await file.read(3);
  assertEquals(source.starts, [0]);
  await file.seek(0);
  await file.read(3);
  assertEquals([source.starts, source.cancelled], [[0, 0], 1]);
  await file.close();
  assertEquals(source.cancelled, 2);
});

Deno.test("after a connection failure the next read of a decompressed file resumes where the last one ended", async () => {
  const content = encodeUtf8(new SeededRandom(3).text([..."abcdefgh"], 50_000, 50_000));
  const inner = counting(content);
  const flaky = failingOnce(inner);
  const file = new BinaryFile("a.txt", new GunzipSource(flaky, "a.txt"));
  const start = await file.read(100);
  await assertRejects(() => file.read(49_000), Error, "connection lost");
  assertEquals(concatBytes([start, await file.read()]), content);
});

Deno.test("closing a decompressed file ends a read, and cancels a stream that arrives later", async () => {
  const inner = counting(new SeededRandom(3).bytes(50_000));
  let arrive = (): void => {};
  const arriving = new Promise<void>((resolve) => arrive = resolve);
  const late: ByteSource = {
    stat: inner.stat,
    close: () => inner.close(),
    open: async (start) => {
      await arriving;
      return await inner.open(start);
    },
  };
  const file = new BinaryFile("a.txt", new GunzipSource(late, "a.txt"));
  const reading = file.read(2);
  await new Promise((resolve) => setTimeout(resolve, 0));
  await file.close();
  arrive();
  await assertRejects(() => reading, TypeError, "the file is closed");
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals([inner.cancelled, inner.closed], [1, 1]);
});
