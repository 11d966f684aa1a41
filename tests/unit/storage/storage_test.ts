import { assertEquals, assertInstanceOf, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { AlreadyExistsError, NotFoundError, StorageError, SuspiciousNameError } from "../../../src/errors.ts";
import { BinaryFile } from "../../../src/storage/files/binary_file.ts";
import { TextFile } from "../../../src/storage/files/text_file.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { WriteFile } from "../../../src/storage/files/write_file.ts";
import { chunkedStream, patternBytes } from "../random.ts";
import { STORAGES } from "./storages.ts";

const read = async (storage: Storage, name: string): Promise<string> => await (await storage.open(name)).text();

const calls = (storage: Storage, name: string): (() => Promise<unknown>)[] => [
  () => storage.save(name, "x"),
  () => storage.open(name),
  () => storage.open(name, "rb"),
  () => storage.open(name, "w"),
  () => storage.exists(name),
  () => storage.stat(name),
  () => storage.size(name),
  () => storage.getModifiedTime(name),
  () => storage.listdir(name),
  async () => await Array.fromAsync(storage.list(name)),
  () => storage.url(name),
  () => storage.delete(name),
  () => storage.deleteMany([name]),
  () => storage.copy(name, "b"),
  () => storage.copy("a", name),
  () => storage.move(name, "b"),
  () => storage.move("a", name),
  () => storage.getAvailableName(name),
];

for (const [kind, make] of Object.entries(STORAGES)) {
  for (const location of ["", "base"]) {
    for (const name of ["../a", "a/../b", "a/./b", "/a", "a\\..\\b", "..\\a", "a\ud800", "é".repeat(513)]) {
      Deno.test(`${kind} at '${location}' refuses '${name.slice(0, 12)}' on every method`, async () => {
        const storage = make({ location });
        await storage.save("a", "x");
        for (const call of calls(storage, name)) {
          const error = await assertRejects(call, SuspiciousNameError, undefined, call.toString());
          assertEquals(error.code, "SuspiciousName");
        }
        assertEquals(await storage.listdir(), [[], ["a"]]);
      });
    }
  }

  for (const name of ["", "d/", "."]) {
    Deno.test(`${kind} refuses to write '${name}', which is not a file name`, async () => {
      const storage = make();
      await storage.save("a", "x");
      const writes = [
        () => storage.save(name, "x"),
        () => storage.open(name, "w"),
        () => storage.copy("a", name),
        () => storage.move("a", name),
        () => storage.getAvailableName(name),
      ];
      for (const write of writes) await assertRejects(write, SuspiciousNameError, "Could not derive file name");
    });
  }

  Deno.test(`${kind} saves under the normalized name, and returns it without the location`, async () => {
    const storage = make({ location: "base" });
    assertEquals(await storage.save("a\\b//c.txt", "x"), "a/b/c.txt");
    assertEquals([await read(storage, "a/b/c.txt"), (await storage.open("a//b/c.txt")).name], ["x", "a/b/c.txt"]);
    assertEquals(storage.location, "base/");
  });

  Deno.test(`${kind} uses the name of a File, and requires a name for other content`, async () => {
    const storage = make();
    assertEquals(await storage.save(undefined, new File(["x"], "own.txt")), "own.txt");
    await assertRejects(() => storage.save(undefined, "x"), TypeError, "only a File has its own name");
    await assertRejects(() => storage.save(5 as unknown as string, "x"), TypeError, "A name must be a string");
  });

  Deno.test(`${kind} stores text, bytes, streams and iterables whole`, async () => {
    const storage = make();
    const bytes = patternBytes(100_000);
    for (const content of [bytes, new Blob([bytes]), new Response(bytes), chunkedStream(bytes, [777, 1])]) {
      await storage.save("a.bin", content);
      assertEquals(await (await storage.open("a.bin", "rb")).read(), bytes);
    }
    await storage.save("a.txt", "héllo");
    assertEquals([await read(storage, "a.txt"), await storage.size("a.txt")], ["héllo", 6]);
    await storage.save("empty", "");
    assertEquals([await read(storage, "empty"), await storage.size("empty")], ["", 0]);
  });

  Deno.test(`${kind} stores the caller's type, else the content's, else a guess from the name`, async () => {
    const storage = make();
    const typeOf = async (name: string, content: string | Blob, contentType?: string): Promise<string | undefined> => {
      await storage.save(name, content, { contentType });
      return (await storage.stat(name)).contentType;
    };
    assertEquals(await typeOf("a.css", "x"), "text/css; charset=utf-8");
    assertEquals(await typeOf("a.css", new Blob(["x"], { type: "text/x" })), "text/x");
    assertEquals(await typeOf("a.css", new Blob(["x"], { type: "text/x" }), "text/y"), "text/y");
    assertEquals(await typeOf("a", "x"), "application/octet-stream");
  });

  Deno.test(`${kind} keeps the description of a file`, async () => {
    const storage = make();
    const options = {
      contentType: "text/plain",
      contentEncoding: "identity",
      cacheControl: "no-store",
      contentDisposition: 'attachment; filename="a.txt"',
      contentLanguage: "de",
    };
    await storage.save("a.txt", "x", { ...options, metadata: { Owner: "ada" } });
    const stat = await storage.stat("a.txt");
    const { metadata, name, size, etag, modifiedTime } = stat;
    for (const [attribute, value] of Object.entries(options)) {
      assertEquals(stat[attribute as keyof typeof options], value);
    }
    assertEquals({ metadata, name, size }, { metadata: { owner: "ada" }, name: "a.txt", size: 1 });
    assertMatch(etag, /^".+"$/);
    assertInstanceOf(modifiedTime, Date);
    assertEquals(await storage.getModifiedTime("a.txt"), modifiedTime);
  });

  Deno.test(`${kind} stores nothing if the source fails, and keeps the old file`, async () => {
    const storage = make();
    await storage.save("a.txt", "before");
    async function* failing(): AsyncGenerator<string> {
      yield "half";
      throw new Error("cut");
    }
    for (const overwrite of [true, false]) {
      await assertRejects(
        () => storage.save("a.txt", failing(), { onExisting: overwrite ? "replace" : "rename" }),
        Error,
        "cut",
      );
    }
    assertEquals([await storage.listdir(), await read(storage, "a.txt")], [[[], ["a.txt"]], "before"]);
  });

  Deno.test(`${kind} gives 20 saves of one name at the same time 20 names, and stores them all`, async () => {
    const storage = make({ fileOverwrite: false });
    const saves = Array.from(
      { length: 20 },
      (_, i) =>
        storage.save(
          "a.txt",
          i % 2 === 0 ? `content ${i}` : chunkedStream(new TextEncoder().encode(`content ${i}`), [3]),
        ),
    );
    const names = await Promise.all(saves);
    assertEquals(new Set(names).size, 20);
    assertEquals(names.filter((name) => name === "a.txt").length, 1);
    for (const [i, name] of names.entries()) {
      assertMatch(name, /^a(_[A-Za-z0-9]{7})?\.txt$/);
      assertEquals(await read(storage, name), `content ${i}`);
    }
  });

  Deno.test(`${kind} keeps names within maxLength, whether they are taken or not`, async () => {
    const storage = make({ fileOverwrite: false });
    assertMatch(await storage.save("abcdefghij.txt", "1", { maxLength: 13 }), /^a_[A-Za-z0-9]{7}\.txt$/);
    const again = await storage.save("abcdefghij.txt", "2", { maxLength: 14 });
    assertEquals(again, "abcdefghij.txt");
    assertMatch(await storage.save("abcdefghij.txt", "3", { maxLength: 14 }), /^ab_[A-Za-z0-9]{7}\.txt$/);
    await assertRejects(() => storage.save("abc.txt", "x", { maxLength: 4 }), SuspiciousNameError);
    assertEquals(await make().save("abcdef.txt", "x", { maxLength: 8 }), "abcd.txt");
  });

  Deno.test(`getAvailableName() of ${kind} returns the name that save() would choose`, async () => {
    const storage = make({ fileOverwrite: false });
    assertEquals(await storage.getAvailableName("a.txt"), "a.txt");
    await storage.save("a.txt", "x");
    assertMatch(await storage.getAvailableName("a.txt"), /^a_[A-Za-z0-9]{7}\.txt$/);
    assertEquals(await make().getAvailableName("a\\bcd.txt", { maxLength: 8 }), "a/bc.txt");
  });

  Deno.test(`${kind} opens files by their modes`, async () => {
    const storage = make();
    await storage.save("a.txt", "a\r\nb");
    for (const mode of ["r", "rt", undefined] as const) {
      const file = mode === undefined ? await storage.open("a.txt") : await storage.open("a.txt", mode);
      assertInstanceOf(file, TextFile);
      assertEquals(await file.read(), "a\nb");
    }
    const binary = await storage.open("a.txt", "rb");
    assertInstanceOf(binary, BinaryFile);
    assertEquals((await binary.read()).byteLength, 4);
    for (const mode of ["w", "wb", "wt"] as const) {
      const file = await storage.open("b.txt", mode);
      assertInstanceOf(file, WriteFile);
      await file.write(mode);
      await file.close();
      assertEquals(await read(storage, "b.txt"), mode);
    }
    for (const mode of ["a", "x", "r+", "w+", "", "R"]) {
      await assertRejects(
        () => storage.open("a.txt", mode as "r"),
        TypeError,
        `Cannot open 'a.txt': mode must be "r" (text), "rb" (bytes), "w" or "wb" (write), got "${mode}"`,
      );
    }
    await assertRejects(() => storage.open("missing.txt"), NotFoundError, "File does not exist: missing.txt");
  });

  Deno.test(`${kind} replaces a file opened to write as a whole, and shows nothing before it is closed`, async () => {
    const storage = make();
    await storage.save("a.txt", "before");
    const file = await storage.open("a.txt", "w");
    await file.write("af");
    assertEquals(await read(storage, "a.txt"), "before");
    await file.write("ter");
    await file.close();
    assertEquals(await read(storage, "a.txt"), "after");
    await (await storage.open("a.txt", "w")).close();
    assertEquals(await storage.size("a.txt"), 0);
  });

  Deno.test(`${kind} respects fileOverwrite when a file is opened to write, unlike django-storages`, async () => {
    const storage = make({ fileOverwrite: false });
    await storage.save("a.txt", "before");
    const file = await storage.open("a.txt", "w");
    await file.write("after");
    await assertRejects(() => file.close(), AlreadyExistsError);
    const allowed = await storage.open("a.txt", "w", { onExisting: "replace" });
    await allowed.write("after");
    await allowed.close();
    assertEquals(await read(storage, "a.txt"), "after");
  });

  Deno.test(`${kind} does not treat a folder as a file`, async () => {
    const storage = make();
    await storage.save("d/a.txt", "x");
    assertEquals([await storage.exists("d/a.txt"), await storage.exists("d"), await storage.exists("d/")], [
      true,
      false,
      false,
    ]);
    for (const call of [() => storage.size("d"), () => storage.stat("d"), () => storage.getModifiedTime("d")]) {
      await assertRejects(call, NotFoundError, "File does not exist: d");
    }
  });

  Deno.test(`${kind} rejects every call with the reason of an already aborted signal`, async () => {
    const storage = make();
    await storage.save("a", "x");
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    const all = [
      () => storage.save("b", "x", { signal }),
      () => storage.save("b", chunkedStream(patternBytes(3), [1]), { signal }),
      () => storage.save("b", "x", { signal, onExisting: "rename" }),
      () => storage.open("a", "r", { signal }),
      () => storage.open("b", "w", { signal }),
      () => storage.exists("a", { signal }),
      () => storage.stat("a", { signal }),
      () => storage.listdir("", { signal }),
      () => storage.delete("a", { signal }),
      () => storage.deleteMany(["a"], { signal }),
      () => storage.copy("a", "b", { signal }),
      () => storage.move("a", "b", { signal }),
    ];
    for (const call of all) assertStrictEquals(await assertRejects(call, call.toString()), reason, call.toString());
    assertEquals(await storage.listdir(), [[], ["a"]]);
  });

  Deno.test(`${kind} fails only with errors of this module`, async () => {
    const storage = make();
    for (const call of [() => storage.open("missing"), () => storage.size("missing"), () => storage.copy("m", "n")]) {
      assertInstanceOf(await assertRejects(call), StorageError);
    }
  });
}
