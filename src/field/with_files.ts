import { isStorageError } from "../errors.ts";
import type { SaveContent } from "../storage/content/content.ts";
import type { SavedFile } from "../storage/contract/saved_file.ts";
import type { Storage } from "../storage/storage.ts";
import type { FileField } from "./file_field.ts";
import { saysRolledBack } from "./rolled_back.ts";
import { type FileAddress, objectId } from "./same_object.ts";
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
  work: (files: FileWork<Tx>) => Promise<T>,
  options: WithFilesOptions<Tx> = {},
): Promise<T> {
  const state = new WorkState(transaction, options);
  try {
    return await work(state);
  } finally {
    await removeFiles(await state.unwanted(), options);
  }
}

/**
 * What happens to files around one transaction; {@linkcode withFiles} makes it.
 *
 * @example
 * ```ts
 * import { fileField, type FileWork, withFiles } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const avatar = fileField({ storage: new MemoryStorage() });
 * async function upload(files: FileWork<unknown>): Promise<void> {
 *   await files.save(avatar, "me.png", "…");
 *   // There is no transaction after all, so nothing refers to the file, and it is removed.
 * }
 * await withFiles((body) => body(undefined), upload);
 * assertEquals(await avatar.storage.exists("me.png"), false);
 * ```
 */
export interface FileWork<Tx> {
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

/** A file by its storage and name: what it is called now, whatever becomes of the StoredFile. */
interface FileToDelete extends FileAddress {
  readonly file?: StoredFile;
  /** What was stored, of a new file: what another writer has stored under its name since stays. */
  readonly saved?: SavedFile | undefined;
}

class WorkState<Tx> implements FileWork<Tx> {
  readonly #open: Transaction<Tx>;
  readonly #options: WithFilesOptions<Tx>;
  /** Also those that nobody waited for: a file that arrives late is a file. */
  readonly #saves: Promise<StoredFile>[] = [];
  readonly #toDelete: FileToDelete[] = [];
  #outcome: "none" | "open" | "committed" | "rolled back" | "unknown" = "none";
  /** Of the saves, those of calls of the body that threw and were followed by another. */
  readonly #abandoned = new Set<Promise<StoredFile>>();
  readonly #saved = new WeakMap<Promise<StoredFile>, SavedFile & { readonly storage: Storage }>();

  constructor(open: Transaction<Tx>, options: WithFilesOptions<Tx>) {
    this.#open = open;
    this.#options = options;
  }

  save<R>(field: FileField<R>, name: string, content: SaveContent, options?: FileSaveOptions<R>): Promise<StoredFile> {
    const onSaved = (saved: SavedFile): void => {
      this.#saved.set(saving, { ...saved, storage: field.storage });
      options?.onSaved?.(saved);
    };
    const own = { ...options, overwrite: false, onSaved } as FileSaveOptions;
    const saving = (field as FileField).save(name, content, own);
    this.#saves.push(saving);
    return saving;
  }

  deleteAfterCommit(file: StoredFile | null | undefined): void {
    if (file?.name !== undefined) this.#toDelete.push({ storage: file.storage, name: file.name, file });
  }

