/** The progress of downloads, which every storage reports. */
import { assertEquals, assertRejects } from "@std/assert";
import type { S3Storage } from "../../../../src/s3/s3_storage.ts";
import {
  BackendWrapper,
  type ByteSource,
  MemoryStorage,
  Storage,
  type TransferProgress,
} from "../../../../src/storage/mod.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { patternBytes } from "../../random.ts";
import { withStorage } from "../local_stage.ts";
import { s3On } from "../storages.ts";

const BYTES = patternBytes(300_000);

async function onEach(run: (storage: Storage, kind: string) => Promise<void>): Promise<void> {
  const options = { transferConfig: { partSize: 5 * 1024 ** 2 } };
  await run(new MemoryStorage(), "MemoryStorage");
  await withStorage((local) => run(local, "LocalStorage"));
  await run(s3On(createS3Server({ buckets: ["media"] }), options), "S3Storage");
  const wrapped = new BackendWrapper(s3On(createS3Server({ buckets: ["media"] }), options).backend);
  await run(new Storage(wrapped), "a wrapper");
}

Deno.test("download() and downloadTo() report increasing progress up to the size, once for all bytes", async () => {
  await onEach(async (storage, kind) => {
    await storage.save("a.bin", BYTES);
    for (const options of [{}, { partSize: 100_000, maxConcurrency: 2 }, { maxConcurrency: 1 }]) {
      for (
        const read of [
          async (onProgress: (progress: TransferProgress) => void): Promise<number> =>
            (await new Response(await storage.download("a.bin", { ...options, onProgress })).bytes()).byteLength,
          (onProgress: (progress: TransferProgress) => void): Promise<number> =>
            storage.downloadTo("a.bin", new Uint8Array(BYTES.length), { ...options, onProgress }),
        ]
      ) {
        const seen: TransferProgress[] = [];
        assertEquals(await read((progress) => seen.push(progress)), BYTES.length, kind);
        const counts = seen.map(({ bytes }) => bytes);
        assertEquals(counts, counts.toSorted((one, other) => one - other), kind);
        assertEquals(new Set(counts).size, counts.length, kind);
        assertEquals([seen.at(-1)?.bytes, new Set(seen.map(({ total }) => total))], [
          BYTES.length,
          new Set([BYTES.length]),
        ]);
        assertEquals(seen.at(-1)!.parts >= 1, true, kind);
      }
    }
  });
});

Deno.test("download() of an empty file reports its end", async () => {
  await onEach(async (storage, kind) => {
    await storage.save("a.bin", "");
    const seen: TransferProgress[] = [];
    await (await storage.download("a.bin", { onProgress: (progress) => seen.push(progress) })).cancel();
    assertEquals(seen.at(-1), { bytes: 0, parts: 1, total: 0 }, kind);
  });
});

