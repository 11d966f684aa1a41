import { isStorageError } from "../errors.ts";
import { Pool } from "../kit/async/pool.ts";
import { unlessAborted } from "../kit/async/unless_aborted.ts";
import type { DeleteOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";
import { type FileAddress, objectId } from "./same_object.ts";
import type { StoredFile } from "./stored_file.ts";
import type { WithFilesOptions } from "./with_files_options.ts";

/** Requests that delete files at the same time. */
const CONCURRENCY = 8;

/** A file by its storage and its name at the time, since the StoredFile may be renamed later. */
export interface FileToDelete extends FileAddress {
  readonly file?: StoredFile | undefined;
  /** For a new file: the saved version, so that a later one of another writer stays. */
  readonly ifMatch?: DeleteOptions["ifMatch"];
}

/** Deletes files; those that cannot be deleted, or not before the signal is aborted, are reported, and do not stop it. */
export async function removeFiles(
  files: readonly FileToDelete[],
  { onLeftBehind, signal }: Pick<WithFilesOptions, "onLeftBehind" | "signal">,
): Promise<void> {
  const pool = new Pool(CONCURRENCY, () => {});
  const remove = async (names: readonly string[], request: () => Promise<void>): Promise<void> => {
    await pool.add(async () => {
      try {
        await unlessAborted(signal, request);
      } catch (error) {
        await report(names, error);
      }
    });
  };
  const report = async (names: readonly string[], error: unknown): Promise<void> => {
    if (isStorageError(error, "PreconditionFailed")) return; // the file of another writer
    try {
      await onLeftBehind?.(names, error);
    } catch {
      // The outcome of the transaction is final: a failing log must not look like a rollback.
    }
  };
  const removeMany = (storage: Storage, names: string[]): Promise<void> =>
    remove(names, () => storage.deleteMany(names, { signal }));
  for (const { storage, name, ifMatch } of files) {
    if (ifMatch !== undefined) await remove([name], () => storage.delete(name, { ifMatch, signal }));
  }
  const old = files.filter(({ ifMatch }) => ifMatch === undefined);
  const objects = new Map(old.map((file) => [objectId(file) ?? file, file]));
  const named = [...objects].flatMap(([id, file]) => id === file ? [] : [file]);
  for (const storage of new Set(named.map((file) => file.storage))) {
    await removeMany(storage, named.filter((file) => file.storage === storage).map(({ name }) => name));
  }
  // A row may have an invalid name; the other files are still deleted.
  for (const [id, { storage, name }] of objects) if (typeof id !== "string") await removeMany(storage, [name]);
  await pool.drain();
}
