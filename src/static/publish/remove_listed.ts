import { isStorageError } from "../../errors.ts";
import { Pool } from "../../kit/async/pool.ts";
import { deleteAll } from "../../storage/delete_all.ts";
import type { Storage } from "../../storage/storage.ts";

/** Requests under way at once. */
const CONCURRENCY = 16;

/** More files than these are compared by listing the place once more, a thousand a request. */
const MOST_LOOKS = 100;

/**
 * Removes files that were listed, but none that another writer has stored since.
 *
 * @param etags The ETag that each file was listed with.
 * @returns The names that stay, as they have another ETag now.
 */
export async function removeListed(
  storage: Storage,
  etags: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  if (etags.size <= MOST_LOOKS) {
    try {
      return await removeEach(storage, etags, signal);
    } catch (error) {
      // Who may list and delete need not have the permission to read, which looking at a file takes.
      if (!isStorageError(error, "PermissionDenied")) throw error;
    }
  }
  const now = await listedEtags(storage, [...etags.keys()], signal);
  const kept = new Set([...now].filter(([name, etag]) => etag !== etags.get(name)).map(([name]) => name));
  const removed = [...now.keys()].filter((name) => !kept.has(name));
  if (removed.length > 0) await deleteAll(storage, removed, signal);
  return kept;
}

/** Removes each file by a request of its own, under the condition of its ETag. */
async function removeEach(
  storage: Storage,
  etags: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  const pool = new Pool(CONCURRENCY, () => {});
  try {
    for (const [name, ifMatch] of etags) {
      await pool.add(async () => {
        await storage.delete(name, { ifMatch, signal }).catch((error) => {
          if (!isStorageError(error, "PreconditionFailed")) throw error;
          kept.add(name);
        });
      });
    }
    await pool.drain();
  } catch (error) {
    await pool.drain().catch(() => {});
    throw error;
  }
  return kept;
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
