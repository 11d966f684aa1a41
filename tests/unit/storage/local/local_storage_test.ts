import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  AlreadyExistsError,
  ConfigurationError,
  NotFoundError,
  NotSupportedError,
  PreconditionFailedError,
  SuspiciousNameError,
} from "../../../../src/errors.ts";
import type { ByteSource } from "../../../../src/storage/contract/bytes.ts";
import { LocalStorage } from "../../../../src/storage/local/local_storage.ts";
import { MemoryStorage } from "../../../../src/storage/memory/memory_storage.ts";
import { type BackendCapabilities, BackendWrapper, Storage, type StorageBackend } from "../../../../src/storage/mod.ts";
import { SeededRandom } from "../../random.ts";
import { names, withStorage } from "../local_stage.ts";

Deno.test("LocalStorage lists in the order of S3, whatever the order of the disk, also long names", async () => {
  const random = new SeededRandom(17);
  const alphabet = ["a", "z", "é", "\ue000", "😀", "-", "0", "/", ".", "x".repeat(120), "ü".repeat(90)];
  await withStorage(async (storage) => {
    const memory = new MemoryStorage();
    for (let index = 0; index < 300; index++) {
      const name = random.text(alphabet, 1, 6);
      try {
        await memory.getAvailableName(name);
        await storage.save(name, "");
      } catch (error) {
        // Names that storages refuse, or that would be a file and a folder.
        assert(error instanceof SuspiciousNameError || error instanceof NotSupportedError, `${name}: ${error}`);
        continue;
      }
      await memory.save(name, "");
    }
    assert((await names(memory)).length > 80);
    assertEquals(await names(storage), await names(memory));
    const both = async (
      folder: string,
    ): Promise<unknown[]> => [await storage.listdir(folder), await memory.listdir(folder)];
    for (const folder of ["", ...(await memory.listdir())[0]]) {
      const [local, expected] = await both(folder);
      assertEquals(local, expected, folder);
    }
    await storage.deleteMany(await names(storage));
    assertEquals(await storage.listdir(), [[], []]);
  });
});

Deno.test("LocalStorage does not leave its folder: links are not read, listed or written through", async () => {
  await withStorage(async (storage, folder) => {
    const outside = `${folder}-outside`;
    await Deno.mkdir(outside);
    await Deno.writeTextFile(`${outside}/secret.txt`, "secret");
    await storage.save("a.txt", "x");
    await Deno.symlink(outside, `${folder}/out`);
    await Deno.symlink(`${outside}/secret.txt`, `${folder}/link.txt`);
    for (const name of ["out/secret.txt", "link.txt"]) {
      const calls = [
        () => storage.open(name),
        () => storage.stat(name),
        () => storage.exists(name),
        () => storage.save(name, "mine"),
        () => storage.delete(name),
        () => storage.copy(name, "b.txt"),
        () => storage.copy("a.txt", name),
      ];
      for (const call of calls) await assertRejects(call, SuspiciousNameError, "is a link");
    }
    await assertRejects(() => storage.save("out/new.txt", "mine"), SuspiciousNameError);
    assertEquals(await names(storage), ["a.txt"]);
    assertEquals(await storage.listdir("out"), [[], []]);
    assertEquals(await Array.fromAsync(Deno.readDir(outside), ({ name }) => name), ["secret.txt"]);
    assertEquals(await Deno.readTextFile(`${outside}/secret.txt`), "secret");
    await Deno.remove(outside, { recursive: true });
  });
});

Deno.test("LocalStorage reads files that other programs put into its folder", async () => {
  await withStorage(async (storage, folder) => {
    await Deno.mkdir(`${folder}/docs/empty`, { recursive: true });
    await Deno.writeTextFile(`${folder}/docs/a.css`, "body {}");
    assertEquals(await names(storage), ["docs/a.css"]);
    assertEquals(await storage.listdir("docs"), [[], ["a.css"]]);
    const { contentType, size } = await storage.stat("docs/a.css");
    assertEquals([contentType, size], ["text/css; charset=utf-8", 7]);
    assertEquals(await (await storage.open("docs/a.css")).text(), "body {}");
  });
});

