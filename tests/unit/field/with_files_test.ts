import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  fileField,
  type FileTransaction,
  type StoredFile,
  type Transaction,
  withFiles,
} from "../../../src/field/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";

/** A column of a table with one transaction at a time, which is rolled back if its body throws. */
class Column {
  rows = new Map<number, StoredFile>();
  readonly transaction: Transaction<Map<number, StoredFile>> = async (body) => {
    const copy = new Map(this.rows);
    const result = await body(copy);
    this.rows = copy;
    return result;
  };
}

interface Stage {
  readonly storage: MemoryStorage;
  readonly field: ReturnType<typeof fileField>;
  readonly column: Column;
  /** The names in the storage. */
  names(): Promise<string[]>;
}

/** A record 7 with the file `old.txt`. */
async function stage(): Promise<Stage> {
  const storage = new MemoryStorage();
  const field = fileField(storage);
  const column = new Column();
  column.rows.set(7, await field.save("old.txt", "old"));
  return { storage, field, column, names: async () => (await storage.listdir())[1].sort() };
}

type Files = FileTransaction<Map<number, StoredFile>>;

async function replace({ field }: Stage, files: Files, then: () => Promise<void> = async () => {}): Promise<string> {
  const file = await files.save(field, "new.txt", "new");
  return await files.transaction(async (rows) => {
    files.deleteAfterCommit(rows.get(7));
    rows.set(7, file);
    await then();
    return file.name!;
  });
}

Deno.test("withFiles() removes the old file after the commit", async () => {
  const place = await stage();
  const during: string[][] = [];
  const name = await withFiles(
    place.column.transaction,
    (files) => replace(place, files, async () => void during.push(await place.names())),
  );
  assertEquals([name, during, await place.names()], ["new.txt", [["new.txt", "old.txt"]], ["new.txt"]]);
  assertEquals(place.column.rows.get(7)?.name, "new.txt");
});

Deno.test("withFiles() keeps the old file and removes the new one if the transaction throws", async () => {
  const place = await stage();
  const failing = (): Promise<void> => Promise.reject(new Error("no room"));
  await assertRejects(
    () => withFiles(place.column.transaction, (files) => replace(place, files, failing)),
    Error,
    "no room",
  );
  assertEquals([await place.names(), place.column.rows.get(7)?.name], [["old.txt"], "old.txt"]);
});

Deno.test("withFiles() removes the new file if the work throws before the transaction, or runs none", async () => {
  const place = await stage();
  await assertRejects(
    () =>
      withFiles(place.column.transaction, async (files) => {
        await files.save(place.field, "new.txt", "new");
        files.deleteAfterCommit(place.column.rows.get(7));
        throw new Error("not yours");
      }),
    Error,
    "not yours",
  );
  await withFiles(place.column.transaction, async (files) => void await files.save(place.field, "new.txt", "new"));
  assertEquals(await place.names(), ["old.txt"]);
});

Deno.test("withFiles() keeps the committed state if the work throws after the transaction", async () => {
  const place = await stage();
  await assertRejects(
    () =>
      withFiles(place.column.transaction, async (files) => {
        await replace(place, files);
        throw new Error("no mail");
      }),
    Error,
    "no mail",
  );
  assertEquals([await place.names(), place.column.rows.get(7)?.name], [["new.txt"], "new.txt"]);
});

Deno.test("withFiles() keeps all files if the response to the commit is lost", async () => {
  const place = await stage();
  const lost: typeof place.column.transaction = async (body) => {
    await place.column.transaction(body);
    throw new Error("connection terminated");
  };
  await assertRejects(() => withFiles(lost, (files) => replace(place, files)), Error, "connection terminated");
  assertEquals([await place.names(), place.column.rows.get(7)?.name], [["new.txt", "old.txt"], "new.txt"]);
});

/** Saves a file outside of the transaction and one inside; the first attempt deletes the old one, and may fail. */
async function tryTwice(
  place: Stage,
  transaction: Column["transaction"],
  firstTry: () => Promise<void>,
): Promise<void> {
  let tries = 0;
  await withFiles(transaction, async (files) => {
    const outside = await files.save(place.field, "outside.txt", "new");
    await files.transaction(async (rows) => {
      const inside = await files.save(place.field, `inside ${++tries}.txt`, "new");
      rows.set(8, outside).set(9, inside);
      if (tries > 1) return;
      files.deleteAfterCommit(rows.get(7));
      await firstTry();
    });
  });
}

Deno.test("withFiles() uses the last attempt of a retried transaction", async () => {
  const place = await stage();
  const retrying: Column["transaction"] = (body) =>
    place.column.transaction(body).catch(() => place.column.transaction(body));
  await tryTwice(place, retrying, () => Promise.reject(new Error("serialization failure")));
  assertEquals(await place.names(), ["inside_2.txt", "old.txt", "outside.txt"]);
  assertEquals([...place.column.rows.values()].map(String).sort(), await place.names());
});

