import type { ByteSource } from "../../../../src/storage/contract/bytes.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { GunzipSource } from "../../../../src/storage/files/gunzip.ts";
import { MemoryStorage } from "../../../../src/storage/memory/memory_storage.ts";
import { BinaryFile } from "../../../../src/storage/files/binary_file.ts";
import { spooledSource } from "../../../../src/storage/files/spooled_source.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { patternBytes, SeededRandom } from "../../random.ts";
import { until } from "../../held_time.ts";
import { inTempFolder } from "../../temp_folder.ts";
import { CountingSource, failingOnce } from "../byte_source.ts";
import { s3On } from "../storages.ts";

for (const maxMemorySize of [0, 1, 30_000, 1_000_000]) {
  Deno.test(`a spooled file returns its content and is fetched once, with ${maxMemorySize} bytes in memory`, async () => {
    await inTempFolder(async (names) => {
      const random = new SeededRandom(maxMemorySize);
      const content = patternBytes(90_000);
      const source = new CountingSource(content, [700, 1, 4000]);
      const file = new BinaryFile("a.txt", spooledSource(source, maxMemorySize));
      let position = 0;
      for (let step = 0; step < 400; step++) {
        if (random.below(2) === 0) await file.seek(position = random.below(content.byteLength + 200));
        const length = random.below(2000);
        const read = await file.read(length);
        assertEquals(read, content.slice(position, position + length), `step ${step}`);
        read.fill(0); // the reader owns the chunk
        position += read.byteLength;
      }
      await file.seek(0);
      assertEquals(await file.bytes(), content);
      assertEquals([source.starts, source.cancelled, names()], [[0], 0, []]);
      await file.close();
      assertEquals(source.closed, 1);
    });
  });
}

Deno.test("changing the chunks of a spooled file does not change the kept bytes", async () => {
  await inTempFolder(async () => {
    for (const maxMemorySize of [0, 10]) {
      const source = spooledSource(new CountingSource(patternBytes(100), [40]), maxMemorySize);
      const change = async (): Promise<Uint8Array> => {
        const { value } = await (await source.open(0)).getReader().read();
        const seen = value!.slice();
        structuredClone(value!.fill(0), { transfer: [value!.buffer as ArrayBuffer] });
        return seen;
      };
      assertEquals((await change()).slice(0, 40), patternBytes(100).slice(0, 40));
      assertEquals((await change()).slice(0, 40), patternBytes(100).slice(0, 40));
      await source.close();
    }
  });
});

Deno.test("a spooled file fetches only missing bytes after a lost connection", async () => {
  const content = patternBytes(50_000);
  const inner = new CountingSource(content, [1000]);
  const flaky = failingOnce(inner);
  const file = new BinaryFile("a.txt", spooledSource(flaky, 0));
  await assertRejects(() => file.read(40_000), Error, "connection lost");
  assertEquals(await file.bytes(), content);
  assertEquals(inner.starts, [0, 20_000]);
  await file.close();
});

Deno.test("a spooled file is decompressed once", async () => {
  await inTempFolder(async () => {
    const content = new TextEncoder().encode(new SeededRandom(3).text([..."abcdefgh"], 100_000, 100_000));
    const inner = new CountingSource(new Uint8Array(gzipSync(content)), [3000]);
    const file = new BinaryFile("a.txt", spooledSource(new GunzipSource(inner, "a.txt"), 20_000));
    for (const position of [90_000, 5, 50_000, 0]) {
      await file.seek(position);
      assertEquals(await file.read(9), content.slice(position, position + 9));
    }
    assertEquals([await file.bytes(), file.decompressed, inner.starts], [content.slice(9), true, [0]]);
    await file.close();
  });
});

Deno.test("closing a spooled file ends a pending read, and cancels a late stream", async () => {
  const stalling = new CountingSource(new Uint8Array(10));
  let isWaiting = false;
  const pull = (): Promise<void> => {
    isWaiting = true;
    return new Promise(() => {});
  };
  const waiting: ByteSource = {
    stat: stalling.stat,
    close: () => stalling.close(),
    open: () =>
      Promise.resolve(new ReadableStream({ pull, cancel: () => void stalling.cancelled++ }, { highWaterMark: 0 })),
  };
  const file = new BinaryFile("a.txt", spooledSource(waiting, 0));
  const reading = file.read(2);
  await until(() => isWaiting);
  await file.close();
  await assertRejects(() => reading, TypeError, "the file is closed");
  assertEquals([stalling.cancelled, stalling.closed], [1, 1]);

  const late = new CountingSource(new Uint8Array(10));
  let arrive = (): void => {};
  const arriving = new Promise<void>((resolve) => arrive = resolve);
  let isAsked = false;
  const slow: ByteSource = {
    stat: late.stat,
    close: () => late.close(),
    open: async (start) => {
      isAsked = true;
      await arriving;
      return await late.open(start);
    },
  };
  const second = new BinaryFile("a.txt", spooledSource(slow, 0));
  const early = second.read(2);
  await until(() => isAsked);
  await second.close();
  arrive();
  await assertRejects(() => early, TypeError, "the file is closed");
  await until(() => late.cancelled > 0);
  assertEquals(late.cancelled, 1);
});

Deno.test("open() with spool sends one request for any number of seeks", async () => {
  await inTempFolder(async () => {
    const server = createS3Server({ buckets: ["media"] });
    const content = patternBytes(300_000);
    for (const storage of [s3On(server, { maxMemorySize: 1000 }), s3On(server), new MemoryStorage()]) {
      await storage.save("a.bin", content);
      const before = server.requests.length;
      await using file = await storage.open("a.bin", "rb", { spool: true });
      for (const position of [200_000, 10, 299_990, 100_000, 0, 400_000]) {
        await file.seek(position);
        assertEquals(await file.read(50), content.slice(position, position + 50));
      }
      assert(server.requests.length <= before + 1);
      await storage.save("empty", "");
      assertEquals(await (await storage.open("empty", "r", { spool: true })).read(), "");
    }
  });
});