Deno.test("the progress of a download counts stored bytes if they are decompressed", async () => {
  const packed = await new Response(new Blob([BYTES]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  await onEach(async (storage, kind) => {
    await storage.save("a.bin", packed, { contentEncoding: "gzip" });
    await storage.save("b.bin.gz", packed, { contentType: "application/gzip" });
    for (const [name, decompress] of [["a.bin", true], ["b.bin.gz", "gzip"]] as const) {
      const seen: TransferProgress[] = [];
      const stream = await storage.download(name, { decompress, onProgress: (progress) => seen.push(progress) });
      assertEquals((await new Response(stream).bytes()).byteLength, BYTES.length, kind);
      const { bytes, total } = seen.at(-1)!;
      assertEquals([bytes, total], [packed.length, packed.length], `${kind} ${name}`);
    }
  });
});

Deno.test("a download whose onProgress throws fails", async () => {
  await onEach(async (storage, kind) => {
    await storage.save("a.bin", BYTES);
    const onProgress = (): void => {
      throw new Error("enough");
    };
    await assertRejects(
      async () => await new Response(await storage.download("a.bin", { onProgress })).bytes(),
      Error,
      "enough",
      kind,
    );
  });
});

Deno.test("download() refuses sizes and numbers of ranges that are out of range, in every storage", async () => {
  await onEach(async (storage, kind) => {
    for (const [name, value] of [["partSize", 0], ["partSize", 1.5], ["maxConcurrency", 0]] as const) {
      const message = `Cannot download 'a.bin': ${name} must be an integer of 1 or more, got ${value}`;
      await assertRejects(() => storage.download("a.bin", { [name]: value }), RangeError, message, kind);
    }
  });
});

Deno.test("lines() reads a .jsonl.gz without content encoding if it is decompressed as gzip", async () => {
  const text = '{"a":1}\n{"a":2}\n';
  const packed = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  await onEach(async (storage, kind) => {
    await storage.save("log.jsonl.gz", packed);
    const file = await storage.open("log.jsonl.gz", "r", { decompress: "gzip" });
    assertEquals(await Array.fromAsync(file.lines()), ['{"a":1}\n', '{"a":2}\n'], kind);
    await file.close();
  });
});

Deno.test("a lazily opened file of an S3Storage costs one HEAD, and each slice one GET of its bytes", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const ranges: (string | null)[] = [];
  const fetch = (request: Request): Promise<Response> => {
    if (request.method === "GET") ranges.push(request.headers.get("range"));
    return server.fetch(request);
  };
  const storage: S3Storage = s3On({ fetch });
  await storage.save("a.bin", BYTES);
  const before = server.requests.length;
  const operations = (): (string | undefined)[] => server.requests.slice(before).map(({ operation }) => operation);
  const file = await storage.open("a.bin", "rb", { lazy: true });
  assertEquals([file.size, operations()], [BYTES.length, ["HeadObject"]]);
  const slices = await Promise.all([file.slice(0, 10), file.slice(-10), file.slice(100, 200)]);
  assertEquals(slices, [BYTES.slice(0, 10), BYTES.slice(-10), BYTES.slice(100, 200)]);
  assertEquals(
    ranges.toSorted(),
    ["bytes=0-9", "bytes=100-199", `bytes=${BYTES.length - 10}-${BYTES.length - 1}`].toSorted(),
  );
  await file.seek(299_990);
  assertEquals(await file.bytes(), BYTES.slice(299_990));
  assertEquals(operations().length, 5);
  await file.close();
});

Deno.test("a lazily opened file is read as a whole too, in every storage", async () => {
  await onEach(async (storage, kind) => {
    await storage.save("a.bin", BYTES);
    await storage.save("empty.bin", "");
    assertEquals(await storage.readBytes("a.bin", { lazy: true }), BYTES, kind);
    assertEquals(await storage.readText("empty.bin", { lazy: true }), "", kind);
    await assertRejects(() => storage.open("missing", "rb", { lazy: true }), Error, "does not exist", kind);
    for (const options of [{ start: 1 }, { end: 2 }, { decompress: "gzip" }, { spool: true }] as const) {
      const open = (): Promise<unknown> => storage.open("a.bin", "rb", { lazy: true, ...options });
      await assertRejects(open, TypeError, "Cannot open 'a.bin': lazy cannot be combined with", kind);
    }
  });
});

Deno.test("a source without describe() and part is reported too", async () => {
  class Plain extends BackendWrapper {
    override async read(...given: Parameters<BackendWrapper["read"]>): Promise<ByteSource> {
      const source = await super.read(...given);
      return { stat: source.stat, open: (start, end) => source.open(start, end), close: () => source.close() };
    }
  }
  const inner = new MemoryStorage();
  await inner.save("a.bin", BYTES);
  let bytes = 0;
  const onProgress = (progress: TransferProgress): void => void (bytes = progress.bytes);
  await new Response(await new Storage(new Plain(inner.backend)).download("a.bin", { onProgress })).bytes();
  assertEquals(bytes, BYTES.length);
});
