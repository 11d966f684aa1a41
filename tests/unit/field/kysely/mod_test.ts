import { assert, assertEquals, assertRejects } from "@std/assert";
import { FilePlugin, withFiles } from "../../../../src/field/kysely/mod.ts";
import { fileField, type FileTransaction, StoredFile } from "../../../../src/field/mod.ts";
import { MemoryStorage } from "../../../../src/storage/memory/memory_storage.ts";

const noWork = (files: FileTransaction<object>): Promise<void> => files.transaction(() => Promise.resolve());

Deno.test("withFiles() runs select 1 by executeQuery()", async () => {
  const over = (tx: object): { transaction(): { execute<T>(body: (tx: object) => Promise<T>): Promise<T> } } => ({
    transaction: () => ({ execute: (body) => body(tx) }),
  });
  const log: { sql: string }[] = [];
  await withFiles(over({ executeQuery: (query: { sql: string }) => Promise.resolve(log.push(query)) }), noWork);
  assertEquals(log.map(({ sql }) => sql), ["select 1"]);
  await assertRejects(() => withFiles(over({}), noWork), TypeError, "Pass a verify option to withFiles");
});

Deno.test("FilePlugin converts strings in a field's column to files, and no other columns and values", async () => {
  const plugin = new FilePlugin({ avatar: fileField(new MemoryStorage()) });
  const rows: Record<string, unknown>[] = [{ avatar: "a.png", name: "b.png" }, { avatar: null }, { avatar: 7 }];
  const [first, ...others] = (await plugin.transformResult({ result: { rows } })).rows;
  assert(first!.avatar instanceof StoredFile);
  assertEquals([first!.avatar.name, first!.name, others], ["a.png", "b.png", [{ avatar: null }, { avatar: 7 }]]);
});
