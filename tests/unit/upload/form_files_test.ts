import { assertEquals, assertRejects } from "@std/assert";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { FormFiles } from "../../../src/upload/form_files.ts";

async function saved(storage: MemoryStorage, files: FormFiles, name: string): Promise<void> {
  files.add(await storage.save(name, "of the form", { identify: true }));
}

async function names(storage: MemoryStorage): Promise<string[]> {
  return (await storage.listdir())[1].sort();
}

Deno.test("FormFiles removes its own files, and keeps replaced ones and those of other writers", async () => {
  const storage = new MemoryStorage();
  const files = new FormFiles(storage);
  await storage.save("before.txt", "old");
  for (const name of ["own.txt", "taken.txt", "before.txt"]) await saved(storage, files, name);
  await storage.save("taken.txt", "of another writer");
  assertEquals(await files.deleteAll(), new Set(["before.txt"]));
  assertEquals(await names(storage), ["before.txt", "taken.txt"]);
});

Deno.test("FormFiles.deleteOwn() deletes an earlier file of the form with that name, in any spelling", async () => {
  const storage = new MemoryStorage();
  const files = new FormFiles(storage);
  for (const name of ["a/a.txt", "b.txt"]) await saved(storage, files, name);
  await files.deleteOwn("a//a.txt");
  assertEquals([await storage.exists("a/a.txt"), await names(storage)], [false, ["b.txt"]]);
});

Deno.test("FormFiles.deleteAll() rejects with an error for each file that stays", async () => {
  const storage = new MemoryStorage();
  const files = new FormFiles(storage);
  for (const name of ["a.txt", "b.txt"]) await saved(storage, files, name);
  storage.delete = (name) => Promise.reject(new Error(`cannot delete ${name}`));
  const { errors } = await assertRejects(() => files.deleteAll(), AggregateError);
  assertEquals(errors.length, 2);
});