Deno.test("withFiles() keeps all files after a failed commit that may have taken effect, also after a retry", async () => {
  for (const secondTry of ["commits", "throws"]) {
    const place = await stage();
    const retrying: Column["transaction"] = async (body) => {
      await place.column.transaction(body); // committed, unknown to the library
      if (secondTry === "commits") return await place.column.transaction(body);
      return await place.column.transaction(() => Promise.reject(new Error("deadlock")));
    };
    await tryTwice(place, retrying, () => Promise.resolve()).catch((error) => assertEquals(error.message, "deadlock"));
    const names = await place.names();
    const lost = [...place.column.rows.values()].map(String).filter((name) => !names.includes(name));
    assertEquals(lost, [], `the second try ${secondTry}`);
    assert(names.includes("inside_1.txt") && names.includes("outside.txt"), names.join());
  }
});

Deno.test("files.save() always uses a new name, so an existing file can stay", async () => {
  const place = await stage();
  await assertRejects(() =>
    withFiles(place.column.transaction, async (files) => {
      const file = await files.save(place.field, "old.txt", "new");
      assert(/^old_\w{7}\.txt$/.test(String(file)), String(file));
      for (const options of [{ onExisting: "replace" }, { ifMatch: "*" }]) {
        await assertRejects(
          () => files.save(place.field, "old.txt", "new", options as Record<string, unknown>),
          TypeError,
          `Cannot save 'old.txt': unknown option '${Object.keys(options)}'`,
        );
      }
      await files.transaction(() => Promise.reject(new Error("rolled back")));
    }), Error);
  assertEquals(await (await place.storage.open("old.txt")).text(), "old");
  assertEquals(await place.names(), ["old.txt"]);
});

Deno.test("withFiles() aborts a save that was still running at the failure, and leaves no file", async () => {
  const place = await stage();
  const cancelled = Promise.withResolvers<void>();
  const stalled = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("late")),
    cancel: () => cancelled.resolve(),
  });
  const work = withFiles(place.column.transaction, async (files) => {
    const saving = files.save(place.field, "late.txt", stalled);
    await Promise.race([saving, new Promise((resolve) => setTimeout(resolve, 0))]);
    throw new Error("the other one failed");
  });
  await assertRejects(() => work, Error, "the other one failed");
  await cancelled.promise;
  assertEquals(await place.names(), ["old.txt"]);
});

Deno.test("files.save() rejects the work if a file cannot be saved, and leaves no file", async () => {
  const place = await stage();
  await assertRejects(
    () => withFiles(place.column.transaction, (files) => files.save(place.field, "../new.txt", "new")),
    Error,
    "denied",
  );
  assertEquals(await place.names(), ["old.txt"]);
});

Deno.test("withFiles() reports a file that cannot be removed, and keeps the committed state", async () => {
  const place = await stage();
  place.storage.deleteMany = () => Promise.reject(new Error("the network is down"));
  const told: unknown[] = [];
  const onLeftBehind = (names: readonly string[], error: unknown): void => void told.push(names, String(error));
  const { transaction } = place.column;
  assertEquals(await withFiles(transaction, (files) => replace(place, files), { onLeftBehind }), "new.txt");
  assertEquals(told, [["old.txt"], "Error: the network is down"]);
  assertEquals(await withFiles(transaction, (files) => replace(place, files)), place.column.rows.get(7)?.name);
});

Deno.test("files.transaction() refuses a second transaction", async () => {
  const place = await stage();
  await withFiles(place.column.transaction, async (files) => {
    await replace(place, files);
    await assertRejects(() => files.transaction(() => Promise.resolve()), TypeError, "call withFiles for each");
  });
  assertEquals(await place.names(), ["new.txt"]);
});

Deno.test("withFiles() handles files of several storages", async () => {
  const [place, other] = [await stage(), await stage()];
  await withFiles(place.column.transaction, async (files) => {
    const moved = await files.save(other.field, "moved.txt", "old");
    await files.transaction((rows) => {
      files.deleteAfterCommit(rows.get(7));
      files.deleteAfterCommit(other.column.rows.get(7));
      files.deleteAfterCommit(null);
      files.deleteAfterCommit(place.field.file());
      return Promise.resolve(rows.set(7, moved));
    });
  });
  assertEquals([await place.names(), await other.names()], [[], ["moved.txt"]]);
});

Deno.test("withFiles() keeps a new file that got the name of a missing old one", async () => {
  const place = await stage();
  await place.storage.delete("old.txt"); // the record still refers to it
  await withFiles(place.column.transaction, async (files) => {
    const file = await files.save(place.field, "old.txt", "new");
    const unused = await files.save(place.field, "unused.txt", "new");
    await files.transaction((rows) => {
      files.deleteAfterCommit(rows.get(7));
      files.deleteAfterCommit(unused);
      return Promise.resolve(rows.set(7, file));
    });
  });
  assertEquals([place.column.rows.get(7)?.name, await place.names()], ["old.txt", ["old.txt"]]);
});
