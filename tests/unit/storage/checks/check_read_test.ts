import { assertEquals, assertRejects } from "@std/assert";
import { MemoryStorage, type ReadOptions } from "../../../../src/storage/mod.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { s3On } from "../storages.ts";

Deno.test("open() with partSize reads by several requests, and reports the progress", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server);
  await storage.save("a.bin", new Uint8Array(10));
  const before = server.requests.length;
  const seen: number[] = [];
  const onProgress = ({ bytes }: { readonly bytes: number }): void => void seen.push(bytes);
  const file = await storage.open("a.bin", "rb", { partSize: 4, maxConcurrency: 2, onProgress });
  assertEquals((await file.bytes()).byteLength, 10);
  assertEquals(server.requests.slice(before).filter(({ operation }) => operation === "GetObject").length, 3);
  assertEquals(seen.at(-1), 10);
});

Deno.test("open() reports the progress of one stream too, on every storage", async () => {
  for (const storage of [s3On(createS3Server({ buckets: ["media"] })), new MemoryStorage()]) {
    await storage.save("a.bin", new Uint8Array(10));
    const seen: number[] = [];
    const file = await storage.open("a.bin", "rb", { onProgress: ({ bytes }) => void seen.push(bytes) });
    await file.bytes();
    assertEquals(seen.at(-1), 10);
  }
});

Deno.test("open() refuses options of reading that exclude each other, or are out of range", async () => {
  const storage = new MemoryStorage();
  await storage.save("a.bin", new Uint8Array(10));
  const beside = "start and end cannot be combined with decompress, spool or partSize";
  const wrong: readonly (readonly [ReadOptions, typeof TypeError | typeof RangeError, string])[] = [
    [{ partSize: 4, start: 2 }, TypeError, beside],
    [{ spool: true, end: 2 }, TypeError, beside],
    [{ decompress: "gzip", start: 2 }, TypeError, beside],
    [{ lazy: true, partSize: 4 }, TypeError, "lazy cannot be combined with start, end, decompress, spool or partSize"],
    [{ start: 2, end: 2 }, RangeError, "start and end must be integers, and end greater than start, got 2 and 2"],
    [{ partSize: 0 }, RangeError, "partSize must be an integer of 1 or more, got 0"],
    [{ maxConcurrency: 1.5 }, RangeError, "maxConcurrency must be an integer of 1 or more, got 1.5"],
    [{ decompress: "zstd" as "gzip" }, TypeError, `decompress must be true, false, "gzip" or "br", got "zstd"`],
  ];
  for (const [options, kind, message] of wrong) {
    await assertRejects(() => storage.open("a.bin", "rb", options), kind, `Cannot open 'a.bin': ${message}`);
  }
});
