import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  deleteOrphans,
  fileField,
  type OrphanOptions,
  type StoredFile,
  type Transaction,
  withFiles,
} from "../../../src/field/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import type { ListOptions, StorageEntry } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { SeededRandom } from "../random.ts";
import { s3On, STORAGES } from "../storage/storages.ts";

const DAY_MILLISECONDS = 86_400_000;
const tomorrow = (): Date => new Date(Date.now() + DAY_MILLISECONDS + 60_000);

/** A clock by which all files are a day old. */
const WELL_AGED = { folder: "files", now: tomorrow };

for (const [kind, create] of Object.entries(STORAGES)) {
  Deno.test(`deleteOrphans() removes unreferenced files on ${kind}, and no others`, async () => {
    const storage = create({ location: "media" });
    const field = fileField(storage, { uploadTo: "files" });
    const kept = await field.save("kept.txt", "x");
    await field.save("sub/orphan.txt", "x");
    await storage.save("elsewhere/a.txt", "x");
    const referenced = (): unknown[] => [kept, null, undefined, field.file(), ""];
    const options = { ...WELL_AGED, referenced: referenced as OrphanOptions["referenced"] };
    assertEquals(await deleteOrphans(storage, { ...options, dryRun: true }), ["files/sub/orphan.txt"]);
    assertEquals(await storage.exists("files/sub/orphan.txt"), true);
    assertEquals(await deleteOrphans(storage, options), ["files/sub/orphan.txt"]);
    const left = await Array.fromAsync(storage.list("", { recursive: true }), ({ name }) => name);
    assertEquals(left, ["elsewhere/a.txt", "files/kept.txt"]);
  });
}

Deno.test("deleteOrphans() keeps files younger than olderThanSeconds, by default one day", async () => {
  let time = Date.now();
  const now = (): Date => new Date(time);
  const storage = new MemoryStorage({ now });
  for (const name of ["files/a.txt", "files/b.txt"]) await storage.save(name, "x");
  const options = { folder: "files", referenced: () => ["files/b.txt"], now };
  time += DAY_MILLISECONDS - 1;
  assertEquals(await deleteOrphans(storage, options), []);
  time += 1;
  assertEquals(await deleteOrphans(storage, { ...options, dryRun: true }), ["files/a.txt"]);
  assertEquals(await deleteOrphans(storage, { ...options, olderThanSeconds: 2 * 86_400 }), []);
  assertEquals(await deleteOrphans(storage, { ...options, olderThanSeconds: 0 }), ["files/a.txt"]);
});

Deno.test("deleteOrphans() counts a reference that was committed after the folder was listed", async () => {
  const storage = new MemoryStorage();
  await storage.save("files/a.txt", "x");
  const table: string[] = ["files/b.txt"];
  const list = storage.list.bind(storage);
  async function* listThenCommit(name?: string, options?: ListOptions): AsyncGenerator<StorageEntry> {
    yield* list(name!, options);
    table.push("files/a.txt");
  }
  storage.list = listThenCommit as typeof list;
  assertEquals(await deleteOrphans(storage, { ...WELL_AGED, referenced: () => table }), []);
});

Deno.test("deleteOrphans() keeps an orphan that was replaced or removed after the folder was listed", async () => {
  for (const others of [["files/d.txt"], ["files/b.txt", "files/c.txt", "files/d.txt"]]) {
    let time = Date.now();
    const storage = new MemoryStorage({ now: () => new Date(time) });
    for (const letter of "abcd") await storage.save(`files/${letter}.txt`, "old");
    time += 2 * DAY_MILLISECONDS;
    const removed = await deleteOrphans(storage, {
      folder: "files",
      now: () => new Date(time),
      maxDeletedFraction: 1,
      referenced: async () => {
        await storage.save("files/a.txt", "new");
        await storage.delete("files/b.txt");
        return others;
      },
    });
    assertEquals(removed, others.length === 1 ? ["files/c.txt"] : []);
    assertEquals(await (await storage.open("files/a.txt")).text(), "new");
  }
});

Deno.test("deleteOrphans() treats another spelling of a name as a reference to the same file", async () => {
  const storage = new MemoryStorage();
  await storage.save("files/sub/a.txt", "x");
  const referenced = (): string[] => ["files\\sub//a.txt"];
  assertEquals(await deleteOrphans(storage, { ...WELL_AGED, referenced }), []);
});

Deno.test("deleteOrphans() removes nothing if the references cannot be read to their end", async () => {
  const storage = new MemoryStorage();
  await storage.save("files/a.txt", "x");
  const referenced = async function* (): AsyncGenerator<string> {
    yield await Promise.resolve("files/b.txt");
    throw new Error("connection terminated");
  };
  await assertRejects(() => deleteOrphans(storage, { ...WELL_AGED, referenced }), Error, "connection terminated");
  assertEquals(await storage.exists("files/a.txt"), true);
});

