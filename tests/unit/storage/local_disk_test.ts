/** LocalStorage on a disk with other users: permissions, unusual names, concurrent writers, killed writers. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fs from "node:fs/promises";
import { IntegrityError, SuspiciousNameError } from "../../../src/errors.ts";
import { LocalStorage } from "../../../src/storage/local/local_storage.ts";
import { inTempFolder } from "../temp_folder.ts";
import { names, withStorage } from "./local_stage.ts";
import { modesOfNewFiles } from "../new_file_modes.ts";

Deno.test("LocalStorage keeps the permissions of a file that it replaces", async () => {
  await withStorage(async (storage, folder) => {
    const mode = async (name: string): Promise<number> => (await Deno.lstat(`${folder}/${name}`)).mode! & 0o777;
    await storage.save("key.pem", "old");
    const usual = await mode("key.pem");
    await Deno.chmod(`${folder}/key.pem`, 0o600);
    await storage.save("key.pem", "new");
    await storage.save("other", "x");
    assertEquals([await mode("key.pem"), await mode("other")], [0o600, usual]);
    await storage.copy("other", "key.pem");
    assertEquals(await mode("key.pem"), 0o600);
    assertEquals(await (await storage.open("key.pem")).text(), "x");
  });
});

Deno.test("LocalStorage creates no file with more permissions than the one that it replaces has", async () => {
  await withStorage(async (storage, folder) => {
    const mode = async (name: string): Promise<number> => (await Deno.lstat(`${folder}/${name}`)).mode! & 0o777;
    const attributes = async (): Promise<number[]> =>
      await Promise.all(
        (await Array.fromAsync(Deno.readDir(`${folder}/.storages`))).map(({ name }) => mode(`.storages/${name}`)),
      );
    const described = { metadata: { secret: "yes" } };
    await storage.save("usual", "x");
    const usual = await mode("usual");
    for (const wanted of [0o600, 0o640, 0o444, 0o666]) {
      await storage.save("key.pem", "old");
      await Deno.chmod(`${folder}/key.pem`, wanted);
      const most = (made: number): void => assertEquals(made & ~wanted & 0o777, 0, `0${made.toString(8)}`);
      const recorded = await modesOfNewFiles(async () => {
        await new LocalStorage(folder).save("key.pem", "new", described);
        assertEquals([await mode("key.pem"), await attributes()], [wanted, [wanted & 0o666]]);
        await new LocalStorage(folder).save("key.pem", ReadableStream.from([new Uint8Array(9)]), described);
        await new LocalStorage(folder).copy("usual", "key.pem");
        assertEquals([await mode("key.pem"), await attributes()], [wanted, []]);
        await new LocalStorage(folder).copy("key.pem", "copy.pem");
      });
      assertEquals(recorded.length, 6); // four files, and the attributes of two of them
      recorded.forEach(most);
      assertEquals(await mode("copy.pem"), wanted);
      await storage.deleteMany(["key.pem", "copy.pem"]);
    }
    await storage.save("new", "x", described);
    assertEquals([await mode("new"), await attributes()], [usual, [usual & 0o666]]);
    await Deno.writeTextFile(`${folder}/run.sh`, "", { mode: 0o755 });
    await storage.copy("run.sh", "copy.sh");
    assertEquals(await mode("copy.sh"), await mode("run.sh"));
  });
});

Deno.test({
  name: "LocalStorage keeps the group of a replaced file, or gives its own group no more than others have",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0, // only root can change the owner of a file
  fn: async () => {
    await withStorage(async (storage, folder) => {
      const described = { metadata: { secret: "yes" } };
      const path = `${folder}/a.txt`;
      await Deno.mkdir(folder);
      const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
      const before = process.getBuiltinModule;
      const denied = { ...fs, chown: () => Promise.reject(Object.assign(new Error("EPERM"), { code: "EPERM" })) };
      for (const [wanted, less] of [[0o640, 0o600], [0o664, 0o644], [0o660, 0o600], [0o604, 0o604]] as const) {
        const replace = async (): Promise<unknown[]> => {
          await Deno.writeTextFile(path, "old");
          await Deno.chown(path, 0, 12345);
          await Deno.chmod(path, wanted);
          await new LocalStorage(folder).save("a.txt", "new", described);
          const [{ name }] = await Array.fromAsync(Deno.readDir(`${folder}/.storages`)) as [Deno.DirEntry];
          const stats = await Promise.all([path, `${folder}/.storages/${name}`].map((path) => Deno.stat(path)));
          await storage.delete("a.txt");
          return stats.map(({ gid, mode }) => [gid, mode! & 0o777]);
        };
        assertEquals(await replace(), [[12345, wanted], [12345, wanted]]);
        process.getBuiltinModule = (name) => name === "node:fs/promises" ? denied : before.call(process, name);
        try {
          const gid = Deno.gid();
          assertEquals(await replace(), [[gid, less], [gid, less]]);
        } finally {
          process.getBuiltinModule = before;
        }
      }
    });
  },
});

Deno.test("list() reports folders that have no valid name", { ignore: Deno.build.os !== "linux" }, async () => {
  await withStorage(async (storage, folder) => {
    await storage.save("good\ufffd/a.txt", "x");
    const script = "cd \"$0\" && mkdir $'bad\\xff' && touch $'bad\\xff/a.txt'";
    assert((await new Deno.Command("bash", { args: ["-c", script, folder] }).output()).success);
    for (const recursive of [true, false]) {
      const omitted: string[] = [];
      const onOmitted = (name: string): void => void omitted.push(name);
      const found = await Array.fromAsync(storage.list("", { recursive, onOmitted }), ({ name }) => name);
      assertEquals([found.length, omitted], [1, ["bad\ufffd"]]);
    }
  });
});

Deno.test("LocalStorage reports files that have no valid name, and does not read pipes", async () => {
  await withStorage(async (storage, folder) => {
    await storage.save("docs/a.txt", "x");
    const script = "cd \"$0\" && touch $'docs/bad\\xff.txt' 'docs/back\\slash' && mkfifo docs/pipe";
    assert((await new Deno.Command("bash", { args: ["-c", script, folder] }).output()).success);
    const omitted: string[] = [];
    const onOmitted = (name: string): void => void omitted.push(name);
    assertEquals((await Array.fromAsync(storage.list("", { recursive: true, onOmitted }))).length, 1);
    assertEquals(omitted, ["docs/back\\slash", "docs/bad\ufffd.txt"]);
    const pipe = "docs/pipe";
    for (const call of [() => storage.open(pipe), () => storage.save(pipe, "x"), () => storage.delete(pipe)]) {
      await assertRejects(call, SuspiciousNameError, "not a regular file");
    }
  });
});

Deno.test('LocalStorage with followLinks "inside" follows no link out of its location', async () => {
  await withStorage(async (storage, folder) => {
    for (const name of ["ada/a.txt", "ada/deep/b.txt", "bob/secret.txt"]) await storage.save(name, name);
    await Deno.symlink("../bob/secret.txt", `${folder}/ada/secret.txt`);
    await Deno.symlink("../../bob", `${folder}/ada/deep/bob`);
    await Deno.symlink("../a.txt", `${folder}/ada/deep/a.txt`);
    await Deno.symlink("ada", `${folder}/link`);
    const rooted = new LocalStorage(folder, { followLinks: "inside" });
    assertEquals(await (await rooted.open("ada/secret.txt")).text(), "bob/secret.txt");
    for (const location of ["ada", "link"]) {
      const located = new LocalStorage(folder, { followLinks: "inside", location });
      const omitted: [string, string][] = [];
      const onOmitted = (...left: [string, string]): void => void omitted.push(left);
      const found = await Array.fromAsync(located.list("", { recursive: true, onOmitted }));
      assertEquals(found.map(({ name }) => name), ["a.txt", "deep/a.txt", "deep/b.txt"], location);
      assertEquals(omitted, [["secret.txt", "outside"], ["deep/bob", "outside"]]);
      assertEquals(await (await located.open("deep/a.txt")).text(), "ada/a.txt");
      for (const name of ["secret.txt", "deep/bob/secret.txt"]) {
        await assertRejects(() => located.open(name), SuspiciousNameError, "is a link");
      }
    }
    assertEquals(await new LocalStorage(folder, { followLinks: "inside", location: "none" }).exists("x"), false);
  });
});

Deno.test("LocalStorage refuses to move a followed link, and leaves no copy of its target", async () => {
  await withStorage(async (storage, folder) => {
    await storage.save("a.txt", "x");
    await Deno.symlink("a.txt", `${folder}/link.txt`);
    const following = new LocalStorage(folder, { followLinks: "inside" });
    await assertRejects(() => following.move("link.txt", "b.txt"), SuspiciousNameError, "is a link");
    assertEquals(await names(following), ["a.txt", "link.txt"]);
    await following.move("a.txt", "b.txt");
    assertEquals(await names(following), ["b.txt"]);
  });
});

Deno.test("LocalStorage does not follow a link that replaces a file while it is opened", async () => {
  await withStorage(async (storage, folder) => {
    const outside = `${folder}-outside`;
    await Deno.mkdir(outside);
    const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
    const before = process.getBuiltinModule;
    for (const swapped of ["docs/a.txt", "docs"]) {
      await storage.save("docs/a.txt", "inside");
      await Deno.writeTextFile(`${outside}/a.txt`, "secret");
      let swaps = 0;
      const disk = {
        ...fs,
        // After all checks, and before the file is opened.
        open: async (path: string, flags: string, mode?: number): Promise<fs.FileHandle> => {
          if (flags === "r" && path.endsWith("a.txt") && swaps++ === 0) {
            await Deno.rename(`${folder}/${swapped}`, `${outside}/before`);
            await Deno.symlink(swapped === "docs" ? outside : `${outside}/a.txt`, `${folder}/${swapped}`);
          }
          return await fs.open(path, flags, mode);
        },
      };
      process.getBuiltinModule = (name) => name === "node:fs/promises" ? disk : before.call(process, name);
      try {
        const attacked = new LocalStorage(folder);
        for (const call of [() => attacked.open("docs/a.txt"), () => attacked.copy("docs/a.txt", "copy.txt")]) {
          swaps = 0;
          await assertRejects(call, SuspiciousNameError, "is a link");
          assertEquals(swaps, 1);
          await Deno.remove(`${folder}/${swapped}`);
          await Deno.rename(`${outside}/before`, `${folder}/${swapped}`);
        }
      } finally {
        process.getBuiltinModule = before;
      }
      assertEquals(await names(storage), ["docs/a.txt"]);
    }
    await Deno.remove(outside, { recursive: true });
  });
});

Deno.test("LocalStorage does not write through a link that replaces a folder before publication", async () => {
  await withStorage(async (storage, folder) => {
    const outside = `${folder}-outside`;
    await Deno.mkdir(outside);
    await storage.save("docs/a.txt", "x");
    const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
    const before = process.getBuiltinModule;
    const disk = {
      ...fs,
      mkdir: async (path: string, options: { recursive: true }): Promise<unknown> => {
        if (path === `${folder}/docs`) {
          await Deno.rename(path, `${folder}/docs-before`);
          await Deno.symlink(outside, path);
        }
        return await fs.mkdir(path, options);
      },
    };
    process.getBuiltinModule = (name) => name === "node:fs/promises" ? disk : before.call(process, name);
    try {
      for (const overwrite of [true, false]) {
        const attacked = new LocalStorage(folder, { fileOverwrite: overwrite });
        await assertRejects(() => attacked.save("docs/b.txt", "secret"), SuspiciousNameError, "is a link");
        assertEquals(await Array.fromAsync(Deno.readDir(outside)), []);
        await Deno.remove(`${folder}/docs`);
        await Deno.rename(`${folder}/docs-before`, `${folder}/docs`);
      }
    } finally {
      process.getBuiltinModule = before;
    }
    await Deno.remove(outside);
  });
});

Deno.test("LocalStorage refuses attributes that are too long or damaged", async () => {
  await withStorage(async (storage, folder) => {
    await storage.save("a.css", "x", { cacheControl: "no-store" });
    const [{ name }] = await Array.fromAsync(Deno.readDir(`${folder}/.storages`)) as [Deno.DirEntry];
    const path = `${folder}/.storages/${name}`;
    for (const [text, message] of [[" ".repeat(2 ** 20 + 1), "has more than 1048576 bytes"], ["{", "is not JSON"]]) {
      await Deno.writeTextFile(path, text!);
      await assertRejects(() => storage.open("a.css"), IntegrityError, message);
    }
    const cacheControl = "x".repeat(2 ** 20);
    await assertRejects(() => storage.save("b.css", "x", { cacheControl }), RangeError, "more than 1048576 bytes");
    assertEquals(await storage.exists("b.css"), false);
    await Deno.remove(path);
    await Deno.remove(`${folder}/.storages`);
    await Deno.mkdir(`${folder}-elsewhere`);
    await Deno.symlink(`${folder}-elsewhere`, `${folder}/.storages`);
    const described = { cacheControl: "no-store" };
    await assertRejects(() => storage.save("a.css", "x", described), SuspiciousNameError, "is a link");
    assertEquals(await Array.fromAsync(Deno.readDir(`${folder}-elsewhere`)), []);
    await Deno.remove(`${folder}-elsewhere`);
  });
});

Deno.test("LocalStorage refuses names that are invalid on Windows, on Windows", async () => {
  await withStorage(async (storage) => {
    const { process } = globalThis as unknown as { process: { platform: string } };
    const before = Object.getOwnPropertyDescriptor(process, "platform")!;
    const refused = ["C:/x", "a.txt:stream", "con", "NUL.txt", "a/lpt1", "a ", "a.", "what?", "a*", "a\x01"];
    refused.push("COM¹", "com³.txt", "LPT².x", "CONIN$", "conout$", "ConOut$.txt", "CON .txt", "nul  .x", "aux.tar.gz");
    refused.push("STORAG~1/x", "a/PRIVAT~1", "progr~12.x", "~1", "a::$DATA", '"', "a|b", "<", ">", "a/b./c", "a/b /c");
    refused.push(`${"a".repeat(482)}con`); // its end becomes a separate name on disk
    Object.defineProperty(process, "platform", { value: "win32", configurable: true });
    try {
      for (const name of refused) {
        for (const call of [() => storage.save(name, "x"), () => storage.open(name), () => storage.delete(name)]) {
          await assertRejects(call, SuspiciousNameError, "is not a valid file name on Windows", name);
        }
      }
      const taken = [
        "console.txt",
        "a.b",
        "COM.x",
        "lpt10",
        "CONIN",
        "conout$x",
        "com⁴",
        "a~b.txt",
        "longer-name~1",
        "~",
      ];
      for (const name of [...taken, "aux1 .txt"]) await storage.save(name, "x");
    } finally {
      Object.defineProperty(process, "platform", before);
    }
    await storage.save("a.txt:stream", "x");
    assertEquals((await names(storage)).length, 12);
  });
});

Deno.test("LocalStorage gives each of many concurrent saves its own name, also across storages", async () => {
  await withStorage(async (_storage, folder) => {
    const storages = Array.from({ length: 4 }, () => new LocalStorage(folder, { fileOverwrite: false }));
    const saved = await Promise.all(
      Array.from({ length: 24 }, (_, index) => storages[index % 4]!.save("deep/a.txt", `${index}`)),
    );
    assertEquals(new Set(saved).size, 24);
    const texts = await Promise.all(saved.map(async (name) => await (await storages[0]!.open(name)).text()));
    assertEquals(texts, Array.from({ length: 24 }, (_, index) => `${index}`));
  });
});

Deno.test("LocalStorage continues a listing while files are saved and deleted, and leaves nothing behind", async () => {
  await withStorage(async (storage, folder) => {
    const name = (index: number): string => `${index % 7}/${index % 11}/${index}`;
    let working = true;
    const listing = (async (): Promise<void> => {
      while (working) await names(storage);
    })();
    for (let turn = 0; turn < 10; turn++) {
      const own = Array.from({ length: 40 }, (_, index) => name(index));
      await Promise.all(own.map((name) => storage.save(name, "x", { metadata: { turn: `${turn}` } })));
      await Promise.all(own.map((name) => Promise.all([storage.delete(name), storage.delete(name)])));
    }
    working = false;
    await listing;
    assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), [".storages"]);
    assertEquals(await Array.fromAsync(Deno.readDir(`${folder}/.storages`)), []);
  });
});

Deno.test("LocalStorage shows no partial file after its writer was killed", async () => {
  await inTempFolder(async (_names, around) => {
    const folder = `${around}/files`;
    const storage = new LocalStorage(folder);
    const size = 3_000_000;
    await storage.save("a.bin", new Uint8Array(size));
    const module = new URL("../../../src/storage/local/local_storage.ts", import.meta.url).href;
    const source = `const { LocalStorage } = await import("${module}");
      const storage = new LocalStorage(${JSON.stringify(folder)});
      async function* slow() { for (let i = 0; ; i++) { yield new Uint8Array(1000); if (i === 99) console.log("half"); } }
      await storage.save("a.bin", ReadableStream.from(slow()));`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", `data:application/javascript,${encodeURIComponent(source)}`],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    assertEquals((await (await storage.open("a.bin", "rb")).bytes()).byteLength, size);
    assertEquals(await names(storage), ["a.bin"]);
    const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    assertEquals(left.map((name) => name.replace(/-.*/, "")).sort(), [".storages", "a.bin"]);
    await Deno.remove(folder, { recursive: true });
  });
});
