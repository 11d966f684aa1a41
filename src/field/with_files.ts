import { removeFiles } from "./file_to_delete.ts";
import { TransactionFiles } from "./transaction_files.ts";
import type { FileTransaction, Transaction, WithFilesOptions } from "./with_files_options.ts";

/**
 * Saves and removes files together with a transaction of a database, in the order in which nothing is lost: new files
 * are stored before it, and old ones removed after it has committed.
 *
 * - Committed: what was to be removed is removed.
 * - Rolled back, or never begun: the new files are removed, the old ones stay.
 * - Unknown, because the connection broke while it committed: all files stay. {@linkcode removeOrphans} finds the one that
 *   nothing refers to, as it does after a crash.
 *
 * A transaction was rolled back if its body threw. If it rejects after its body has ended, the error decides: it was rolled
 * back for SQLSTATE of the classes 21, 22, 23, 25, 40 (but 40003), 42, 44 and P0, for SQLITE_BUSY and SQLITE_CONSTRAINT,
 * for 1205 and 1213 of MySQL, and for what Prisma makes of these; `isRolledBack` says what else. So nothing that can fail
 * with such an error may follow the commit in `transaction`. If it rejects or resolves while its body still runs, all files
 * stay.
 *
 * Give `verify` where PostgreSQL's answer to COMMIT is not looked at. There are versions of this for databases of Drizzle
 * and Kysely, in `@storages/s3/drizzle` and `@storages/s3/kysely`, which do so. On MySQL let the errors of deadlocks
 * leave the body: MySQL has ended the transaction by then, and what follows would be committed by itself.
 *
 * @param transaction How a transaction is run. It must wait for the body; those of better-sqlite3 and `bun:sqlite` do not.
 * @param work Saves files, then calls `files.transaction`, once. Uploads do not hold the transaction open so.
 * @param options What to check before the commit, what counts as rolled back, and what to do with files that could not be
 * removed.
 * @returns What the work returns.
 * @throws {TypeError} If the transaction resolves before its body has ended.
 *
 * @example
 * ```ts
 * import { fileField, type Transaction, withFiles } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * const avatar = fileField({ storage, uploadTo: "avatars" });
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
  const state = new TransactionFiles(transaction, options);
  try {
    return await work(state);
  } finally {
    await removeFiles(await state.unwanted(), options);
  }
}
