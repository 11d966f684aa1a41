import { formatValue } from "../kit/values/format_value.ts";
import { checkOptions } from "../kit/values/options.ts";
import type { SaveContent } from "../storage/content/content.ts";
import type { CallOptions, DeleteOptions } from "../storage/contract/options.ts";
import type { FileField, FileReference } from "./file_field.ts";
import type { FileSaveOptions, NewFileOptions } from "./save_options.ts";
import type { StoredFile } from "./stored_file.ts";

/**
 * Runs a function in a database transaction: commits when it resolves, rolls back and rejects when it rejects.
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
 * Options of {@linkcode withFiles}.
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
 *   return files.transaction(() => Promise.resolve(files.deleteAfterCommit(fileField(storage).file("old.txt"))));
 * }, options);
 * assertEquals(left, ["old.txt"]);
 * ```
 */
export interface WithFilesOptions<Tx = unknown> extends CallOptions {
  /**
   * Aborts the saves, and the wait for deletions. A transaction that has begun is not aborted, but none begins afterwards.
   * After an abort, new files are still deleted, for at most `deleteTimeoutSeconds`.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * The most seconds that deletions may take once the transaction has ended. The other files are left behind. `0` deletes no
   * file, and leaves all of them to `deleteOrphans`; `Infinity` is no limit.
   * @default {30}
   */
  readonly deleteTimeoutSeconds?: number | undefined;
  /**
   * Deletes files in the background: `withFiles` returns as soon as `work` has ended. Pass `(work) => ctx.waitUntil(work)` on
   * a Worker. It is called once, before `work`, with a promise that resolves after the deletions; if it throws, nothing is
   * done.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /**
   * Receives the names of files that could not be deleted, and the error. `deleteOrphans` can delete them later.
   *
   * `withFiles` does not reject for them, since the outcome of the transaction is final. It waits for a returned promise, and
   * ignores errors of this function.
   */
  readonly onLeftBehind?: ((names: readonly string[], error: unknown) => unknown) | undefined;
  /**
   * Runs a last statement in the transaction, after its body and before COMMIT, such as `select 1`.
   *
   * After a failed statement PostgreSQL responds to COMMIT with ROLLBACK, and many libraries report that as a success. If the
   * body caught the error, this statement rejects, and so does the transaction. Needed with node-postgres, Prisma, TypeORM,
   * Sequelize, MikroORM and Kysely before 0.28.19. `@storages/s3/drizzle` and `@storages/s3/kysely` do it by themselves.
   */
  readonly verify?: ((tx: Tx) => PromiseLike<unknown>) | undefined;
  /**
   * Decides whether a rejected transaction was certainly rolled back. `true`: new files are deleted. `false`: all files stay.
   * `undefined`: the error's code decides, as described at {@linkcode withFiles}. If it throws, all files stay.
   */
  readonly isRolledBack?: ((error: unknown) => boolean | undefined) | undefined;
}

/**
 * Saves and deletes files together with one database transaction; {@linkcode withFiles} creates it.
 *
 * @example
 * ```ts
 * import { fileField, type FileTransaction, withFiles } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const avatar = fileField(new MemoryStorage());
 * async function upload(files: FileTransaction<unknown>): Promise<void> {
 *   await files.save(avatar, "me.png", "…");
 *   // No transaction follows, so nothing refers to the file, and it is deleted.
 * }
 * await withFiles((body) => body(undefined), upload);
 * assertEquals(await avatar.storage.exists("me.png"), false);
 * ```
 */
