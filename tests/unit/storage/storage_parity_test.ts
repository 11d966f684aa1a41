/** What one storage refuses, all refuse. */
import { assertEquals, assertRejects } from "@std/assert";
import { LocalStorage, MemoryStorage, type SaveOptions, type Storage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "./storages.ts";

async function onEach(act: (storage: Storage, kind: string) => Promise<void>): Promise<void> {
  await act(new MemoryStorage(), "memory");
  await act(s3On(createS3Server({ buckets: ["media"] })), "S3");
  const folder = await Deno.makeTempDir();
  try {
    await act(new LocalStorage(folder), "folder");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("ifNoneMatch takes no ETag on any storage, as on S3", async () => {
  await onEach(async (storage, kind) => {
    await storage.save("a.txt", "old");
    const { etag } = await storage.stat("a.txt");
    for (const ifNoneMatch of [etag, '"another"', '"a", "b"', "* ", ""]) {
      const options = { ifNoneMatch } as SaveOptions;
      for (
        const call of [
          () => storage.save("a.txt", "new", options),
          () => storage.save("b.txt", "new", options),
          async () => await (await storage.open("a.txt", "w", options)).close(),
        ]
      ) await assertRejects(call, TypeError, 'ifNoneMatch must be "*", got', `${kind} ${ifNoneMatch}`);
    }
    assertEquals([await storage.readText("a.txt"), await storage.exists("b.txt")], ["old", false]);
  });
});

Deno.test("metadata with surrounding spaces is refused by every storage, since HTTP removes them", async () => {
  await onEach(async (storage, kind) => {
    for (const value of [" a", "a ", " ", "\ta"]) {
      const call = (): Promise<unknown> => storage.save("a.txt", "x", { metadata: { owner: value } });
      await assertRejects(call, TypeError, "metadata.owner must be text in printable ASCII", `${kind} ${value}`);
      await storage.save("c.txt", "x", { metadata: { owner: "a b" } });
      await assertRejects(() => storage.copy("c.txt", "d.txt", { metadata: { owner: value } }), TypeError);
    }
    assertEquals((await storage.stat("c.txt")).metadata, { owner: "a b" });
  });
  const server = createS3Server({ buckets: ["media"] });
  const objectParameters = { Metadata: { owner: " a " } };
  for (
    const call of [
      () => s3On(server).save("a.txt", "x", { objectParameters }),
      async () => await s3On(server, { objectParameters }).save("a.txt", "x"),
    ]
  ) await assertRejects(call, Error, "Metadata.owner must be text");
});
