import { assert, assertEquals, assertRejects } from "@std/assert";
import { DiskError } from "../../../../src/errors.ts";
import { REFRESH_SECONDS } from "../../../../src/storage/local/held_files.ts";
import { LocalStorage } from "../../../../src/storage/local/local_storage.ts";
import { HeldTime, until } from "../../held_time.ts";
import { names, withStorage } from "../local_stage.ts";

/** The paths of the files that are being written. */
async function temporary(folder: string): Promise<string[]> {
  const all = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return all.filter((name) => name.startsWith(".storages-")).map((name) => `${folder}/${name}`);
}

const LONG_AGO = new Date("2020-01-01T00:00:00Z");

async function timeOf(path: string): Promise<number> {
  return (await Deno.lstat(path)).mtime!.getTime();
}

Deno.test("a file whose writer stalls is refreshed every hour, and its attributes and its ETag are right in the end", async () => {
  using time = new HeldTime(1000);
  await withStorage(async (storage, folder) => {
    const file = await storage.open("a.bin", "wb", { metadata: { owner: "ada" } });
    await file.write(new Uint8Array(3));
    const [path] = await temporary(folder) as [string];
    const begun = Date.now() - 1000; // disks may round times
    for (let hour = 0; hour < 3; hour++) {
      await Deno.utime(path, LONG_AGO, LONG_AGO);
      await time.pass(REFRESH_SECONDS * 1000 - 1);
      assertEquals(await timeOf(path), LONG_AGO.getTime());
      await time.pass(1);
      await until(async () => await timeOf(path) > begun, "a new time");
    }
    await file.write(new Uint8Array(4));
    await file.close();
    const { size, metadata, etag } = await storage.stat("a.bin");
    assertEquals([size, metadata.owner, etag], [7, "ada", file.stored?.etag]);
    assertEquals(time.pending, 0);
  });
});

Deno.test("no timer is left after files that were stored, copied, aborted, or refused", async () => {
  using time = new HeldTime(1000);
  await withStorage(async (storage) => {
    await storage.save("a.txt", "a");
    await storage.copy("a.txt", "b.txt");
    const file = await storage.open("c.txt", "w");
    await file.write("x".repeat(100_000));
    assertEquals(time.pending, 1);
    await file.abort();
    await assertRejects(() => storage.save("a.txt", "b", { onExisting: "refuse" }));
    await assertRejects(() => storage.save("a.txt", "b", { ifMatch: '"other"' }));
    await assertRejects(() => storage.save("a.txt/b", "b"));
    assertEquals([time.pending, await names(storage)], [0, ["a.txt", "b.txt"]]);
  });
});

Deno.test("a writer whose file was deleted by another program fails, and keeps the old file", async () => {
  await withStorage(async (storage, folder) => {
    await storage.save("a.bin", "old");
    const file = await storage.open("a.bin", "wb");
    await file.write(new Uint8Array(3));
    const [path] = await temporary(folder) as [string];
    await Deno.remove(path);
    const error = await assertRejects(() => file.close(), DiskError);
    assertEquals(error.message, `Cannot write 'a.bin': another program has deleted its temporary file ${path}`);
    assertEquals(await storage.readText("a.bin"), "old");
  });
});

Deno.test("deleteIncomplete() keeps the files of living writers in the same process, of any age", async () => {
  await withStorage(async (storage, folder) => {
    const file = await storage.open("a.bin", "wb");
    await file.write(new Uint8Array(3));
    const [path] = await temporary(folder) as [string];
    await Deno.utime(path, LONG_AGO, LONG_AGO);
    const other = new LocalStorage(`${folder}/../${folder.split("/").at(-1)}`);
    assertEquals(await other.deleteIncomplete({ olderThanSeconds: 0 }), []);
    await file.close();
    assertEquals(await storage.size("a.bin"), 3);
  });
});

Deno.test("deleteIncomplete() again and again harms none of many writers", async () => {
  await withStorage(async (storage) => {
    let isDone = false;
    const cleaning = (async () => {
      let [calls, deleted] = [0, 0];
      while (!isDone) {
        deleted += (await storage.deleteIncomplete({ olderThanSeconds: 0 })).length;
        calls++;
      }
      return [calls, deleted] as const;
    })();
    const all = Array.from({ length: 200 }, (_, index) => `${index}.txt`);
    await Promise.all(all.map((name) => storage.save(name, name, { metadata: { name } })));
    isDone = true;
    const [calls, deleted] = await cleaning;
    assert(calls > 0);
    assertEquals([deleted, (await names(storage)).sort()], [0, all.sort()]);
    for (const name of all) assertEquals((await storage.stat(name)).metadata.name, name);
  });
});
