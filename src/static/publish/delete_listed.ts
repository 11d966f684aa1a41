import { isStorageError } from "../../errors.ts";
import { Pool } from "../../kit/async/pool.ts";
import { deleteAll } from "../../storage/operations/delete_all.ts";
import type { Storage } from "../../storage/storage.ts";

/** Concurrent requests. */
const CONCURRENCY = 16;

/** More files than these are compared by listing the storage again, 1,000 files per request. */
const MAX_SINGLE_DELETES = 100;

/**
 * Deletes listed files, except those that another writer has stored since.
 *
 * @param etags The listed ETag of each file.
 * @returns The names that were kept, because their ETag differs now.
 */
export async function deleteListed(
  storage: Storage,
  etags: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  if (etags.size <= MAX_SINGLE_DELETES) {
    try {
      return await deleteEach(storage, etags, signal);
    } catch (error) {
      // Credentials that may list and delete may lack the permission to read, which a conditional delete needs.
      if (!isStorageError(error, "PermissionDenied")) throw error;
    }
  }
  const now = await listedEtags(storage, [...etags.keys()], signal);
  const kept = new Set([...now].filter(([name, etag]) => etag !== etags.get(name)).map(([name]) => name));
  const removed = [...now.keys()].filter((name) => !kept.has(name));
  if (removed.length > 0) await deleteAll(storage, removed, signal);
  return kept;
}

/** Deletes each file by a request with its ETag as a precondition. */
async function deleteEach(
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
