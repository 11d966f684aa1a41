import { isStorageError } from "../errors.ts";
import type { IdentifiedFile } from "../storage/contract/saved_file.ts";
import type { Storage } from "../storage/storage.ts";
import { type FileAddress, objectId } from "./same_object.ts";
import type { StoredFile } from "./stored_file.ts";
import type { WithFilesOptions } from "./with_files_options.ts";

/** A file by its storage and its name at the time, since the StoredFile may be renamed later. */
export interface FileToDelete extends FileAddress {
  readonly file?: StoredFile;
  /** For a new file: the saved version, so that a later one of another writer stays. */
  readonly saved?: IdentifiedFile | undefined;
}

/** Deletes files; those that cannot be deleted are reported, and do not stop it. */
export async function removeFiles(
  files: readonly FileToDelete[],
  { onLeftBehind }: Pick<WithFilesOptions, "onLeftBehind">,
): Promise<void> {
  const remove = async (storage: Storage, names: string[]): Promise<void> =>
    await storage.deleteMany(names).catch((error) => onLeftBehind?.(names, error));
  for (const { storage, name, saved } of files) {
    if (saved === undefined) continue;
    await storage.delete(name, { ifMatch: saved }).catch((error) => {
      if (!isStorageError(error, "PreconditionFailed")) onLeftBehind?.([name], error);
    });
  }
  const old = files.filter(({ saved }) => saved === undefined);
  const objects = new Map(old.map((file) => [objectId(file) ?? file, file]));
  const named = [...objects].flatMap(([id, file]) => id === file ? [] : [file]);
  for (const storage of new Set(named.map((file) => file.storage))) {
    await remove(storage, named.filter((file) => file.storage === storage).map(({ name }) => name));
  }
  // A row may have an invalid name; the other files are still deleted.
  for (const [id, { storage, name }] of objects) if (typeof id !== "string") await remove(storage, [name]);
}
