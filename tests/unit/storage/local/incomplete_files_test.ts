import { assertEquals, assertRejects } from "@std/assert";
import * as fs from "node:fs/promises";
import type { DiskError } from "../../../../src/errors.ts";
import { identityOf } from "../../../../src/storage/local/local_identity.ts";
import { LocalStorage } from "../../../../src/storage/local/local_storage.ts";
import { withStorage } from "../local_stage.ts";

const LONG_AGO = new Date("2020-01-01T00:00:00Z");

/** Creates a file as a killed writer leaves it. */
async function leave(folder: string, time = LONG_AGO, name = `.storages-${crypto.randomUUID()}`): Promise<string> {
  const path = `${folder}/${name}`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(path, "half");
  await Deno.utime(path, time, time);
  return path;
}

/** All names in a folder, also in the private one. */
async function everything(folder: string): Promise<string[]> {
  const own = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const kept = await Array.fromAsync(Deno.readDir(`${folder}/.storages`), ({ name }) => name).catch(() => []);
  return [...own, ...kept].sort();
}

Deno.test("deleteIncomplete() deletes files of killed writers that are older than a day, and returns them", async () => {
  await withStorage(async (storage, folder) => {
    await storage.save("a.txt", "hello");
    const [old, young] = [await leave(folder), await leave(folder, new Date(Date.now() - 86_000_000))];
    assertEquals(await storage.deleteIncomplete(), [{ path: old, size: 4, modifiedTime: LONG_AGO }]);
    assertEquals(await everything(folder), [young.slice(folder.length + 1), "a.txt"].sort());
    assertEquals((await storage.deleteIncomplete({ olderThanSeconds: 3600 })).map(({ path }) => path), [young]);
    assertEquals([await everything(folder), await storage.readText("a.txt")], [["a.txt"], "hello"]);
  });
});

Deno.test("deleteIncomplete() with dryRun returns the files, and deletes none", async () => {
  await withStorage(async (storage, folder) => {
    const path = await leave(folder);
    for (let call = 0; call < 2; call++) {
      assertEquals((await storage.deleteIncomplete({ dryRun: true })).map(({ path }) => path), [path]);
    }
    assertEquals((await storage.deleteIncomplete()).length, 1);
  });
});

Deno.test("deleteIncomplete() of a storage with a location cleans up the whole folder", async () => {
  await withStorage(async (storage, folder) => {
    const path = await leave(folder);
    assertEquals((await storage.with({ location: "docs" }).deleteIncomplete()).map(({ path }) => path), [path]);
  });
});

Deno.test("deleteIncomplete() of a folder that does not exist returns nothing, and creates no folder", async () => {
  await withStorage(async (storage, folder) => {
    assertEquals(await storage.deleteIncomplete(), []);
    await assertRejects(() => Deno.lstat(folder), Deno.errors.NotFound);
  });
});

Deno.test("deleteIncomplete() deletes nothing that the storage did not create", async () => {
  await withStorage(async (storage, folder) => {
    const uuid = crypto.randomUUID();
    const foreign = [
      ".storages-notes",
      `.storages-${uuid}.bak`,
      `.storages-${uuid.toUpperCase()}`,
      `.storages-${uuid.slice(1)}`,
      `.Storages-${uuid}`,
      `storages-${uuid}`,
      `.storages-more-${uuid}`,
      `.storages-${"0".repeat(8)}-0000-1000-8000-${"0".repeat(12)}`,
      "a.txt",
    ];
    for (const name of foreign) await leave(folder, LONG_AGO, name);
    await Deno.mkdir(`${folder}/docs`);
    await leave(`${folder}/docs`); // no writer creates files there
    const [directory, link] = [1, 2].map(() => `.storages-${crypto.randomUUID()}`) as [string, string];
    await Deno.mkdir(`${folder}/${directory}`);
    await Deno.utime(`${folder}/${directory}`, LONG_AGO, LONG_AGO);
    await Deno.symlink("a.txt", `${folder}/${link}`);
    assertEquals(await storage.deleteIncomplete({ olderThanSeconds: 0 }), []);
    assertEquals(await everything(folder), [...foreign, "docs", directory, link].sort());
    await Deno.remove(folder, { recursive: true });
  });
});

/** Leaves the files of a writer that was killed at a step of the publication, which has attributes. */
async function leaveAt(storage: LocalStorage, folder: string, step: "describe" | "link"): Promise<string> {
  await storage.save("a.txt", "hello", { metadata: { owner: "ada" } });
  await Deno.utime(`${folder}/a.txt`, LONG_AGO, LONG_AGO);
  const identity = identityOf(await fs.lstat(`${folder}/a.txt`, { bigint: true }));
  const [{ name }] = await Array.fromAsync(Deno.readDir(`${folder}/.storages`)) as [Deno.DirEntry];
  await Deno.rename(`${folder}/.storages/${name}`, `${folder}/.storages/${identity}.json`);
  const path = `${folder}/.storages-${crypto.randomUUID()}`;
  if (step === "link") await Deno.link(`${folder}/a.txt`, path);
  else await Deno.rename(`${folder}/a.txt`, path);
  return path;
}

Deno.test("deleteIncomplete() deletes the attributes of a file whose writer was killed before it got its name", async () => {
  await withStorage(async (storage, folder) => {
    const path = await leaveAt(storage, folder, "describe");
    assertEquals((await storage.deleteIncomplete()).map(({ path }) => path), [path]);
    assertEquals(await everything(folder), [".storages"]);
  });
});