Deno.test("deleteOrphans() in a loop removes no file of concurrent saves", async () => {
  let seconds = 1_800_000_000;
  const now = (): Date => new Date(1000 * seconds++); // each reading of the clock takes a second
  const storage = new MemoryStorage({ now });
  const field = fileField(storage, { uploadTo: "files" });
  const table = new Map<number, StoredFile>();
  const random = new SeededRandom(7);
  const pause = async (): Promise<void> => {
    for (let turns = random.below(5); turns > 0; turns--) await new Promise((resolve) => setTimeout(resolve));
  };
  const transaction: Transaction<typeof table> = async (body) => {
    const result = await body(table);
    await pause();
    return result;
  };
  let left = 0;
  const save = async (id: number): Promise<void> => {
    for (let count = 0; count < 50; count++) {
      await withFiles(transaction, async (files) => {
        const file = await files.save(field, "a.txt", "x");
        await pause();
        if (random.below(4) === 0) {
          return void await field.save("left behind.txt", "x", { onExisting: "rename" }).then(() => left++);
        }
        await files.transaction(async (rows) => {
          await pause();
          files.deleteAfterCommit(rows.get(id));
          rows.set(id, file);
        });
      });
    }
  };
  const clean = (grace: number): Promise<string[]> => {
    const referenced = (): StoredFile[] => [...table.values()];
    return deleteOrphans(storage, {
      folder: "files",
      referenced,
      now,
      olderThanSeconds: grace,
      allowNoneReferenced: true,
      maxDeletedFraction: 1,
    });
  };
  const saving = Promise.all(Array.from({ length: 8 }, (_, id) => save(id)));
  let isSaving = true;
  void saving.finally(() => isSaving = false);
  const removed: string[] = [];
  while (isSaving) {
    await pause();
    removed.push(...await clean(150)); // longer than a transaction, and shorter than the whole test
  }
  await saving;
  assert(removed.length > 10, `${removed.length} were removed meanwhile`);
  removed.push(...await clean(0));
  const stored = await Array.fromAsync(storage.list("files", { recursive: true }), ({ name }) => name);
  assertEquals([stored.sort(), removed.length], [[...table.values()].map(String).sort(), left]);
});

/** The requests that `deleteOrphans` sends for 1,200 files with orphans, by their operations. */
async function requestsFor(orphans: number, options: Partial<OrphanOptions> = {}): Promise<Record<string, number>> {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server);
  const names = Array.from({ length: 1200 }, (_, index) => `files/${index}`);
  await Promise.all(names.map((name) => storage.save(name, "x")));
  const referenced = (): string[] => names.slice(orphans);
  const removed = await deleteOrphans(storage, { ...WELL_AGED, referenced, maxDeletedFraction: 1, ...options });
  assertEquals(removed.length, orphans);
  const requests = server.requests.filter(({ operation }) => operation !== "PutObject"); // it keeps the last thousand
  const counts = Map.groupBy(requests, ({ operation }) => operation);
  return Object.fromEntries([...counts].map(([operation, requests]) => [operation, requests.length]));
}

Deno.test("deleteOrphans() lists the folder again, instead of a request for each of many orphans", async () => {
  assertEquals(await requestsFor(1100), { ListObjectsV2: 4, DeleteObjects: 2 });
});

Deno.test("deleteOrphans() sends a request for each of a few orphans, and none in a dry run", async () => {
  assertEquals(await requestsFor(2), { ListObjectsV2: 2, HeadObject: 2, DeleteObjects: 1 });
  assertEquals(await requestsFor(1100, { dryRun: true }), { ListObjectsV2: 2 });
});

Deno.test("deleteOrphans() refuses references that are not names, such as whole rows, and removes nothing", async () => {
  const storage = new MemoryStorage();
  await storage.save("files/a.txt", "x");
  for (const referenced of [() => [{ id: 7, name: "Ada", avatar: "files/a.txt" }], () => [7], () => "files/a.txt"]) {
    const options = { ...WELL_AGED, referenced: referenced as OrphanOptions["referenced"] };
    await assertRejects(() => deleteOrphans(storage, options), TypeError);
  }
  assertEquals(await storage.exists("files/a.txt"), true);
});

Deno.test("deleteOrphans() refuses invalid options before it sends a request", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server);
  const options = { ...WELL_AGED, referenced: () => ["a"] };
  await assertRejects(
    () => deleteOrphans(storage, { ...options, folder: undefined as unknown as string }),
    TypeError,
    "folder",
  );
  for (const olderThanSeconds of [-1, NaN]) {
    await assertRejects(
      () => deleteOrphans(storage, { ...options, olderThanSeconds }),
      RangeError,
      `${olderThanSeconds}`,
    );
  }
  for (const maxDeletedFraction of [-0.1, 1.1, NaN]) {
    await assertRejects(
      () => deleteOrphans(storage, { ...options, maxDeletedFraction }),
      RangeError,
      `${maxDeletedFraction}`,
    );
  }
  const signal = AbortSignal.abort(new Error("changed my mind"));
  await assertRejects(() => deleteOrphans(storage, { ...options, signal }), Error, "changed my mind");
  assertEquals(server.requests.length, 0);
});
