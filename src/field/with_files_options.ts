import type { SaveContent } from "../storage/content/content.ts";
import type { FileField } from "./file_field.ts";
import type { FileSaveOptions, StoredFile } from "./stored_file.ts";

/**
 * What runs a function in a transaction of a database: commits when it ends, rolls back and rejects when it throws.
 *
 * @example
 * ```ts
 * import { type Transaction, withFiles } from "@storages/s3/field";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * const transaction: Transaction<string[]> = async (body) => { // or: (body) => prisma.$transaction(body)
 *   log.push("begin");
 *   const result = await body(log);
 *   log.push("commit");
 *   return result;
 * };
 * await withFiles(transaction, (files) => files.transaction(async (log) => void log.push("work")));
 * assertEquals(log, ["begin", "work", "commit"]);
 * ```
 */
export type Transaction<Tx> = <T>(body: (tx: Tx) => Promise<T>) => Promise<T>;

/**
 * How files and a transaction go together.
 *
 * @example
 * ```ts
 * import { fileField, withFiles, type WithFilesOptions } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * storage.deleteMany = () => Promise.reject(new Error("the network is down"));
 * const left: string[] = [];
 * const options: WithFilesOptions = { onLeftBehind: (names) => left.push(...names) };
 * await withFiles((body) => body(undefined), (files) => {
 *   return files.transaction(() => Promise.resolve(files.deleteAfterCommit(fileField({ storage }).file("old.txt"))));
 * }, options);
 * assertEquals(left, ["old.txt"]);
 * ```
 */
export interface WithFilesOptions<Tx = unknown> {
  /**
   * Is told which files could not be removed, and why; `removeOrphans` removes them later.
   *
   * It is no reason for `withFiles` to fail: what became of the transaction is settled by then.
   */
  readonly onLeftBehind?: ((names: readonly string[], error: unknown) => void) | undefined;
  /**
   * Runs a last statement in the transaction, after its body and before COMMIT: `select 1`.
   *
   * After a failed statement PostgreSQL answers COMMIT with ROLLBACK, and many libraries take that for a success. Where the
   * body has swallowed the error, this statement rejects, and so does the transaction. Needed with node-postgres, Prisma,
   * TypeORM, Sequelize, MikroORM and Kysely before 0.28.19; `@storages/s3/drizzle` and `@storages/s3/kysely` do it.
   */
  readonly verify?: ((tx: Tx) => PromiseLike<unknown>) | undefined;
  /**
   * Tells whether a transaction that rejected certainly was rolled back. `true`: new files are removed. `false`: all files
   * stay. `undefined`: the error's code decides, as {@linkcode withFiles} says.
   */
  readonly isRolledBack?: ((error: unknown) => boolean | undefined) | undefined;
}

/**
 * What happens to files around one transaction; {@linkcode withFiles} makes it.
 *
 * @example
 * ```ts
 * import { fileField, type FileTransaction, withFiles } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const avatar = fileField({ storage: new MemoryStorage() });
 * async function upload(files: FileTransaction<unknown>): Promise<void> {
 *   await files.save(avatar, "me.png", "…");
 *   // There is no transaction after all, so nothing refers to the file, and it is removed.
 * }
 * await withFiles((body) => body(undefined), upload);
 * assertEquals(await avatar.storage.exists("me.png"), false);
 * ```
 */
export interface FileTransaction<Tx> {
  /**
   * Stores a file, always under a new name: what has its name already may have to stay. Where the server does not honour
   * `If-None-Match`, two who save at once may get the same name: let `uploadTo` make names that nobody else makes.
   *
   * @returns The file, to put on a record in the transaction.
   */
  save<R>(
    field: FileField<R>,
    name: string,
    content: SaveContent,
    ...options: undefined extends R ? [options?: FileSaveOptions<R>] : [options: FileSaveOptions<R>]
  ): Promise<StoredFile>;
  /**
   * Runs the transaction.
   *
   * @param body What is done in it. It may be called again, where the database's library retries: then the files of calls
   * that threw are removed, and what they wanted removed is forgotten.
   * @throws {TypeError} If there was one already.
   */
  transaction<T>(body: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Removes a file once the transaction has committed. Say it when nothing refers to the file any more: also not
   * another record, nor this one because a savepoint was rolled back.
   */
  deleteAfterCommit(file: StoredFile | null | undefined): void;
}
