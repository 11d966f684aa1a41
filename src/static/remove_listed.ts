import { isStorageError } from "../errors.ts";
import { Pool } from "../kit/pool.ts";
import { deleteAll } from "../storage/delete_all.ts";
import type { Storage } from "../storage/storage.ts";

/** Requests under way at once. */
const CONCURRENCY = 16;

/** More files than these are compared by listing the place once more, a thousand a request. */
const MOST_LOOKS = 100;

/**
 * Removes files that were listed, but none that was written since: it belongs to whoever wrote it.
 *
 * This looks at the ETags and then removes. Where a storage deletes by ETag, that belongs in here, and nowhere else: it
 * closes the moment between the two.
 *
 * @param etags The ETag that each file was listed with.
 * @returns The names that stay, as they have another ETag now.
 */
export async function removeListed(
  storage: Storage,
  etags: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const now = await currentEtags(storage, [...etags.keys()], signal);
  const kept = new Set([...now].filter(([name, etag]) => etag !== etags.get(name)).map(([name]) => name));
  const removed = [...now.keys()].filter((name) => !kept.has(name));
  if (removed.length > 0) await deleteAll(storage, removed, signal);
  return kept;
}

/** The ETags of those files that are still there. */
async function currentEtags(
  storage: Storage,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (names.length > MOST_LOOKS) return await listedEtags(storage, names, signal);
  const etags = new Map<string, string>();
  const pool = new Pool(CONCURRENCY, () => {});
  const look = async (name: string): Promise<void> => {
    try {
      etags.set(name, (await storage.stat(name, { signal })).etag);
    } catch (error) {
      if (!isStorageError(error, "NotFound")) throw error;
    }
  };
  try {
    for (const name of names) await pool.add(() => look(name));
    await pool.drain();
  } catch (error) {
    await pool.drain().catch(() => {});
    // Who may list and delete need not have the permission to read.
    if (isStorageError(error, "PermissionDenied")) return await listedEtags(storage, names, signal);
    throw error;
  }
  return etags;
}

async function listedEtags(
  storage: Storage,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const wanted = new Set(names);
  const etags = new Map<string, string>();
  for await (const { name, etag } of storage.list("", { recursive: true, signal })) {
    if (wanted.has(name)) etags.set(name, etag);
  }
  return etags;
}
