import { isStorageError } from "../../errors.ts";
import { abortWith } from "../../kit/async/on_abort.ts";
import { Pool } from "../../kit/async/pool.ts";
import type { Storage } from "../storage.ts";

/** Concurrent requests. */
const CONCURRENCY = 8;

/**
 * Deletes files as `deleteMany` does. Ceph RGW checks the permission for a request with many keys on the bucket, and denies
 * it to users who may delete each object; the files that are denied are then deleted one by one.
 *
 * @throws The error of the first file that cannot be deleted alone either.
 */
export async function deleteAll(storage: Storage, names: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await storage.deleteMany(names, { signal });
  } catch (error) {
    const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    if (!errors.some((error) => isStorageError(error, "PermissionDenied"))) throw error;
    const failed = new Set(errors.map((error) => isStorageError(error) ? error.key : undefined));
    const denied = names.filter((name) => failed.has(storage.location + name));
    // All of them if an error names no file, or another key: a wrapper may have changed it.
    const left = failed.has(undefined) || denied.length < failed.size ? names : denied;
    const stop = new AbortController();
    const unlink = abortWith(stop, signal);
    const pool = new Pool(CONCURRENCY, (reason) => stop.abort(reason));
    try {
      for (const name of left) await pool.add(() => storage.delete(name, { signal: stop.signal }));
    } finally {
      await pool.drain().finally(unlink);
    }
  }
}
