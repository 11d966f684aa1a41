import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  AlreadyExistsError,
  isStorageError,
  PreconditionFailedError,
  type Storage,
  type StorageEntry,
} from "../../mod.ts";
import { collect, pattern, rejection, type StorageCase, streamOf } from "./case.ts";
import { gzipped } from "./runtime_gzip.ts";

/** The names of a listing; those of folders end in a slash. */
async function namesOf(entries: ReturnType<Storage["list"]>): Promise<string[]> {
  return (await collect(entries)).map(({ kind, name }) => kind === "directory" ? `${name}/` : name);
}

/** What each call must do on any storage: whole reads, pages, conflicts, copies and refused options. */
export const callCases: StorageCase[] = [
  {
    name: "readText(), readBytes() and readJson() read a file in one call",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("user.json", '\ufeff{"name": "Ada"}');
      await storage.save("a.bin", pattern(1000));
      assertEquals(await storage.readText("user.json"), '\ufeff{"name": "Ada"}');
      assertEquals((await storage.readJson<{ name: string }>("user.json")).name, "Ada");
      assertEquals(await storage.readBytes("a.bin"), pattern(1000));
      assertEquals(await storage.readBytes("a.bin", { start: 10, end: 20 }), pattern(1000).slice(10, 20));
      assert(isStorageError(await rejection(storage.readText("missing.txt")), "NotFound"));
    },
  },
  {
    name: "errors of whole reads name the file",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("logo.png", new Uint8Array([0x89, 0x50, 0xff]));
      await storage.save("broken.json", "{");
      const text = await rejection(storage.readText("logo.png"));
      assert(text instanceof TypeError);
      assertStringIncludes(text.message, `Cannot read 'logo.png' as text: its bytes are not UTF-8`);
      const json = await rejection(storage.readJson("broken.json"));
      assert(json instanceof SyntaxError);
      assertStringIncludes(json.message, "Cannot parse 'broken.json' as JSON: ");
      const packed = await rejection(storage.readText("broken.json", { decompress: "gzip" }));
      assert(isStorageError(packed, "Integrity"));
      assertStringIncludes(packed.message, "broken.json");
    },
  },
  {
    name: "decompress: gzip reads lines of a file without a content encoding",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("log.jsonl.gz", streamOf(await gzipped("1\n2\n3\n"), 5));
      const file = await storage.open("log.jsonl.gz", "r", { decompress: "gzip" });
      assertEquals(await collect(file.lines()), ["1\n", "2\n", "3\n"]);
      await file.close();
    },
  },
  {
    name: "a file opened lazily gives slices and attributes",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.bin", pattern(100_000));
      const file = await storage.open("a.bin", "rb", { lazy: true });
      assertEquals([file.size, await file.slice(-10)], [100_000, pattern(100_000).slice(-10)]);
      assertEquals(await file.slice(5, 9), pattern(100_000).slice(5, 9));
      assertEquals((await file.bytes()).byteLength, 100_000);
      await file.close();
    },
  },
  {
    name: "list() gives the pages of a folder, whatever their limit",
    async run(open): Promise<void> {
      const storage = open();
      const names = ["a-1", "a/b", "a/c", "a0", "b/d", "ü", "😀", "\ufb01", "z/y/x"].map((name) => `docs/${name}`);
      for (const name of names) await storage.save(name, "x");
      for (const recursive of [false, true]) {
        const all = await namesOf(storage.list("docs", { recursive }));
        assertEquals(all.length, recursive ? names.length : 8);
        for (const limit of [1, 2, 3, 100]) {
          const found: string[] = [];
          let after: StorageEntry | undefined;
          while (found.length < 20) {
            const page = await collect(storage.list("docs", { recursive, limit, startAfter: after }));
            assert(page.length <= limit);
            found.push(...page.map(({ kind, name }) => kind === "directory" ? `${name}/` : name));
            after = page.at(-1);
            if (page.length < limit) break;
          }
          assertEquals(found, all, `${recursive} ${limit}`);
        }
      }
      assertEquals(await collect(storage.list("docs", { limit: 0 })), []);
    },
  },
  {
    name: "list() finds names by a prefix within the folder",
    async run(open): Promise<void> {
      const storage = open();
      for (const day of ["10-31", "11-01", "11-02", "12-01"]) await storage.save(`logs/2026-${day}.txt`, day);
      await storage.save("logs/2026-11/a.txt", "in a folder");
      const found = ["logs/2026-11-01.txt", "logs/2026-11-02.txt"];
      assertEquals(await namesOf(storage.list("logs", { prefix: "2026-11" })), [...found, "logs/2026-11/"]);
      assertEquals(await namesOf(storage.list("logs", { prefix: "2026-11", recursive: true })), [
        ...found,
        "logs/2026-11/a.txt",
      ]);
      assertEquals(await namesOf(storage.list("logs", { prefix: "2026-11/" })), ["logs/2026-11/a.txt"]);
      assertEquals(await namesOf(storage.list("", { prefix: "lo" })), ["logs/"]);
      assertEquals(await namesOf(storage.list("logs", { prefix: "2026-11", startAfter: found[0], limit: 1 })), [
        found[1],
      ]);
    },
  },
  {
    name: "list() after a folder gives what comes behind its key, in the folder too",
    async run(open): Promise<void> {
      const storage = open();
      for (const name of ["a.txt", "docs/a.txt", "docs/b.txt", "e.txt"]) await storage.save(name, "x");
      const options = { recursive: true, startAfter: "docs/" };
      assertEquals(await namesOf(storage.list("", options)), ["docs/a.txt", "docs/b.txt", "e.txt"]);
      assertEquals(await namesOf(storage.list("docs", { startAfter: "docs/" })), ["docs/a.txt", "docs/b.txt"]);
      assertEquals(await namesOf(storage.list("", { startAfter: "docs/" })), ["e.txt"]);
    },
  },
  {
    name: "list() refuses a prefix that leaves the folder",
    async run(open): Promise<void> {
      const storage = open();
      for (const prefix of ["../", "../a", "a/../../b/", "./a/", "/", "a//b"]) {
        const error = await rejection(collect(storage.list("docs", { prefix, recursive: true })));
        assert(isStorageError(error, "SuspiciousName"), prefix);
      }
      await storage.save("docs/.hidden", "x");
      assertEquals(await namesOf(storage.list("docs", { prefix: "." })), ["docs/.hidden"]);
    },
  },
  {
    name: "an empty file opened in ranges has its attributes, and can be saved",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("e.css", "", { contentType: "text/css", metadata: { owner: "ada" } });
      const file = await storage.open("e.css", "rb", { partSize: 1024 });
      assertEquals([file.size, file.stat.contentType, file.stat.metadata], [0, "text/css", { owner: "ada" }]);
      await storage.save("f.css", file);
      assertEquals((await storage.stat("f.css")).contentType, "text/css");
    },
  },
  {
    name: "save() returns what it stored, and its ETag is a condition of the next write",
    async run(open): Promise<void> {
      const storage = open();
      const first = await storage.save("a.txt", "first", { details: true });
      const { etag, size } = await storage.stat("a.txt");
      assertEquals([first.name, first.etag, first.size], ["a.txt", etag, size]);
      const second = await storage.save("a.txt", "second!", { details: true, ifMatch: first.etag });
      assertEquals(second.size, 7);
      const error = await rejection(storage.save("a.txt", "third", { ifMatch: first.etag }));
      assert(error instanceof PreconditionFailedError);
      const streamed = await storage.save("b.bin", new Blob([pattern(100_000)]).stream(), { details: true });
      assertEquals([streamed.size, streamed.etag], [100_000, (await storage.stat("b.bin")).etag]);
    },
  },
  {
    name: "onExisting refuses, renames or replaces in save(), open(), copy() and move()",
    async run(open): Promise<void> {
      for (const fileOverwrite of [true, false]) {
        const storage = open({ fileOverwrite, location: `${fileOverwrite}` });
        await storage.save("a.txt", "a", { onExisting: "replace" });
        await storage.save("b.txt", "b", { onExisting: "replace" });
        const writing = async (onExisting: "replace" | "rename" | "refuse"): Promise<string> => {
          const file = await storage.open("a.txt", "w", { onExisting });
          await file.write("opened");
          await file.close();
          return file.name;
        };
        const refused = [
          () => storage.save("a.txt", "x", { onExisting: "refuse" }),
          () => storage.save("a.txt", new Blob(["x"]).stream(), { onExisting: "refuse" }),
          () => writing("refuse"),
          () => storage.copy("b.txt", "a.txt", { onExisting: "refuse" }),
          () => storage.move("b.txt", "a.txt", { onExisting: "refuse" }),
        ];
        for (const call of refused) assert(await rejection(call()) instanceof AlreadyExistsError, String(call));
        assertEquals([await storage.readText("a.txt"), await storage.readText("b.txt")], ["a", "b"]);
        const renamed = [
          await storage.save("a.txt", "x", { onExisting: "rename" }),
          await writing("rename"),
          await storage.copy("b.txt", "a.txt", { onExisting: "rename" }),
          await storage.move("b.txt", "a.txt", { onExisting: "rename" }),
        ];
        assertEquals(await Promise.all(renamed.map((name) => storage.readText(name))), ["x", "opened", "b", "b"]);
        assertEquals([new Set([...renamed, "a.txt"]).size, await storage.exists("b.txt")], [5, false]);
        await writing("replace");
        assertEquals(await storage.readText("a.txt"), "opened");
      }
    },
  },
  {
    name: "copy() changes attributes, and keeps the others",
    async run(open): Promise<void> {
      const storage = open();
      const metadata = { owner: "ada" };
      await storage.save("a.txt", "hello", { cacheControl: "max-age=60", contentLanguage: "en", metadata });
      await storage.copy("a.txt", "b.txt", { cacheControl: "no-cache" });
      const copied = await storage.stat("b.txt");
      assertEquals([copied.cacheControl, copied.contentLanguage, copied.metadata], ["no-cache", "en", metadata]);
      await storage.copy("a.txt", "a.txt", {
        contentType: "text/markdown",
        metadata: { owner: "grace" },
        contentLanguage: "",
      });
      const changed = await storage.stat("a.txt");
      assertEquals(
        [changed.contentType, changed.cacheControl, changed.contentLanguage, changed.metadata],
        ["text/markdown", "max-age=60", undefined, { owner: "grace" }],
      );
      assertEquals(await storage.readText("a.txt"), "hello");
      const before = await storage.stat("a.txt");
      await storage.copy("a.txt", "a.txt"); // changes nothing
      assertEquals((await storage.stat("a.txt")).etag, before.etag);
      const second = await storage.copy("a.txt", "a.txt", { onExisting: "rename" });
      assertEquals([second === "a.txt", await storage.readText(second)], [false, "hello"]);
      const refused = await rejection(
        storage.copy("a.txt", "a.txt", { onExisting: "refuse", cacheControl: "no-store" }),
      );
      assert(refused instanceof AlreadyExistsError);
    },
  },
  {
    name: "copyTo() copies a file with its attributes to another location",
    async run(open): Promise<void> {
      const [from, to] = [open({ location: "from" }), open({ location: "to" })];
      await from.save("a.txt", "hello", { cacheControl: "no-cache", metadata: { owner: "ada" } });
      assertEquals(await from.copyTo("a.txt", to), "a.txt");
      assertEquals(await from.copyTo("a.txt", to, { name: "b/c.txt", contentType: "text/markdown" }), "b/c.txt");
      const { cacheControl, metadata, contentType } = await to.stat("b/c.txt");
      assertEquals([cacheControl, metadata, contentType], ["no-cache", { owner: "ada" }, "text/markdown"]);
      assert(await rejection(from.copyTo("a.txt", to, { onExisting: "refuse" })) instanceof AlreadyExistsError);
      const renamed = await from.copyTo("a.txt", to, { onExisting: "rename" });
      assertEquals([renamed === "a.txt", await to.readText(renamed)], [false, "hello"]);
      assert(isStorageError(await rejection(from.copyTo("missing.txt", to)), "NotFound"));
    },
  },
  {
    name: "every call refuses options that it does not know",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "hello");
      const wrong = { misspelt: 1 } as object;
      const calls: Readonly<Record<string, () => unknown>> = {
        save: () => storage.save("b.txt", "x", wrong),
        open: () => storage.open("a.txt", "rb", wrong),
        "open for writing": () => storage.open("b.txt", "w", wrong),
        readText: () => storage.readText("a.txt", wrong),
        readBytes: () => storage.readBytes("a.txt", wrong),
        readJson: () => storage.readJson("a.txt", wrong),
        download: () => storage.download("a.txt", wrong),
        downloadTo: () => storage.downloadTo("a.txt", new Uint8Array(9), wrong),
        exists: () => storage.exists("a.txt", wrong),
        stat: () => storage.stat("a.txt", wrong),
        size: () => storage.size("a.txt", wrong),
        getModifiedTime: () => storage.getModifiedTime("a.txt", wrong),
        listdir: () => storage.listdir("", wrong),
        list: () => collect(storage.list("", wrong)),
        url: () => storage.url("a.txt", wrong),
        delete: () => storage.delete("a.txt", wrong),
        deleteMany: () => storage.deleteMany(["a.txt"], wrong),
        copy: () => storage.copy("a.txt", "b.txt", wrong),
        move: () => storage.move("a.txt", "b.txt", wrong),
        copyTo: () => storage.copyTo("a.txt", storage, { name: "b.txt", ...wrong }),
        getAvailableName: () => storage.getAvailableName("a.txt", wrong),
        isNameAvailable: () => storage.isNameAvailable("a.txt", wrong),
      };
      for (const [name, call] of Object.entries(calls)) {
        const error = await rejection((async () => await call())());
        assert(error instanceof TypeError, name);
        assertStringIncludes(error.message, "unknown option 'misspelt'", name);
      }
      assertEquals(await storage.listdir(), [[], ["a.txt"]]);
    },
  },
];
