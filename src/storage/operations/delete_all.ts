import { isStorageError } from "../../errors.ts";
import { anySignal } from "../../kit/async/any_signal.ts";
import { Pool } from "../../kit/async/pool.ts";
import type { Storage } from "../storage.ts";

/** Requests under way at once. */
const CONCURRENCY = 8;

/**
 * Removes files, as `deleteMany` does, also where a server judges a request for many by the bucket, as Ceph RGW does: there
 * who may remove each file alone is refused for all, and so those that are left are removed one by one.
 *
 * @throws What the first one failed with that may not be removed alone either.
 */
export async function deleteAll(storage: Storage, names: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await storage.deleteMany(names, { signal });
  } catch (error) {
    const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    if (!errors.some((error) => isStorageError(error, "PermissionDenied"))) throw error;
    const failed = new Set(errors.map((error) => isStorageError(error) ? error.key : undefined));
    const left = failed.has(undefined) ? names : names.filter((name) => failed.has(storage.location + name));
    const stop = new AbortController();
    const either = anySignal(signal, stop.signal);
    const pool = new Pool(CONCURRENCY, (reason) => stop.abort(reason));
    try {
      for (const name of left) await pool.add(() => storage.delete(name, { signal: either }));
    } finally {
      await pool.drain();
    }
  }
}
