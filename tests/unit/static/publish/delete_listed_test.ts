/** collect() removes no file that another program has written since the listing. */
import { assertEquals } from "@std/assert";
import { ManifestStaticStorage, S3StaticStorage } from "../../../../src/static/mod.ts";
import { LocalStorage, MemoryStorage, type Storage } from "../../../../src/storage/mod.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { collectFiles, type Files, namesOf, textOf } from "../stage.ts";

/** Runs a callback once, after the next listing of a storage. */
function afterListing(storage: Storage, act: () => Promise<unknown>): void {
  const { list } = storage;
  storage.list = async function* (...args: Parameters<typeof list>): ReturnType<typeof list> {
    storage.list = list;
    yield* list.apply(storage, args);
    await act();
  } as typeof list;
}

async function eachStorage(act: (storage: Storage) => Promise<void>): Promise<void> {
  await act(new MemoryStorage());
  const folder = await Deno.makeTempDir();
  await act(new LocalStorage(folder));
  await Deno.remove(folder, { recursive: true });
  const { fetch } = createS3Server({ buckets: ["media"] });
  await act(new S3StaticStorage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch }));
}

Deno.test("delete and clear keep a file that another program wrote since the listing, and warn", async () => {
  await eachStorage(async (storage) => {
    for (const removal of [{ delete: true }, { clear: true }]) {
      await collectFiles({ "a.txt": "a", "old.txt": "old", "gone.txt": "gone" }, storage);
      afterListing(storage, () => storage.save("old.txt", "by another", { onExisting: "replace" }));
      const { deleted, warnings, changed } = await collectFiles({ "a.txt": "a" }, storage, removal);
      assertEquals([deleted, changed.includes("old.txt")], [1, false]);
      assertEquals(warnings, ["old.txt was written by another program at the same time, and is not deleted"]);
      assertEquals([await namesOf(storage), await textOf(storage, "old.txt")], [["a.txt", "old.txt"], "by another"]);
      assertEquals((await collectFiles({ "a.txt": "a" }, storage, removal)).deleted, 1);
    }
  });
});

Deno.test("delete keeps such a file also if it removes more than 100 files", async () => {
  const many: Files = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`${i}.txt`, "x"]));
  await eachStorage(async (storage) => {
    await collectFiles({ ...many, "a.txt": "a" }, storage);
    afterListing(storage, async () => {
      await storage.save("7.txt", "by another", { onExisting: "replace" });
      await storage.delete("8.txt");
    });
    const { deleted } = await collectFiles({ "a.txt": "a" }, storage, { delete: true });
    assertEquals([deleted, await namesOf(storage)], [149, ["7.txt", "a.txt"]]);
  });
});

Deno.test("delete works without the permission to read, by listing again", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const fetch = (request: Request): Promise<Response> =>
    request.method === "HEAD" ? Promise.resolve(new Response(null, { status: 403 })) : server.fetch(request);
  const storage = new S3StaticStorage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
  await collectFiles({ "a.txt": "a", "old.txt": "old", "gone.txt": "gone" }, storage);
  afterListing(storage, () => storage.save("old.txt", "by another", { onExisting: "replace" }));
  const { deleted } = await collectFiles({ "a.txt": "a" }, storage, { delete: true });
  assertEquals([deleted, await namesOf(storage)], [1, ["a.txt", "old.txt"]]);
});

Deno.test("pruning keeps a stale copy that another program wrote since the listing", async () => {
  const files = new MemoryStorage();
  const storage = new ManifestStaticStorage(files);
  await collectFiles({ "a.css": "one" }, storage);
  const stale = await storage.storedName("a.css");
  afterListing(storage, () => files.save(stale, "one", { onExisting: "replace" }));
  assertEquals((await collectFiles({ "a.css": "two" }, storage, { pruneAfterSeconds: 0 })).deleted, 0);
  assertEquals(await textOf(files, stale), "one");
});

Deno.test("collect() keeps a sibling of earlier content that another program wrote since the listing", async () => {
  const storage = new MemoryStorage();
  const text = "a{}".repeat(1000);
  const siblings = { precompress: { encodings: ["gzip"], as: "siblings" } } as const;
  await collectFiles({ "a.css": text }, storage, siblings);
  const { metadata } = await storage.stat("a.css.gz");
  afterListing(
    storage,
    () => storage.save("a.css.gz", "by another", { onExisting: "replace", metadata, contentEncoding: "gzip" }),
  );
  await collectFiles({ "a.css": "a{}" }, storage);
  assertEquals(new TextDecoder().decode(await (await storage.open("a.css.gz", "rb")).bytes()), "by another");
});
