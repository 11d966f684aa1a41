/** Files that were stored by other means than `files.save`, and files that are given by their names. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fileField, type FileTransaction, withFiles } from "../../../src/field/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";

const storage = new MemoryStorage();
const field = fileField(storage);

type Work = (files: FileTransaction<undefined>) => Promise<unknown>;

/** Runs the work on a storage with `old.txt` and the upload `new.txt`, and returns the remaining names. */
async function remaining(work: Work, retries = 0): Promise<string> {
  for (const name of ["old.txt", "new.txt"]) await storage.save(name, name);
  const transaction = async <T>(body: (tx: undefined) => Promise<T>): Promise<T> => {
    for (let left = retries;; left--) {
      try {
        return await body(undefined);
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  };
  await withFiles(transaction, work).catch((error) => {
    if (error.message !== "rolled back") throw error;
  });
  const names = (await storage.listdir())[1].sort();
  await storage.deleteMany(names);
  return names.join(" ");
}

const fail = (): Promise<never> => Promise.reject(new Error("rolled back"));

Deno.test("files.adopt() deletes a stored file unless the transaction commits", async () => {
  const adopting = (body: () => Promise<void>): Work => async (files) => {
    const file = files.adopt(field.file("new.txt"));
    await files.transaction(body);
    assertEquals(file.name, "new.txt");
  };
  assertEquals(await remaining(adopting(() => Promise.resolve())), "new.txt old.txt");
  assertEquals(await remaining(adopting(fail)), "old.txt");
  assertEquals(await remaining((files) => Promise.resolve(files.adopt(field.file("new.txt")))), "old.txt");
});

Deno.test("files.adopt() deletes the adopted file, whatever name its object gets later", async () => {
  const work: Work = async (files) => {
    const file = files.adopt(field.file("new.txt"));
    await file.save("other.txt", "other");
    await fail();
  };
  assertEquals(await remaining(work), "old.txt other.txt");
});

Deno.test("files.adopt() with ifMatch keeps a file that another writer has replaced", async () => {
  const replaced = (byOther: boolean): Work => async (files) => {
    files.adopt(field.file("new.txt"), { ifMatch: (await storage.stat("new.txt")).etag });
    if (byOther) await storage.save("new.txt", "of another writer");
    await files.transaction(fail);
  };
  assertEquals(await remaining(replaced(true)), "new.txt old.txt");
  assertEquals(await remaining(replaced(false)), "old.txt");
});

Deno.test("files.adopt() in a retried body keeps the file that the last call adopted", async () => {
  const file = field.file("new.txt");
  const retried = (adopted: () => typeof file): Work => {
    let calls = 0;
    return (files) =>
      files.transaction(() => {
        if (++calls === 1 || adopted === again) files.adopt(adopted());
        return calls === 1 ? fail() : Promise.resolve();
      });
  };
  const again = (): typeof file => file;
  assertEquals(await remaining(retried(again), 1), "new.txt old.txt");
  assertEquals(await remaining(retried(() => file), 1), "old.txt");
});

Deno.test("files.adopt() refuses what is no file, and unknown options", async () => {
  await remaining((files) => {
    for (const file of [null, undefined, "new.txt", { name: "new.txt" }, field.file()]) {
      assertThrows(
        () => files.adopt(file as never),
        TypeError,
        "Cannot adopt a file: it must be a StoredFile with a name",
      );
    }
    assertThrows(() => files.adopt(field.file("a"), { etag: "x" } as never), TypeError, "unknown option 'etag'");
    return Promise.resolve();
  });
});

Deno.test("deleteAfterCommit(field, reference) takes names, and clones of files", async () => {
  const file = field.file("old.txt");
  for (const reference of ["old.txt", structuredClone(file), JSON.parse(JSON.stringify({ file })).file, file]) {
    const work: Work = async (files) => {
      files.deleteAfterCommit(field, reference);
      await files.transaction(() => Promise.resolve());
    };
    assertEquals(await remaining(work), "new.txt", JSON.stringify(reference));
  }
  const none: Work = async (files) => {
    for (const reference of [null, undefined, "", field.file()]) files.deleteAfterCommit(field, reference);
    await files.transaction(() => Promise.resolve());
  };
  assertEquals(await remaining(none), "new.txt old.txt");
});

Deno.test("deleteAfterCommit() of a bare name or clone names the form that takes it", async () => {
  await remaining((files) => {
    for (const bare of ["old.txt", structuredClone(field.file("old.txt"))]) {
      assertThrows(
        () => files.deleteAfterCommit(bare as never),
        TypeError,
        "For a name, call deleteAfterCommit(field, name)",
      );
    }
    assertThrows(
      () => files.deleteAfterCommit(storage as never, "old.txt"),
      TypeError,
      "Cannot delete a file after the commit: the field must be a FileField",
    );
    return Promise.resolve();
  });
  const other = fileField(new MemoryStorage());
  await assertRejects(
    () => remaining((files) => Promise.resolve(files.deleteAfterCommit(other, field.file("old.txt")))),
    TypeError,
    "it is in another storage",
  );
});