Deno.test("LocalStorage keeps attributes beside the files, and deletes them together", async () => {
  await withStorage(async (storage, folder) => {
    const kept = (): Promise<number> =>
      Array.fromAsync(Deno.readDir(`${folder}/.storages`)).then(({ length }) => length);
    await storage.save("plain.css", "x");
    await assertRejects(kept, Deno.errors.NotFound);
    await storage.save("a.css", "x", { cacheControl: "max-age=60", contentEncoding: "br" });
    await storage.copy("a.css", "b.css");
    assertEquals(await kept(), 2);
    assertEquals((await storage.stat("b.css")).contentEncoding, "br");
    await storage.save("a.css", "y");
    assertEquals([(await storage.stat("a.css")).cacheControl, await kept()], [undefined, 1]);
    await storage.delete("b.css");
    assertEquals(await kept(), 0);
    assertEquals(await names(storage), ["a.css", "plain.css"]);
    for (const name of [".storages/a.json", ".storages-1", "a/.storages", "x.storages-more/a"]) {
      await assertRejects(() => storage.save(name, "x"), SuspiciousNameError, "cannot be a name on disk");
    }
  });
});

Deno.test("LocalStorage refuses a name that would be both a file and a folder", async () => {
  await withStorage(async (storage) => {
    await storage.save("a", "x");
    await storage.save("folder/b", "x");
    const message = "cannot be both a file and a folder";
    await assertRejects(() => storage.save("a/b", "x"), NotSupportedError, message);
    await assertRejects(() => storage.save("folder", "x"), NotSupportedError, message);
    await assertRejects(() => storage.save("folder", "x", { onExisting: "rename" }), NotSupportedError, message);
    await assertRejects(() => storage.open("folder"), NotFoundError);
    await assertRejects(() => storage.open("a/b"), NotFoundError);
    assertEquals(await names(storage), ["a", "folder/b"]);
  });
});

Deno.test("LocalStorage continues to read the opened file if it is replaced meanwhile", async () => {
  await withStorage(async (storage) => {
    await storage.save("a", "before");
    const file = await storage.open("a");
    await storage.save("a", "after!");
    assertEquals(await file.text(), "before");
    await file.seek(0);
    await assertRejects(() => file.text(), PreconditionFailedError, "File changed while it was read: a");
    await storage.delete("a");
    await assertRejects(() => storage.open("a"), NotFoundError);
  });
});

Deno.test("LocalStorage shows nothing of a file before it is closed, and leaves nothing of an aborted one", async () => {
  await withStorage(async (storage, folder) => {
    const file = await storage.open("docs/a.txt", "w");
    await file.write("half".repeat(100_000)); // text is kept in memory until its charset is known
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 1);
    assertEquals(await names(storage), []);
    assertEquals(await storage.listdir(), [[], []]);
    await file.abort();
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
    const taken = await storage.open("b.txt", "w", { onExisting: "refuse" });
    await taken.write("late");
    await storage.save("b.txt", "early");
    await assertRejects(() => taken.close(), AlreadyExistsError, "File already exists: b.txt");
    assertEquals(await (await storage.open("b.txt")).text(), "early");
  });
});

Deno.test("LocalStorage never shows a partial file, or attributes of another file, to concurrent readers", async () => {
  await withStorage(async (storage) => {
    const write = (turn: number): Promise<string> =>
      storage.save("a.bin", `${turn % 10}`.repeat(300_000), { metadata: { turn: `${turn % 10}` } });
    await write(0);
    let writing = true;
    const seen = new Set<string>();
    const reading = (async (): Promise<void> => {
      while (writing) {
        const file = await storage.open("a.bin");
        const text = await file.text();
        assertEquals(text, file.stat.metadata.turn!.repeat(300_000));
        seen.add(text[0]!);
      }
    })();
    for (let turn = 1; turn <= 60; turn++) await write(turn);
    writing = false;
    await reading;
    assert(seen.size > 1, "nothing was written while it read");
  });
});

Deno.test("LocalStorage writes conditionally, and exactly one of many concurrent replacements succeeds", async () => {
  await withStorage(async (storage) => {
    await storage.save("a.txt", "first", { ifNoneMatch: "*" });
    await assertRejects(() => storage.save("a.txt", "second", { ifNoneMatch: "*" }), PreconditionFailedError);
    const { etag } = await storage.stat("a.txt");
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => storage.save("a.txt", `try ${index}`, { ifMatch: etag })),
    );
    const winners = tries.flatMap(({ status }, index) => status === "fulfilled" ? [index] : []);
    assertEquals(winners.length, 1);
    assertEquals(await (await storage.open("a.txt")).text(), `try ${winners[0]}`);
    await assertRejects(() => storage.save("b.txt", "x", { ifMatch: "*" }), PreconditionFailedError, "b.txt");
    const seen: unknown[] = [];
    await storage.save("c.txt", "hello", { onProgress: (progress) => seen.push(progress) });
    assertEquals(seen, [{ bytes: 5, parts: 1, total: 5 }]);
  });
});

