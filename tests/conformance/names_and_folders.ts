import { assert, assertEquals } from "@std/assert";
import { type Storage, SuspiciousNameError } from "../../mod.ts";
import { collect, rejection, type StorageCase } from "./case.ts";

/** Names that are known to cause errors in storages, URLs, XML and signatures. */
export const ODD_NAMES = [
  "a b.txt",
  "a+b.txt",
  "a%20b%2Fc.txt",
  "ü/ö/日本語.txt",
  "emoji 😀.gif",
  "!*'()~-._",
  "semi;colon,comma:at@",
  '$dollar&amp;<x>"quote"',
  "q?uestion#hash",
  "back`tick^{}|[]",
  "=equals=",
  "e\u0301 decomposed",
  "tab\tname",
  "new\nline",
];

const TRAVERSING = ["..", "../a.txt", "a/../b.txt", "a/./b.txt", "..\\a.txt", "a/..", "/a.txt", "\\a.txt", "//a.txt"];

/** What names and folders must do on any storage. */
export const nameCases: StorageCase[] = [
  {
    name: "unusual names are saved, found, listed, copied and removed",
    async run(open): Promise<void> {
      const storage = open();
      await Promise.all(ODD_NAMES.map((name) => storage.save(name, `content of ${name}`)));
      for (const name of ODD_NAMES) {
        assertEquals(await (await storage.open(name)).text(), `content of ${name}`);
        await storage.copy(name, `copy of/${name}`);
      }
      const listed = (await collect(storage.list("", { recursive: true }))).map(({ name }) => name);
      assertEquals(listed.toSorted(), [...ODD_NAMES, ...ODD_NAMES.map((name) => `copy of/${name}`)].toSorted());
      await storage.delete(ODD_NAMES[0]!);
      assertEquals(await storage.exists(ODD_NAMES[0]!), false);
      await storage.deleteMany(listed);
      assertEquals(await storage.listdir(""), [[], []]);
    },
  },
  {
    name: "names are normalized: backslashes become slashes, and repeated slashes one",
    async run(open): Promise<void> {
      const storage = open();
      assertEquals(await storage.save("a\\b//c.txt", "x"), "a/b/c.txt");
      assertEquals(await storage.exists("a//b\\c.txt"), true);
      assertEquals(await storage.listdir("a/b/"), [[], ["c.txt"]]);
    },
  },
  {
    name: "no call accepts a name that leaves the location",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "x");
      for (const name of TRAVERSING) {
        const calls: (() => Promise<unknown>)[] = [
          () => storage.save(name, "x"),
          () => storage.open(name),
          () => storage.open(name, "w"),
          () => storage.exists(name),
          () => storage.stat(name),
          () => storage.url(name),
          () => storage.delete(name),
          () => storage.deleteMany([name]),
          () => storage.copy(name, "b.txt"),
          () => storage.copy("a.txt", name),
          () => storage.move("a.txt", name),
          () => storage.listdir(name),
          () => collect(storage.list(name)),
          () => storage.getAvailableName(name),
        ];
        for (const call of calls) {
          assert(await rejection(call()) instanceof SuspiciousNameError, `${JSON.stringify(name)} in ${call}`);
        }
      }
      assertEquals(await storage.listdir(), [[], ["a.txt"]]);
    },
  },
  {
    name: "invalid and too long names are refused",
    async run(open): Promise<void> {
      const storage = open();
      for (const name of ["", ".", "folder/", "x".repeat(1025), "\ud800", "nul\0"]) {
        assert(await rejection(storage.save(name, "x")) instanceof SuspiciousNameError, JSON.stringify(name));
      }
      const longest = "é".repeat(Math.floor((1024 - new TextEncoder().encode(storage.location).byteLength) / 2));
      await storage.save(longest, "x");
      assertEquals(await storage.exists(longest), true);
      assert(await rejection(storage.save(`${longest}é`, "x")) instanceof SuspiciousNameError);
    },
  },
  {
    name: "listdir() returns the folders and the files of a folder by their names in it",
    async run(open): Promise<void> {
      const storage = open();
      assertEquals(await storage.listdir("no/such/folder"), [[], []]);
      await saveAll(storage, ["b.txt", "a.txt", "docs/1.txt", "docs/deep/2.txt", "docs2/3.txt"]);
      assertEquals(await storage.listdir(""), [["docs", "docs2"], ["a.txt", "b.txt"]]);
      assertEquals(await storage.listdir("."), await storage.listdir());
      assertEquals(await storage.listdir("docs"), [["deep"], ["1.txt"]]);
      assertEquals(await storage.listdir("docs/"), [["deep"], ["1.txt"]]);
      assertEquals(await storage.listdir("doc"), [[], []]);
      assertEquals(await storage.exists("docs"), false);
    },
  },
  {
    name: "list() lists subfolders, or with recursive their files",
    async run(open): Promise<void> {
      const storage = open();
      await saveAll(storage, ["b.txt", "docs/1.txt", "docs/deep/2.txt"]);
      const recursive = await collect(storage.list("", { recursive: true }));
      assertEquals(recursive.map(({ name, size }) => [name, size]), [["b.txt", 1], ["docs/1.txt", 1], [
        "docs/deep/2.txt",
        1,
      ]]);
      const [entry] = recursive;
      const stat = await storage.stat("b.txt");
      assertEquals([entry?.etag, entry?.kind], [stat.etag, "file"]);
      assert(Math.abs(entry!.modifiedTime.getTime() - stat.modifiedTime.getTime()) < 1000);
      const flat = (await collect(storage.list("docs"))).map(({ kind, name }) => [kind, name]);
      assertEquals(flat.toSorted(), [["directory", "docs/deep"], ["file", "docs/1.txt"]]);
    },
  },
  {
    name: "copy() keeps the description of the file, and move() removes the source",
    async run(open): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "hello", { contentType: "text/x-own", metadata: { owner: "ada" } });
      await storage.copy("a.txt", "copies/b.txt");
      await storage.move("a.txt", "moved.txt");
      await storage.move("moved.txt", "moved.txt");
      assertEquals(await storage.exists("a.txt"), false);
      for (const name of ["copies/b.txt", "moved.txt"]) {
        const { contentType, metadata, size } = await storage.stat(name);
        assertEquals([contentType, metadata, size], ["text/x-own", { owner: "ada" }, 5]);
      }
    },
  },
  {
    name: "a deleted file does not exist, and deleting it again is no error",
    async run(open): Promise<void> {
      const storage = open();
      const names = Array.from({ length: 30 }, (_, index) => `many/${index}.txt`);
      await saveAll(storage, names);
      await storage.delete("many/0.txt");
      await storage.delete("many/0.txt");
      async function* all(): AsyncGenerator<string> {
        for (const name of names) yield await Promise.resolve(name);
      }
      await storage.deleteMany(all());
      assertEquals(await storage.listdir("many"), [[], []]);
      await storage.deleteMany([]);
    },
  },
  {
    name: "the time of a file is that of its last write",
    async run(open): Promise<void> {
      const storage = open();
      const before = Date.now();
      await storage.save("a.txt", "x");
      const time = (await storage.getModifiedTime("a.txt")).getTime();
      assert(time > before - 2000 && time < Date.now() + 2000, `${time - before} ms`); // S3 keeps whole seconds
    },
  },
  {
    name: "getValidName() makes untrusted names safe",
    run(open): Promise<void> {
      const storage = open();
      assertEquals(storage.getValidName(" john's portrait in 2004.jpg"), "johns_portrait_in_2004.jpg");
      assertEquals(storage.generateFilename("a//b c.txt"), "a/b_c.txt");
      return Promise.resolve();
    },
  },
];

async function saveAll(storage: Storage, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => storage.save(name, "x")));
}
