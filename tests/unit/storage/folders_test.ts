import { assert, assertEquals, assertRejects } from "@std/assert";
import { AlreadyExistsError, NotFoundError } from "../../../src/errors.ts";
import type { StorageEntry } from "../../../src/storage/contract/entry.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { STORAGES } from "./storages.ts";

const read = async (storage: Storage, name: string): Promise<string> => await (await storage.open(name)).text();

for (const [kind, make] of Object.entries(STORAGES)) {
  Deno.test(`${kind} lists folders and files, relative to the folder or to the location`, async () => {
    const storage = make({ location: "base" });
    for (const name of ["a.txt", "d/b.txt", "d/e/c.txt", "dd.txt", "é/日.txt"]) await storage.save(name, name);
    assertEquals(await storage.listdir(), [["d", "é"], ["a.txt", "dd.txt"]]);
    for (const folder of ["d", "d/"]) assertEquals(await storage.listdir(folder), [["e"], ["b.txt"]]);
    assertEquals(await storage.listdir("missing"), [[], []]);
    const shown = (entry: StorageEntry): string =>
      entry.kind === "file" ? `${entry.name}:${entry.size}` : `${entry.name}/`;
    assertEquals((await Array.fromAsync(storage.list("d"))).map(shown).sort(), ["d/b.txt:7", "d/e/"]);
    assertEquals((await Array.fromAsync(storage.list("", { recursive: true }))).map(shown), [
      "a.txt:5",
      "d/b.txt:7",
      "d/e/c.txt:9",
      "dd.txt:6",
      `é/日.txt:${new TextEncoder().encode("é/日.txt").length}`,
    ]);
    for await (const { name } of storage.list("", { recursive: true })) assert(await storage.exists(name));
  });

  Deno.test(`${kind} deletes, and ignores missing files`, async () => {
    const storage = make();
    await storage.save("a", "x");
    await storage.delete("a");
    await storage.delete("a");
    assertEquals(await storage.exists("a"), false);
  });

  Deno.test(`${kind} deletes more than a thousand, from arrays, sets and async iterables`, async () => {
    const storage = make();
    const names = Array.from({ length: 1001 }, (_, i) => `f${i}`);
    for (
      const wrap of [
        (all: string[]) => all,
        (all: string[]) => new Set(all),
        (all: string[]) => ReadableStream.from(all),
      ]
    ) {
      for (let i = 0; i < names.length; i += 200) {
        await Promise.all(names.slice(i, i + 200).map((name) => storage.save(name, "")));
      }
      await storage.save("kept", "x");
      await storage.deleteMany(wrap([...names, "missing"]));
      assertEquals(await storage.listdir(), [[], ["kept"]]);
    }
    await storage.deleteMany([]);
  });

  Deno.test(`${kind} refuses a string as the names of deleteMany()`, async () => {
    const storage = make();
    for (const name of ["a", "b", "ab"]) await storage.save(name, "x");
    await assertRejects(() => storage.deleteMany("ab"), TypeError);
    assertEquals(await storage.listdir(), [[], ["a", "ab", "b"]]);
  });

  Deno.test(`${kind} copies and moves a file with its description`, async () => {
    const storage = make();
    await storage.save("a.txt", "x", { contentType: "text/x", metadata: { a: "b" }, cacheControl: "no-store" });
    await storage.copy("a.txt", "d/b ñ+&.txt");
    await storage.move("a.txt", "c.txt");
    assertEquals(await storage.listdir(), [["d"], ["c.txt"]]);
    for (const name of ["d/b ñ+&.txt", "c.txt"]) {
      const { contentType, metadata, cacheControl } = await storage.stat(name);
      assertEquals([await read(storage, name), contentType, metadata, cacheControl], [
        "x",
        "text/x",
        { a: "b" },
        "no-store",
      ]);
    }
  });

  Deno.test(`${kind} keeps a file that is copied or moved onto itself`, async () => {
    const storage = make({ fileOverwrite: false });
    await storage.save("a.txt", "x");
    await storage.copy("a.txt", "a.txt");
    await storage.move("a.txt", "a.txt");
    assertEquals(await read(storage, "a.txt"), "x");
    await assertRejects(() => storage.move("missing", "missing"), NotFoundError);
  });

  Deno.test(`${kind} overwrites the target of a copy only if allowed, and reports a missing source`, async () => {
    const storage = make({ fileOverwrite: false });
    await storage.save("a", "1");
    await storage.save("b", "2");
    await assertRejects(() => storage.copy("a", "b"), AlreadyExistsError, "File already exists: b");
    await assertRejects(() => storage.move("a", "b"), AlreadyExistsError);
    assertEquals([await read(storage, "a"), await read(storage, "b")], ["1", "2"]);
    await assertRejects(() => storage.copy("missing", "c"), NotFoundError, "File does not exist: missing");
    await assertRejects(() => storage.move("missing", "c"), NotFoundError);
  });
}