  async transaction<T>(body: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.#outcome !== "none") {
      throw new TypeError("Cannot run a second transaction: each needs withFiles of its own");
    }
    this.#outcome = "open";
    const [saved, marked] = [this.#saves.length, this.#toDelete.length];
    const calls = new BodyCalls();
    try {
      const result = await this.#open((tx) => {
        if (!calls.anyEnded) this.#saves.slice(saved).forEach((save) => this.#abandoned.add(save));
        this.#toDelete.length = marked;
        const call = calls.track(async () => {
          const result = await body(tx);
          await this.#options.verify?.(tx);
          return result;
        });
        call.catch(() => {}); // prevent an unhandled rejection where the driver does not wait
        return call;
      });
      this.#outcome = calls.outcomeOfSuccess();
      if (!calls.anyRuns) return result;
    } catch (error) {
      this.#outcome = calls.outcomeOfFailure(error, this.#options.isRolledBack?.(error));
      throw error;
    }
    throw new TypeError("The transaction ended before its body did: its driver does not wait. No file was removed");
  }

  /** The files that nothing refers to, now that all is over. */
  async unwanted(): Promise<FileToDelete[]> {
    if (this.#outcome === "unknown" || this.#outcome === "open") return [];
    if (this.#outcome !== "committed") return await this.#arrived(this.#saves);
    const abandoned = await this.#arrived(this.#abandoned);
    const kept = await this.#arrived(this.#saves.filter((save) => !this.#abandoned.has(save)));
    const keptObjects = new Map(kept.map((file) => [objectId(file), file]));
    // What a record referred to may be gone, and its name, in any spelling, then was free for the new file.
    const isTakenAnew = (old: FileToDelete): boolean => {
      const taker = keptObjects.get(objectId(old));
      return taker !== undefined && taker.file !== old.file;
    };
    return [...abandoned, ...this.#toDelete].filter((file) => !isTakenAnew(file));
  }

  /** The files of those saves that did not fail. */
  async #arrived(saves: Iterable<Promise<StoredFile>>): Promise<FileToDelete[]> {
    const all = [...saves];
    const settled = await Promise.allSettled(all);
    return settled.flatMap((save, index): FileToDelete[] => {
      const saved = this.#saved.get(all[index]!);
      if (save.status === "fulfilled") {
        return [{ storage: save.value.storage, name: save.value.name!, file: save.value, saved }];
      }
      return saved === undefined ? [] : [{ storage: saved.storage, name: saved.name, saved }]; // it failed once it was stored
    });
  }
}

/** What the calls of a transaction's body have come to; a library that retries calls it again. */
class BodyCalls {
  /** Whether a call ended without throwing: then a COMMIT was sent. */
  anyEnded = false;
  #running = 0;
  #lastEnded = false;
  /** Whether a call ended so before the last one: then that COMMIT's answer was not understood. */
  #earlierEnded = false;

  get anyRuns(): boolean {
    return this.#running > 0;
  }

  async track<T>(call: () => Promise<T>): Promise<T> {
    this.#running++;
    this.#earlierEnded = this.anyEnded;
    this.#lastEnded = false;
    try {
      const result = await call();
      this.anyEnded = this.#lastEnded = true;
      return result;
    } finally {
      this.#running--;
    }
  }

  /** The outcome of a transaction that resolved. Where the last call threw, somebody swallowed its error. */
  outcomeOfSuccess(): "committed" | "rolled back" | "unknown" {
    if (this.anyRuns) return "unknown";
    if (this.#lastEnded) return "committed";
    return this.anyEnded ? "unknown" : "rolled back";
  }

  /**
   * The outcome of a transaction that rejected.
   *
   * @param isRolledBack What the caller knows of it.
   */
  outcomeOfFailure(error: unknown, isRolledBack: boolean | undefined): "rolled back" | "unknown" {
    if (this.anyRuns || this.#earlierEnded) return "unknown";
    // Where the call threw, nobody sent a COMMIT. Else one was sent, and its answer may have been lost.
    return isRolledBack ?? (!this.anyEnded || saysRolledBack(error)) ? "rolled back" : "unknown";
  }
}

async function removeFiles(
  files: readonly FileToDelete[],
  { onLeftBehind }: Pick<WithFilesOptions, "onLeftBehind">,
): Promise<void> {
  const remove = async (storage: Storage, names: string[]): Promise<void> =>
    await storage.deleteMany(names).catch((error) => onLeftBehind?.(names, error));
  for (const { storage, name, saved } of files) {
    if (saved === undefined) continue;
    await storage.delete(name, { ifMatch: saved }).catch((error) => {
      if (!isStorageError(error, "PreconditionFailed")) onLeftBehind?.([name], error);
    });
  }
  const old = files.filter(({ saved }) => saved === undefined);
  const objects = new Map(old.map((file) => [objectId(file) ?? file, file]));
  const named = [...objects].flatMap(([id, file]) => id === file ? [] : [file]);
  for (const storage of new Set(named.map((file) => file.storage))) {
    await remove(storage, named.filter((file) => file.storage === storage).map(({ name }) => name));
  }
  // A row may hold what cannot be a name; the others are removed all the same.
  for (const [id, { storage, name }] of objects) if (typeof id !== "string") await remove(storage, [name]);
}
