import { assertEquals } from "@std/assert";
import { LocalStorage, type LocalStorageOptions } from "../../../src/storage/local/local_storage.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { inTempFolder } from "../temp_folder.ts";

/** Runs with a storage in a new folder. At the end no file may be open, and no partial file may be left. */
export async function withStorage(
  run: (storage: LocalStorage, folder: string) => Promise<void>,
  options: LocalStorageOptions = {},
): Promise<void> {
  await inTempFolder(async (_names, around) => {
    const folder = `${around}/files`;
    await run(new LocalStorage(folder, options), folder);
    const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => []);
    assertEquals(left.filter((name) => name.startsWith(".storages-")), []);
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  });
}

/** The names of all stored files. */
export async function names(storage: Storage, folder = ""): Promise<string[]> {
  return (await Array.fromAsync(storage.list(folder, { recursive: true }))).map(({ name }) => name);
}
