/** The calls of onProgress. */
import { assertEquals, assertRejects } from "@std/assert";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { MemoryStorage, type Storage, type TransferProgress } from "../../../src/storage/mod.ts";
import { createS3Server, type S3Server } from "../../../src/testing/mod.ts";
import { chunkedStream, patternBytes } from "../random.ts";
import { errorAnswer, withoutWaiting } from "../transport.ts";

const MIB = 1024 ** 2;
const BYTES = patternBytes(12 * MIB);
const SMALL = BYTES.slice(0, 1000);

function storageOn(
  options: S3StorageOptions = {},
  intercept: (request: Request) => Response | undefined = () => undefined,
): { storage: S3Storage; server: S3Server } {
  const server = createS3Server({ buckets: ["bucket"] });
  const storage = new S3Storage({
    bucketName: "bucket",
    accessKey: "testkey",
    secretKey: "testsecret",
    transferConfig: { multipartThreshold: 5 * MIB, partSize: 5 * MIB, maxConcurrency: 2 },
    fetch: async (request) => intercept(request) ?? await server.fetch(request),
    ...options,
  });
  return { storage, server };
}

/** A listener, and the progress it received, which must never decrease. */
function listener(): { onProgress: (progress: TransferProgress) => void; seen: TransferProgress[] } {
  const seen: TransferProgress[] = [];
  return {
    seen,
    onProgress: (progress) => {
      const { bytes, parts } = seen.at(-1) ?? { bytes: 0, parts: 0 };
      if (progress.bytes < bytes || progress.parts < parts) throw new Error(`${Deno.inspect(progress)} is less`);
      seen.push(progress);
    },
  };
}

const END = { bytes: BYTES.length, parts: 3, total: BYTES.length };

Deno.test("onProgress reports the total of complete content from the first part on", async () => {
  const { storage } = storageOn();
  for (const content of [BYTES, new Blob([BYTES])]) {
    const { seen, onProgress } = listener();
    await storage.save("a.bin", content, { onProgress });
    assertEquals(seen.map(({ parts }) => parts), [1, 2, 3, 3]);
    assertEquals(new Set(seen.map(({ total }) => total)), new Set([BYTES.length]));
    assertEquals(seen.at(-1), END);
  }
});

Deno.test("onProgress reports the total of a stream and a handle at their end", async () => {
  const { storage } = storageOn();
  const write = async (options: { onProgress: (progress: TransferProgress) => void }): Promise<void> => {
    await using file = await storage.open("a.bin", "wb", options);
    for (let offset = 0; offset < BYTES.length; offset += MIB) await file.write(BYTES.subarray(offset, offset + MIB));
    await file.close();
  };
  const save = async (options: { onProgress: (progress: TransferProgress) => void }): Promise<void> => {
    await storage.save("a.bin", chunkedStream(BYTES, [700_001]), options);
  };
  for (const way of [write, save]) {
    const { seen, onProgress } = listener();
    await way({ onProgress });
    assertEquals(seen.map(({ total }) => total), [undefined, undefined, undefined, BYTES.length]);
    assertEquals(seen.at(-1), END);
  }
});

Deno.test("onProgress is called once for an upload in one request, also in memory", async () => {
  const storages: Storage[] = [storageOn().storage, storageOn({ fileOverwrite: false }).storage, new MemoryStorage()];
  for (const storage of storages) {
    for (const [content, bytes] of [[SMALL, 1000], [new Blob([SMALL]).stream(), 1000], ["", 0]] as const) {
      const { seen, onProgress } = listener();
      await storage.save(`${crypto.randomUUID()}.bin`, content, { onProgress });
      assertEquals(seen, [{ bytes, parts: 1, total: bytes }]);
    }
  }
});

Deno.test("onProgress counts stored bytes of compressed content", async () => {
  const { storage, server } = storageOn({ gzip: true });
  const { seen, onProgress } = listener();
  await storage.save("a.css", "body {}".repeat(1000), { onProgress });
  const { size } = server.objects("bucket")[0]!;
  assertEquals(seen, [{ bytes: size, parts: 1, total: size }]);
});

Deno.test("onProgress counts retried parts once, also if the file is written again under another name", async () => {
  let failures = 0;
  const { storage } = storageOn({}, ({ url }) => {
    return url.includes("partNumber=2") && failures++ < 2 ? errorAnswer(503, "SlowDown") : undefined;
  });
  const { seen, onProgress } = listener();
  await withoutWaiting(() => storage.save("a.bin", BYTES, { onProgress }));
  assertEquals(seen.at(-1), END);
  let refusals = 0;
  const careful = storageOn({ fileOverwrite: false }, ({ method, url }) => {
    const completes = method === "POST" && url.includes("uploadId=");
    return completes && refusals++ === 0 ? errorAnswer(412, "PreconditionFailed") : undefined;
  });
  const again = listener();
  await careful.storage.save("a.bin", BYTES, { onProgress: again.onProgress });
  assertEquals(again.seen.at(-1), END);
  assertEquals(again.seen.filter(({ bytes }) => bytes === BYTES.length).length, 3);
});

Deno.test("an error of onProgress aborts the upload, and nothing is left of it", async () => {
  const { storage, server } = storageOn();
  const fails = (): never => {
    throw new Error("no window");
  };
  const stream = (): ReadableStream<Uint8Array> => chunkedStream(BYTES, [MIB]);
  for (const content of [() => BYTES, () => new Blob([BYTES]), stream]) {
    await assertRejects(() => storage.save("a.bin", content(), { onProgress: fails }), Error, "no window");
    assertEquals([server.objects("bucket"), server.openUploads("bucket")], [[], []]);
  }
  await assertRejects(() => storage.save("a.bin", "there already", { onProgress: fails }), Error, "no window");
  assertEquals(server.objects("bucket").length, 1);
});

Deno.test("onProgress reports bytes and ranges of a download, and the total at its end", async () => {
  const { storage } = storageOn();
  await storage.save("a.bin", BYTES);
  await storage.save("empty.bin", "");
  for (const [options, parts] of [[{ partSize: 5 * MIB }, 3], [{ maxConcurrency: 1 }, 1]] as const) {
    const { seen, onProgress } = listener();
    await (await storage.download("a.bin", { ...options, onProgress })).pipeTo(new WritableStream());
    assertEquals(seen.at(-1), { bytes: BYTES.length, parts, total: BYTES.length });
    const nothing = listener();
    await (await storage.download("empty.bin", { ...options, onProgress: nothing.onProgress })).pipeTo(
      new WritableStream(),
    );
    assertEquals(nothing.seen, [{ bytes: 0, parts: 1, total: 0 }]);
  }
});
