import { assertEquals } from "@std/assert";
import { type FileToDelete, removeFiles } from "../../../src/field/file_to_delete.ts";
import type { IdentifiedFile } from "../../../src/storage/contract/saved_file.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";

Deno.test("removeFiles() keeps a new file that another writer has replaced", async () => {
  const storage = new MemoryStorage();
  const saves: IdentifiedFile[] = [];
  for (const name of ["a.txt", "b.txt"]) saves.push(await storage.save(name, "new", { identify: true }));
  await storage.save("b.txt", "of another writer");
  const files = saves.map((saved): FileToDelete => ({ storage, name: saved.name, ifMatch: saved }));
  await removeFiles(files, { onLeftBehind: (names) => assertEquals(names, []) });
  assertEquals(await storage.listdir(), [[], ["b.txt"]]);
});

Deno.test("removeFiles() removes each old object once, and reports names that cannot be removed", async () => {
  const storage = new MemoryStorage();
  await storage.save("a/b.txt", "old");
  const left: string[] = [];
  const names = ["a/b.txt", "a//b.txt", "../c.txt"];
  await removeFiles(names.map((name) => ({ storage, name })), { onLeftBehind: (names) => left.push(...names) });
  assertEquals([await storage.exists("a/b.txt"), left], [false, ["../c.txt"]]);
});
