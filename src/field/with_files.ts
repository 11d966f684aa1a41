import type { SaveContent } from "../storage/content.ts";
import type { Storage } from "../storage/storage.ts";
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
export interface WithFilesOptions {
  /**
   * Is told which files could not be removed, and why; `removeOrphans` removes them later.
   *
   * It is no reason for `withFiles` to fail: what became of the transaction is settled by then.
   */
  readonly onLeftBehind?: ((names: readonly string[], error: unknown) => void) | undefined;
}

/**
 * Saves and removes files together with a transaction of a database, in the order in which nothing is lost: new files
 * are stored before it, and old ones removed after it has committed.
 *
 * - Committed: what was to be removed is removed.
 * - Rolled back, or never begun: the new files are removed, the old ones stay.
 * - Ended without telling, because the connection broke while it committed: all files stay. One that nothing refers
 *   to any more, {@linkcode removeOrphans} finds; so it does after a crash.
 *
 * There are versions of this for databases of Drizzle and Kysely, in `@storages/s3/drizzle` and `@storages/s3/kysely`.
 *
 * @param transaction How a transaction is run.
 * @param work Saves files, then calls `files.transaction`, once. Uploads do not hold the transaction open so.
 * @param options What to do with files that could not be removed.
 * @returns What the work returns.
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
  options: WithFilesOptions = {},
): Promise<T> {
  const state = new WorkState(transaction);
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
interface Doomed {
  readonly storage: Storage;
  readonly name: string;
  readonly file?: StoredFile;
}

class WorkState<Tx> implements FileWork<Tx> {
  readonly #open: Transaction<Tx>;
  /** Also those that nobody waited for: a file that arrives late is a file. */
  readonly #saves: Promise<StoredFile>[] = [];
  readonly #doomed: Doomed[] = [];
  #outcome: "none" | "open" | "committed" | "rolled back" | "unknown" = "none";
  /** Of the saves, those of calls of the body that threw and were followed by another. */
  readonly #abandoned = new Set<Promise<StoredFile>>();

  constructor(open: Transaction<Tx>) {
    this.#open = open;
  }

  save<R>(field: FileField<R>, name: string, content: SaveContent, options?: FileSaveOptions<R>): Promise<StoredFile> {
    const saving = (field as FileField).save(name, content, { ...options, overwrite: false } as FileSaveOptions);
    this.#saves.push(saving);
    return saving;
  }

  deleteAfterCommit(file: StoredFile | null | undefined): void {
    if (file?.name !== undefined) this.#doomed.push({ storage: file.storage, name: file.name, file });
  }

  async transaction<T>(body: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.#outcome !== "none") {
      throw new TypeError("Cannot run a second transaction: each needs withFiles of its own");
    }
    this.#outcome = "open";
    const [saved, doomed] = [this.#saves.length, this.#doomed.length];
    let commitSent = false;
    try {
      const result = await this.#open(async (tx) => {
        if (!commitSent) this.#saves.slice(saved).forEach((save) => this.#abandoned.add(save));
        this.#doomed.length = doomed;
        const result = await body(tx);
        commitSent = true;
        return result;
      });
      this.#outcome = "committed";
      return result;
    } catch (error) {
      // Where every call of the body threw, nobody sent a COMMIT. Else one was sent, and its answer may have been lost.
      this.#outcome = commitSent ? "unknown" : "rolled back";
      throw error;
    }
  }

  /** The files that nothing refers to, now that all is over. */
  async unwanted(): Promise<Doomed[]> {
    if (this.#outcome === "unknown" || this.#outcome === "open") return [];
    if (this.#outcome !== "committed") return await arrived(this.#saves);
    const abandoned = await arrived(this.#abandoned);
    const kept = await arrived(this.#saves.filter((save) => !this.#abandoned.has(save)));
    // What a record referred to may be gone, and its name then was free for the new file.
    const isTakenAnew = ({ storage, name, file }: Doomed): boolean =>
      kept.some((one) => one.name === name && one.storage === storage && one.file !== file);
    return [...abandoned, ...this.#doomed].filter((doomed) => !isTakenAnew(doomed));
  }
}

/** The files of those saves that did not fail. */
async function arrived(saves: Iterable<Promise<StoredFile>>): Promise<Doomed[]> {
  const settled = await Promise.allSettled(saves);
  const files = settled.flatMap((save) => save.status === "fulfilled" ? [save.value] : []);
  return files.map((file) => ({ storage: file.storage, name: file.name!, file }));
}

async function removeFiles(files: readonly Doomed[], { onLeftBehind }: WithFilesOptions): Promise<void> {
  for (const storage of new Set(files.map((file) => file.storage))) {
    const names = files.filter((file) => file.storage === storage).map(({ name }) => name);
    await storage.deleteMany(names).catch((error) => onLeftBehind?.(names, error));
  }
}
