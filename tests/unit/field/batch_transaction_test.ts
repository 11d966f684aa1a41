import { assertEquals, assertThrows } from "@std/assert";
import { batchTransaction, fileField, withFiles } from "../../../src/field/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";

/** Adds two statements, and returns the results, the error, and the remaining files. */
async function ran<Results>(
  run: (statements: string[]) => Promise<Results>,
  statements = ["first", "second"],
): Promise<{ results?: Results; error?: string; names: string[] }> {
  const storage = new MemoryStorage();
  const field = fileField(storage);
  await field.save("old.txt", "old");
  const outcome = await withFiles(batchTransaction(run), async (files) => {
    await files.save(field, "new.txt", "new");
    const { results } = await files.transaction((batch) => {
      assertThrows(() => batch.results, TypeError, "Cannot read the results of a batch");
      batch.add(...statements);
      files.deleteAfterCommit(field, "old.txt");
      return Promise.resolve(batch);
    });
    return { results };
  }).catch((error) => ({ error: String(error) }));
  return { ...outcome, names: (await storage.listdir())[1].sort() };
}

Deno.test("batchTransaction() runs the collected statements after the body, and has their results", async () => {
  const outcome = await ran((statements) => Promise.resolve(statements.map((text) => `did ${text}`)));
  assertEquals(outcome, { results: ["did first", "did second"], names: ["new.txt"] });
});

Deno.test("batchTransaction() deletes the new file if the database refuses, and keeps both if the response is lost", async () => {
  const refused = new Error("D1_ERROR: UNIQUE constraint failed: users.avatar: SQLITE_CONSTRAINT");
  assertEquals(await ran(() => Promise.reject(refused)), { error: String(refused), names: ["old.txt"] });
  const lost = new Error("D1_ERROR: Network connection lost.");
  assertEquals(await ran(() => Promise.reject(lost)), { error: String(lost), names: ["new.txt", "old.txt"] });
});

Deno.test("batchTransaction() sends nothing without statements", async () => {
  let calls = 0;
  const { error } = await ran(() => Promise.resolve(calls++), []);
  assertEquals([calls, error?.includes("or it had no statements")], [0, true]);
});

Deno.test("batchTransaction() lets the results decide which file is deleted", async () => {
  const storage = new MemoryStorage();
  const field = fileField(storage);
  for (const changes of [0, 1]) {
    const old = await field.save("old.txt", "old");
    await withFiles(batchTransaction((_: string[]) => Promise.resolve({ changes })), async (files) => {
      const file = await files.save(field, "new.txt", "new");
      const batch = await files.transaction((batch) => Promise.resolve(batch).finally(() => batch.add("update")));
      files.deleteAfterCommit(batch.results.changes === 1 ? old : file);
    });
    assertEquals(await storage.listdir(), [[], [changes === 1 ? "new.txt" : "old.txt"]]);
  }
});

Deno.test("batchTransaction() refuses what is no function", () => {
  assertThrows(() => batchTransaction({} as never), TypeError, "its argument must be a function that runs statements");
});
