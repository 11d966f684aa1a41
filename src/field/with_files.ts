import { TimeoutError } from "../errors.ts";
import { hold } from "../kit/async/hold.ts";
import { abortWith } from "../kit/async/on_abort.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { setDeadline } from "../runtime/deadlines.ts";
import { removeFiles } from "./file_to_delete.ts";
import { TransactionFiles } from "./transaction_files.ts";
import { checkWithFiles, type FileTransaction, type Transaction, type WithFilesOptions } from "./with_files_options.ts";

/**
 * Saves and deletes files together with a database transaction, in an order that loses no file: new files are stored before
 * it, and old files are deleted after it has committed.
 *
 * - Committed: the files of `deleteAfterCommit` are deleted.
 * - Rolled back, or never begun: the new files are deleted, the old ones stay.
 * - Unknown, because the connection broke during the commit: all files stay. {@linkcode deleteOrphans} finds the files that
 *   nothing refers to, as it does after a crash.
 *
 * A transaction was rolled back if its body threw. If it rejects after its body has ended, the error decides: it was rolled
 * back for SQLSTATE classes 21, 22, 23, 25, 40 (except 40003), 42, 44 and P0, for SQLITE_BUSY and SQLITE_CONSTRAINT, for 1205
 * and 1213 of MySQL, and for Prisma's codes for these; `isRolledBack` can add others. So `transaction` must not do anything
 * after the commit that can fail with such an error. If it rejects or resolves while its body still runs, all files stay.
 *
 * Pass `verify` if the database library ignores PostgreSQL's response to COMMIT. The versions for Drizzle and Kysely databases,
 * in `@storages/s3/drizzle` and `@storages/s3/kysely`, do so by themselves. On MySQL do not catch deadlock errors in the body:
 * MySQL has already ended the transaction, and later statements would be committed one by one.
 *
 * @param transaction Runs a transaction. It must await the body; the transactions of better-sqlite3 and `bun:sqlite` do not.
 * @param work Saves files, then calls `files.transaction`, once. So the transaction is not open during uploads.
 * @param options What to verify before the commit, which errors mean a rollback, how long files are deleted, and how to handle
 * files that could not be deleted.
 * @returns The result of `work`. If `work` rejects, saves that are still running are aborted first.
 * @throws {TypeError} If an argument is of the wrong kind, an option is unknown, or the transaction resolves before its body
 * has ended.
 * @throws {RangeError} If `deleteTimeoutSeconds` is not a number of 0 or more.
 *
 * @example
 * ```ts
 * import { fileField, type Transaction, withFiles } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * const avatar = fileField(storage, { uploadTo: "avatars" });
 * const table = new Map([[7, avatar.file(await storage.save("avatars/old.png", "…"))]]);
 * const transaction: Transaction<typeof table> = (body) => body(table); // a database would roll back what throws
 *
 * await assertRejects(() =>
 *   withFiles(transaction, async (files) => {
 *     await files.save(avatar, "new.png", "…");
 *     await files.transaction(() => Promise.reject(new Error("no such user")));
 *   }), Error, "no such user");
 * assertEquals(await storage.listdir("avatars"), [[], ["old.png"]]);
 *
 * await withFiles(transaction, async (files) => {
 *   const picture = await files.save(avatar, "new.png", "…");
 *   await files.transaction(async (table) => {
 *     files.deleteAfterCommit(table.get(7));
 *     table.set(7, picture);
 *   });
 * });
 * assertEquals(await storage.listdir("avatars"), [[], ["new.png"]]);
 * ```
 */
export async function withFiles<Tx, T>(
  transaction: Transaction<Tx>,
  work: (files: FileTransaction<Tx>) => Promise<T>,
  options: WithFilesOptions<Tx> = {},
): Promise<T> {
  if (typeof transaction !== "function") {
    throw new TypeError(
      `Cannot use withFiles: the first argument must be a function that runs a transaction, got ${
        formatValue(transaction)
      }`,
    );
  }
  checkWithFiles(work, options);
  options.signal?.throwIfAborted();
  const release = options.waitUntil && hold(options.waitUntil);
  const state = new TransactionFiles(transaction, options);
  try {
    return await work(state);
  } catch (error) {
    state.abortSaves(error);
    throw error;
  } finally {
    const deleting = deleteUnreferenced(state, options).finally(release);
    if (release === undefined) await deleting;
  }
}

/** The default of `deleteTimeoutSeconds`. */
const DELETE_TIMEOUT_SECONDS = 30;

/** Deletes the files that nothing refers to after the transaction, and never rejects. */
async function deleteUnreferenced<Tx>(state: TransactionFiles<Tx>, options: WithFilesOptions<Tx>): Promise<void> {
  const { signal, deleteTimeoutSeconds = DELETE_TIMEOUT_SECONDS } = options;
  await state.unabortedSaves();
  const controller = new AbortController();
  const expire = (): void => {
    const message = `Files were not deleted within ${deleteTimeoutSeconds} s`;
    controller.abort(new TimeoutError(message, { operation: "withFiles" }));
  };
  let cancel: (() => void) | undefined;
  if (deleteTimeoutSeconds === 0) expire();
  else if (deleteTimeoutSeconds !== Infinity) cancel = setDeadline(deleteTimeoutSeconds, expire);
  // New files are deleted after an abort, too.
  const forget = signal?.aborted ? undefined : abortWith(controller, signal);
  try {
    await removeFiles(await state.unreferenced(controller.signal), { ...options, signal: controller.signal });
  } finally {
    cancel?.();
    forget?.();
    state.end();
  }
}