export interface FileTransaction<Tx> {
  /**
   * Stores a file, always under a new name, since an existing file may have to stay. If the server does not support
   * `If-None-Match`, two concurrent saves may get the same name: let `uploadTo` make unique names.
   *
   * @param field The field of the file.
   * @param name The name, made safe by `Storage.generateFilename`; it may have folders.
   * @param content The content to store.
   * @param options How to store it, and the record for `uploadTo`.
   * @returns The file, to assign to a record in the transaction.
   * @throws {TypeError} If the first argument is not a field, the name is not a string, or an option is unknown.
   */
  save<R>(
    field: FileField<R>,
    name: string,
    content: SaveContent,
    ...options: undefined extends R ? [options?: NewFileOptions<FileSaveOptions<R>>]
      : [options: NewFileOptions<FileSaveOptions<R>>]
  ): Promise<StoredFile<R>>;
  /**
   * Takes a file that was stored by other means, such as an upload of a browser, `handleUpload` or `copy`, as if `save` had
   * stored it: it is deleted unless the transaction commits. Sends no request.
   *
   * No record may refer to the file yet. If its name comes from a client, check that it is one that you gave to this client:
   * a rollback would delete any other file.
   *
   * @param file The file, such as `field.file(name)`.
   * @param options `ifMatch`: the ETag or the saved file. A file that another writer has replaced is then not deleted.
   * @returns The file, to assign to a record in the transaction.
   * @throws {TypeError} If it is not a StoredFile, refers to no file, or an option is unknown.
   */
  adopt<File extends StoredFile>(file: File, options?: AdoptOptions): File;
  /**
   * Runs the transaction.
   *
   * @param body The body of the transaction. A database library may call it again to retry: then the files saved by calls
   * that threw are deleted, and their calls of `deleteAfterCommit` do not count.
   * @throws {TypeError} If the body is not a function, or a transaction was run already.
   */
  transaction<T>(body: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Deletes a file once the transaction has committed. Call it when nothing refers to the file: no other record, and not
   * this record after the rollback of a savepoint.
   *
   * @param file The file; `null` and `undefined` are ignored.
   * @throws {TypeError} If it is something else, such as a name, or the result of JSON or `structuredClone`.
   */
  deleteAfterCommit(file: StoredFile | null | undefined): void;
  /**
   * Deletes a file, which is given by a field and a reference, once the transaction has committed.
   *
   * @param field The field of the file.
   * @param reference The name, or the result of JSON or `structuredClone`, such as a file of a cache; `null`, `undefined` and
   * `""` are ignored.
   * @throws {TypeError} If `field.file()` refuses the reference.
   */
  // deno-lint-ignore no-explicit-any -- a field of any record
  deleteAfterCommit(field: FileField<any>, reference: FileReference): void;
}

/**
 * Options of `adopt` of a {@linkcode FileTransaction}.
 *
 * @example
 * ```ts
 * import { type AdoptOptions, fileField, withFiles } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const avatar = fileField(new MemoryStorage());
 * const { name, etag } = await avatar.storage.save("me.png", "…", { details: true });
 * const options: AdoptOptions = { ifMatch: etag };
 * await withFiles((body) => body(undefined), async (files) => {
 *   files.adopt(avatar.file(name), options);
 *   await Promise.resolve(); // No transaction follows, so the file is deleted.
 * });
 * assertEquals(await avatar.storage.exists("me.png"), false);
 * ```
 */
export interface AdoptOptions extends Pick<DeleteOptions, "ifMatch"> {}

/** The names of the options of `withFiles`, which refuses all others. */
export const WITH_FILES_OPTIONS = [
  "signal",
  "deleteTimeoutSeconds",
  "waitUntil",
  "onLeftBehind",
  "verify",
  "isRolledBack",
] as const satisfies readonly (keyof WithFilesOptions)[];

/** The options of `withFiles` that are functions. */
const CALLBACKS = ["waitUntil", "onLeftBehind", "verify", "isRolledBack"] as const;

/**
 * Checks the arguments of `withFiles`.
 *
 * @throws {TypeError} If one is of the wrong kind, or an option is unknown.
 * @throws {RangeError} If `deleteTimeoutSeconds` is not a number of 0 or more.
 */
export function checkWithFiles(work: unknown, options: unknown): void {
  const action = "use withFiles";
  if (typeof work !== "function") {
    throw new TypeError(`Cannot ${action}: the second argument must be a function, got ${formatValue(work)}`);
  }
  checkOptions(action, options, WITH_FILES_OPTIONS);
  for (const name of CALLBACKS) {
    const value = (options as WithFilesOptions)[name];
    if (value === undefined || typeof value === "function") continue;
    throw new TypeError(`Cannot ${action}: ${name} must be a function, got ${formatValue(value)}`);
  }
  const { deleteTimeoutSeconds = 0 } = options as WithFilesOptions;
  if (typeof deleteTimeoutSeconds === "number" && deleteTimeoutSeconds >= 0) return;
  throw new RangeError(
    `Cannot ${action}: deleteTimeoutSeconds must be a number of 0 or more, got ${formatValue(deleteTimeoutSeconds)}`,
  );
}