Deno.test("deleteIncomplete() keeps a file and its attributes whose writer was killed after it got its name", async () => {
  await withStorage(async (storage, folder) => {
    const path = await leaveAt(storage, folder, "link");
    assertEquals((await storage.deleteIncomplete()).map(({ path }) => path), [path]);
    assertEquals([await storage.readText("a.txt"), (await storage.stat("a.txt")).metadata.owner], ["hello", "ada"]);
  });
});

/** Runs with a disk whose functions may be replaced. */
async function withDisk(
  replace: (disk: typeof fs) => Partial<typeof fs>,
  run: () => Promise<void>,
): Promise<void> {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
  const before = process.getBuiltinModule;
  const disk = { ...fs, ...replace(fs) };
  process.getBuiltinModule = (name) => name === "node:fs/promises" ? disk : before.call(process, name);
  try {
    await run();
  } finally {
    process.getBuiltinModule = before;
  }
}

Deno.test("deleteIncomplete() gives a file back whose writer writes to it at this moment", async () => {
  await withStorage(async (_storage, folder) => {
    const path = await leave(folder);
    const rename: typeof fs.rename = async (from, to) => {
      if (from === path) await Deno.utime(path, new Date(), new Date()); // by a writer in another process
      await fs.rename(from, to);
    };
    await withDisk(() => ({ rename }), async () => {
      assertEquals(await new LocalStorage(folder).deleteIncomplete(), []);
    });
    assertEquals(await Deno.readTextFile(path), "half");
    await Deno.remove(path);
  });
});

Deno.test("deleteIncomplete() ignores a file that got its name at this moment", async () => {
  await withStorage(async (_storage, folder) => {
    const path = await leave(folder);
    for (const step of ["lstat", "rename"] as const) {
      const other = await leave(folder);
      const publish = async (...args: [never, never]): Promise<never> => {
        await fs.rename(path, `${folder}/a.txt`).catch(() => {});
        return await (fs[step] as (...args: unknown[]) => Promise<never>)(...args);
      };
      await withDisk(() => ({ [step]: publish }), async () => {
        const deleted = await new LocalStorage(folder).deleteIncomplete();
        assertEquals(deleted.map(({ path }) => path), [other]);
      });
      await fs.rename(`${folder}/a.txt`, path);
    }
    await Deno.remove(path);
  });
});

Deno.test("two calls of deleteIncomplete() at the same time delete each file once", async () => {
  await withStorage(async (storage, folder) => {
    const left = await Promise.all(Array.from({ length: 50 }, () => leave(folder)));
    const calls = await Promise.all([1, 2, 3].map(() => new LocalStorage(folder).deleteIncomplete()));
    assertEquals(calls.flat().map(({ path }) => path).sort(), left.sort());
    assertEquals([await everything(folder), await storage.deleteIncomplete()], [[], []]);
  });
});

Deno.test("deleteIncomplete() reports the files that it cannot delete, after all others", async () => {
  await withStorage(async (_storage, folder) => {
    const left = await Promise.all([1, 2, 3].map(() => leave(folder)));
    const denied = left[1]!;
    const rename: typeof fs.rename = (from, to) =>
      from === denied ? Promise.reject(Object.assign(new Error("EACCES"), { code: "EACCES" })) : fs.rename(from, to);
    await withDisk(() => ({ rename }), async () => {
      const error = await assertRejects(() => new LocalStorage(folder).deleteIncomplete(), AggregateError);
      const [failure] = error.errors as [DiskError];
      assertEquals([error.message, error.errors.length], ["1 files could not be deleted", 1]);
      assertEquals(failure.message, `Cannot delete '${denied}': the system denies access (EACCES)`);
    });
    assertEquals(await everything(folder), [denied.slice(folder.length + 1)]);
    await Deno.remove(denied);
  });
});

Deno.test("deleteIncomplete() stops when its signal is aborted", async () => {
  await withStorage(async (storage, folder) => {
    const path = await leave(folder);
    const reason = new Error("enough");
    await assertRejects(() => storage.deleteIncomplete({ signal: AbortSignal.abort(reason) }), Error, "enough");
    await Deno.remove(path);
  });
});

const ACTION = "Cannot delete incomplete files:";

for (
  const [options, error] of [
    [{ olderThanSeconds: -1 }, `RangeError: ${ACTION} olderThanSeconds must be a number of 0 or more, got -1`],
    [{ olderThanSeconds: NaN }, `RangeError: ${ACTION} olderThanSeconds must be a number of 0 or more, got NaN`],
    [{ olderThanSeconds: "60" }, `RangeError: ${ACTION} olderThanSeconds must be a number of 0 or more, got "60"`],
    [{ dryRun: 1 }, `TypeError: ${ACTION} dryRun must be true or false, got 1`],
    [
      { olderThan: 60 },
      `TypeError: ${ACTION} unknown option 'olderThan'. Did you mean olderThanSeconds? Known are signal, olderThanSeconds, dryRun`,
    ],
    [60, `TypeError: ${ACTION} options must be an object, got 60`],
  ] as const
) {
  Deno.test(`deleteIncomplete() refuses ${JSON.stringify(options)}`, async () => {
    const storage = new LocalStorage("unused");
    assertEquals(String(await assertRejects(() => storage.deleteIncomplete(options as never))), error);
  });
}
