import type { Storage } from "../../storage/storage.ts";
import type { CollectCall } from "../collect_options.ts";
import { warn } from "../progress.ts";

/** A `LocalStorage`, whose module most sites do not need. */
interface FolderStorage {
  deleteIncomplete(options: { readonly signal: AbortSignal }): Promise<unknown>;
}

/**
 * Deletes the incomplete files that killed runs left in a target on disk a day ago or earlier. A failure is a warning, since
 * all files are stored.
 */
export async function deleteIncomplete({ storage, onProgress }: CollectCall, signal: AbortSignal): Promise<void> {
  const folder = folderOf(storage);
  if (folder === undefined) return;
  try {
    await folder.deleteIncomplete({ signal });
  } catch (error) {
    signal.throwIfAborted();
    const message = `Cannot delete the incomplete files of killed runs: ${(error as Error).message}`;
    warn({ onProgress }, "", message);
  }
}

function folderOf(storage: Storage): FolderStorage | undefined {
  const { deleteIncomplete, storage: inner } = storage as Partial<FolderStorage> & { readonly storage?: Storage };
  if (typeof deleteIncomplete === "function") return storage as unknown as FolderStorage;
  return inner === undefined ? undefined : folderOf(inner);
}