Deno.test("LocalStorage closes the file if a reader stops early", async () => {
  await withStorage(async (storage) => {
    await storage.save("a.bin", new Uint8Array(1_000_000));
    const stream = (await storage.open("a.bin", "rb")).readable.getReader();
    await stream.read();
    await stream.cancel();
    await using file = await storage.open("a.bin", "rb");
    await file.read(10);
    await file.seek(999_999);
    assertEquals((await file.bytes()).byteLength, 1);
    const unread = await storage.open("a.bin", "rb");
    await unread.close();
  });
});

Deno.test("LocalStorage makes URLs below its baseUrl, and requires one", async () => {
  const storage = new LocalStorage("files", { baseUrl: "/media/", location: "a" });
  assertEquals(await storage.url("b c.txt"), "/media/a/b%20c.txt");
  await assertRejects(() => new LocalStorage("files").url("a"), NotSupportedError, "LocalStorage needs a baseUrl");
  assertThrows(() => new LocalStorage(""), TypeError, "must be the path of a folder");
});

Deno.test("LocalStorage throws on a runtime without a disk", () => {
  const { process } = globalThis as unknown as { process: { getBuiltinModule?: unknown } };
  const before = process.getBuiltinModule;
  process.getBuiltinModule = undefined;
  try {
    assertThrows(() => new LocalStorage("files"), ConfigurationError, "This runtime has no disk");
  } finally {
    process.getBuiltinModule = before;
  }
});

Deno.test("LocalStorage prompts for no permission, and names the missing one", async () => {
  await withStorage(async (storage, folder) => {
    await storage.save("a.txt", "x");
    const module = new URL("../../../../src/storage/local/local_storage.ts", import.meta.url).href;
    const source = `const { LocalStorage } = await import("${module}");
      const tell = (error) => console.log(error.name + ": " + error.message);
      try {
        const storage = new LocalStorage("${folder}");
        console.log(await (await storage.open("a.txt")).text());
        await storage.save("b.txt", "x").catch(tell);
        await storage.delete("a.txt").catch(tell);
      } catch (error) { tell(error); }`;
    const run = async (...permissions: string[]): Promise<string[]> => {
      const script = `${folder}-probe.js`;
      await Deno.writeTextFile(script, source);
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", ...permissions, script],
        stdin: "null",
      }).output();
      await Deno.remove(script);
      return new TextDecoder().decode(stdout).trim().split("\n");
    };
    const code = module.slice("file://".length).replace(/src\/.*/, "");
    const [refused] = await run(`--allow-import`, `--allow-read=${code}`);
    assertStringIncludes(refused!, `Cannot read folder '${folder}': run with --allow-read=${folder}`);
    const [read, ...written] = await run(`--allow-read=${code},${folder}`);
    assertEquals(read, "x");
    for (const line of written) {
      assertStringIncludes(line, `Cannot write to folder '${folder}': run with --allow-write=${folder}`);
    }
    assertEquals(written.length, 2);
  });
});

Deno.test("a copy in place keeps a file that was saved meanwhile, on every backend", async () => {
  const folder = await Deno.makeTempDir();
  class Overtaken extends BackendWrapper {
    override get capabilities(): BackendCapabilities {
      return { ...super.capabilities, serverSideCopy: false };
    }
    override async read(...given: Parameters<StorageBackend["read"]>): Promise<ByteSource> {
      const source = await super.read(...given);
      return {
        ...source,
        stat: source.stat,
        open: async (...range) => {
          await this.inner.put(given[0], new TextEncoder().encode("saved meanwhile"), {
            onExisting: "replace",
            fallbackContentType: "text/plain",
          });
          return await source.open(...range);
        },
        close: () => source.close(),
      };
    }
  }
  for (const inner of [new MemoryStorage().backend, new LocalStorage(folder).backend]) {
    const storage = new Storage(new Overtaken(inner));
    await storage.save("a.txt", "first");
    await assertRejects(() => storage.copy("a.txt", "a.txt", { cacheControl: "no-cache" }), PreconditionFailedError);
    assertEquals(await new Storage(inner).readText("a.txt"), "saved meanwhile");
  }
  const local = new LocalStorage(folder);
  await local.save("big.bin", new Uint8Array(40_000_000));
  const copying = local.copy("big.bin", "big.bin", { cacheControl: "no-cache" }).catch((error) => error);
  await local.save("big.bin", "saved meanwhile");
  await copying;
  assertEquals(await local.readText("big.bin"), "saved meanwhile");
  await Deno.remove(folder, { recursive: true });
});
