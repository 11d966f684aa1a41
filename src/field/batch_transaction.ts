import { formatValue } from "../kit/values/format_value.ts";
import type { Transaction } from "./with_files_options.ts";

/**
 * The statements of one batch, which {@linkcode batchTransaction} passes to the body of a transaction.
 *
 * @example
 * ```ts
 * import { batchTransaction, type FileBatch, withFiles } from "@storages/s3/field";
 * import { assertEquals } from "@std/assert";
 *
 * const transaction = batchTransaction((statements: string[]) => Promise.resolve(statements.length));
 * const batch = await withFiles(transaction, (files) =>
 *   files.transaction((batch: FileBatch<string, number>) => {
 *     batch.add("delete from users where id = 7", "delete from pets where owner = 7");
 *     return Promise.resolve(batch);
 *   }));
 * assertEquals(batch.results, 2);
 * ```
 */
export interface FileBatch<Statement, Results> {
  /** Adds statements, which run after the body, in this order and as one transaction. */
  add(...statements: Statement[]): void;
  /**
   * What the driver returned for the batch.
   *
   * @throws {TypeError} If the batch has not been committed yet, or had no statements.
   */
  readonly results: Results;
}

/**
 * Makes a transaction for {@linkcode withFiles} of a driver that has no transactions, but runs a batch of statements as one:
 * Cloudflare D1, Neon over HTTP, libSQL. The body collects the statements, and the driver gets them once it has ended.
 *
 * A batch cannot decide anything by what it reads. Let its statements compare what was read before, and look at the results
 * after the transaction: if a statement changed no row, call `deleteAfterCommit` for the new file instead of the old one.
 *
 * If the database refuses the batch, new files are deleted. If its response is lost, all files stay.
 *
 * @param run Runs the statements as one transaction, and rejects if it is rolled back. Not called without statements.
 * @returns The first argument of `withFiles`.
 * @throws {TypeError} If the argument is not a function.
 *
 * @example
 * ```ts
 * import { batchTransaction, fileField, withFiles } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * const avatar = fileField(storage);
 * // With D1: batchTransaction((statements: D1PreparedStatement[]) => env.DB.batch(statements))
 * const transaction = batchTransaction((statements: string[]) => Promise.resolve(statements.map(() => ({ changes: 0 }))));
 *
 * await withFiles(transaction, async (files) => {
 *   const picture = await files.save(avatar, "me.png", "…");
 *   const batch = await files.transaction((batch) => {
 *     batch.add(`update users set avatar = '${picture}' where id = 7`);
 *     return Promise.resolve(batch);
 *   });
 *   if (batch.results[0]?.changes === 0) files.deleteAfterCommit(picture); // the user does not exist
 * });
 * assertEquals(await storage.exists("me.png"), false);
 * ```
 */
export function batchTransaction<Statement, Results>(
  run: (statements: Statement[]) => PromiseLike<Results>,
): Transaction<FileBatch<Statement, Results>> {
  if (typeof run !== "function") {
    throw new TypeError(
      `Cannot make a batch transaction: its argument must be a function that runs statements, got ${formatValue(run)}`,
    );
  }
  return async (body) => {
    const statements: Statement[] = [];
    let done: { readonly results: Results } | undefined;
    const result = await body({
      add: (...more) => void statements.push(...more),
      get results(): Results {
        if (done !== undefined) return done.results;
        throw new TypeError(
          "Cannot read the results of a batch: it has not been committed, or it had no statements",
        );
      },
    });
    if (statements.length > 0) done = { results: await run(statements) };
    return result;
  };
}
