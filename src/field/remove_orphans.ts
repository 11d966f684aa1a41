import { isStorageError } from "../errors.ts";
import { cleanName } from "../storage/names.ts";
import type { CallOptions } from "../storage/options.ts";
import type { Storage } from "../storage/storage.ts";
import { isStoredFile, type StoredFile } from "./stored_file.ts";

/** Files looked at once more at the same time. */
const FILES_PER_STEP = 50;

/**
 * What is an orphan.
 *
 * @example
 * ```ts
 * import { type OrphanOptions, removeOrphans } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("avatars/just now.png", "…");
 * const options: OrphanOptions = { storage, folder: "avatars", referenced: () => ["avatars/7.png"] };
 * assertEquals(await removeOrphans(options), []); // it is too young to be one
 * ```
 */
export interface OrphanOptions extends CallOptions {
  /** Where the files are. */
  readonly storage: Storage;
  /** The folder to look in, with all below it: one that holds nothing but files which `referenced` knows of. `""` for all. */
  readonly folder: string;
  /**
   * Asks the database for the names of all files in the folder that something refers to: of every field that stores there,
   * and of every record. Called after the folder was listed; an `async function*` needs no memory for them.
   */
  readonly referenced: () =>
    | Iterable<StoredFile | string | null | undefined>
    | AsyncIterable<StoredFile | string | null | undefined>
    | Promise<Iterable<StoredFile | string | null | undefined>>;
  /**
   * Files younger than this are left alone, as the transaction that will refer to them may still be open. Give more than the
   * longest takes, upload included, and than clocks may differ.
   * @default {86400}
   */
  readonly olderThanSeconds?: number | undefined;
  /**
   * Whether nothing is removed, only told.
   * @default {false}
   */
  readonly dryRun?: boolean | undefined;
  /**
   * Whether it is right that `referenced` names no file at all.
   * @default {false}
   */
  readonly allowNoneReferenced?: boolean | undefined;
  /** The clock. */
  readonly now?: (() => Date) | undefined;
}

/**
 * Removes the files that nothing refers to: what a crash between the database and the storage left. To be run now and
 * then, also while files are being saved.
 *
 * First the folder is listed, then the references are read, so that whatever was committed in between counts. What is left
 * is looked at once more before it is removed: a file that was replaced meanwhile is young again. Keeps the names of
 * the old files in the folder in memory.
 *
 * @returns The names of what was removed, or would have been.
 * @throws {TypeError} If a reference is anything but a file or a name, such as a whole row.
 * @throws {RangeError} If nothing is referenced although there are files, and `allowNoneReferenced` is not set: more
 * likely it was the wrong table. Also if `olderThanSeconds` is not a number of 0 or more.
 * @throws {AggregateError} Of one error for each file that could not be removed.
 *
 * @example
 * ```ts
 * import { fileField, removeOrphans } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage({ now: () => new Date("2026-11-20") });
 * const avatar = fileField({ storage, uploadTo: "avatars" });
 * const users = [{ id: 7, avatar: await avatar.save("7.png", "…") }, { id: 8, avatar: avatar.file() }];
 * await avatar.save("left behind.png", "…");
 *
 * const removed = await removeOrphans({
 *   storage,
 *   folder: "avatars",
 *   referenced: () => users.map((user) => user.avatar), // or the rows of a query
 * });
 * assertEquals(removed, ["avatars/left_behind.png"]);
 * ```
 */
export async function removeOrphans(options: OrphanOptions): Promise<string[]> {
  const { storage, folder, referenced, olderThanSeconds = 86_400, now = () => new Date(), signal } = options;
  if (typeof folder !== "string") throw new TypeError(`The folder must be given, "" for all: it is ${typeof folder}`);
  if (!(olderThanSeconds >= 0)) {
    throw new RangeError(`olderThanSeconds must be a number of 0 or more: current value is ${olderThanSeconds}`);
  }
  const newest = now().getTime() - olderThanSeconds * 1000;
  const orphans = new Set<string>();
  for await (const { name, modifiedTime } of storage.list(folder, { recursive: true, signal })) {
    if (modifiedTime.getTime() <= newest) orphans.add(name);
  }
  if (!await removeReferenced(orphans, await referenced()) && orphans.size > 0 && !options.allowNoneReferenced) {
    throw new RangeError(
      `Nothing is referenced, so all ${orphans.size} files in '${folder}' would be removed: if that is right, set ` +
        "allowNoneReferenced",
    );
  }
  const isOld = async (name: string): Promise<boolean> => {
    try {
      return (await storage.stat(name, { signal })).modifiedTime.getTime() <= newest;
    } catch (error) {
      if (isStorageError(error, "NotFound")) return false;
      throw error;
    }
  };
  const removed: string[] = [];
  const names = [...orphans];
  for (let start = 0; start < names.length; start += FILES_PER_STEP) {
    const step = names.slice(start, start + FILES_PER_STEP);
    const old = await Promise.all(step.map(isOld));
    const doomed = step.filter((_, index) => old[index]);
    if (!options.dryRun) await storage.deleteMany(doomed, { signal });
    removed.push(...doomed);
  }
  return removed;
}

/** Takes out what is referenced, and tells whether anything is. */
async function removeReferenced(
  names: Set<string>,
  references: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<boolean> {
  if (typeof references === "string") throw new TypeError(`Cannot go by '${references}': it is one name, not many`);
  let any = false;
  for await (const reference of references) {
    const name = isStoredFile(reference) ? reference.name : reference;
    if (name === null || name === undefined || name === "") continue;
    if (typeof name !== "string") {
      // A whole row, say: taken for a name it would refer to nothing, and all files would seem to be orphans.
      throw new TypeError(`A reference must be a StoredFile, a name, null or undefined: it is of type ${typeof name}`);
    }
    any = true;
    names.delete(cleanName(name)); // a name that was written down otherwise leads to the same file
  }
  return any;
}
