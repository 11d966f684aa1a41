/** Writes that keep a Worker alive, by the option `waitUntil`. */
import { assertEquals, assertRejects } from "@std/assert";
import { S3Storage } from "../../../mod.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { handleUpload } from "../../../src/upload/mod.ts";
import { Holds } from "../holds.ts";

/** A stream that has content once it is released. */
function heldContent(): { readonly stream: ReadableStream<Uint8Array>; release(error?: Error): void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      await promise;
      controller.enqueue(new Uint8Array(3));
      controller.close();
    },
  }, { highWaterMark: 0 });
  return { stream, release: (error) => error === undefined ? resolve() : reject(error) };
}

const server = createS3Server({ buckets: ["media"] });
const keys = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch: server.fetch };

Deno.test("save() holds the request by waitUntil of the call or of the storage, until it has succeeded or failed", async () => {
  const holds = new Holds();
  const { waitUntil } = holds;
  const ofStorage = new Storage(new MemoryStorage().backend, { waitUntil });
  const storages = [
    { storage: new MemoryStorage(), options: { waitUntil } },
    { storage: ofStorage, options: {} },
    { storage: ofStorage.with({ location: "below" }), options: {} },
    { storage: new S3Storage(keys), options: { waitUntil } },
    { storage: new S3Storage({ ...keys, waitUntil }).with({ location: "below" }), options: {} },
  ];
  for (const { storage, options } of storages) {
    for (const failure of [undefined, new Error("the client has disconnected")]) {
      const content = heldContent();
      const saving = storage.save("a.txt", content.stream, options);
      saving.catch(() => {});
      assertEquals(await holds.open(), 1);
      content.release(failure);
      if (failure === undefined) assertEquals(await saving, "a.txt");
      else await assertRejects(() => saving, Error, failure.message);
      assertEquals(await holds.open(), 0);
    }
  }
  assertEquals(holds.count, 2 * storages.length);
});

Deno.test("save() stores nothing if waitUntil throws, or is no function", async () => {
  const storage = new MemoryStorage();
  const ctx = {
    waitUntil(this: unknown): void {
      if (this !== ctx) throw new TypeError("Illegal invocation");
    },
  };
  const { waitUntil } = ctx;
  await assertRejects(() => storage.save("a.txt", "hello", { waitUntil }), TypeError, "Illegal invocation");
  await assertRejects(
    () => storage.save("a.txt", "hello", { waitUntil: ctx as never }),
    TypeError,
    "Cannot save 'a.txt': waitUntil must be a function, got ",
  );
  assertEquals(await storage.exists("a.txt"), false);
});

Deno.test("a file opened to write holds the request until it is closed or aborted, and again once it is opened again", async () => {
  const holds = new Holds();
  for (
    const [storage, options] of [
      [new MemoryStorage(), { waitUntil: holds.waitUntil }],
      [new S3Storage({ ...keys, waitUntil: holds.waitUntil }), {}],
    ] as const
  ) {
    const file = await storage.open("a.txt", "w", options);
    assertEquals(await holds.open(), 1);
    await file.write("hello");
    await file.close();
    assertEquals(await holds.open(), 0);
    await file.open();
    assertEquals(await holds.open(), 1);
    await file.abort();
    assertEquals(await holds.open(), 0);
  }
  assertEquals(holds.count, 4);
});

Deno.test("copy(), move() and copyTo() hold the request by waitUntil of the storage", async () => {
  const holds = new Holds();
  const storage = new S3Storage({ ...keys, waitUntil: holds.waitUntil });
  await new S3Storage(keys).save("from.txt", "hello");
  assertEquals(await storage.copy("from.txt", "copied.txt", { onExisting: "replace" }), "copied.txt");
  assertEquals(await storage.move("copied.txt", "moved.txt", { onExisting: "replace" }), "moved.txt");
  assertEquals(await new MemoryStorage().copyTo("from.txt", storage).catch(() => "missing"), "missing");
  await new S3Storage(keys).copyTo("moved.txt", storage, { name: "other.txt", onExisting: "replace" });
  assertEquals([holds.count >= 4, await holds.open()], [true, 0]);
});

Deno.test("handleUpload() holds the request until the files of a form that fails are deleted", async () => {
  const holds = new Holds();
  for (
    const [storage, options] of [
      [new S3Storage(keys), { waitUntil: holds.waitUntil }],
      [new S3Storage({ ...keys, waitUntil: holds.waitUntil }), {}],
    ] as const
  ) {
    const head = (name: string): string =>
      `--b\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    const parts = [`${head("first.txt")}hello\r\n${head("second.txt")}he`];
    const body = new ReadableStream<Uint8Array>({
      async pull(controller): Promise<void> {
        const part = parts.shift();
        if (part === undefined) await promise;
        else controller.enqueue(new TextEncoder().encode(part));
      },
    }, { highWaterMark: 0 });
    const init = {
      method: "POST",
      body,
      duplex: "half",
      headers: { "content-type": "multipart/form-data; boundary=b" },
    };
    const uploading = handleUpload(storage, new Request("http://localhost/", init), options);
    uploading.catch(() => {});
    while (!await storage.exists("first.txt")) await new Promise((resolve) => setTimeout(resolve, 1));
    assertEquals(await holds.open() > 0, true);
    reject(new Error("the client has disconnected"));
    await assertRejects(() => uploading);
    assertEquals([await holds.open(), await storage.exists("first.txt")], [0, false]);
  }
});
