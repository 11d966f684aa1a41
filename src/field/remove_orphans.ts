import { isStorageError } from "../errors.ts";
import type { CallOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";
import { ReferenceCheck, showNames } from "./references.ts";
import type { StoredFile } from "./stored_file.ts";

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
 * for (const name of ["avatars/7.png", "avatars/just now.png"]) await storage.save(name, "…");
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
   * and of every record. Other names may be among them. An `async function*` needs no memory for them.
   *
   * Called after the folder was listed, and once more for what would be removed, right before that: then with the names of
   * those files. It may use them (`where avatar in (…)`), or ignore them.
   *
   * It must not miss a row that changes meanwhile. One statement is safe; so are several in one transaction that is
   * REPEATABLE READ (PostgreSQL; not READ COMMITTED), and pages by a key that never changes (`where id > $last order by
   * id`) if a row's files never move to another row. LIMIT with OFFSET is not, nor one statement for each of several tables
   * or columns outside such a transaction, where a file may move from one to the other.
   */
  readonly referenced: (
    candidates?: readonly string[],
  ) =>
    | Iterable<StoredFile | string | null | undefined>
    | AsyncIterable<StoredFile | string | null | undefined>
    | Promise<
      Iterable<StoredFile | string | null | undefined> | AsyncIterable<StoredFile | string | null | undefined>
    >;
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
   * The largest part of all files in the folder, young ones included, that may be removed at once, from 0 to 1.
   * @default {0.5}
   */
  readonly maxRemovedFraction?: number | undefined;
  /**
   * Whether it is right that nothing refers to any file in the folder. `maxRemovedFraction` still applies.
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
 * First the folder is listed, then the references are read, so that whatever was committed in between counts. The
 * references are read again for what is left, and each file is looked at once more before it is removed: a file that was
 * replaced meanwhile is young again. Keeps the names of the files in the folder in memory.
 *
 * Nothing is removed where the references look like those of another table or in another form:
 *
 * - A reference that cannot be a name is an error: blank, a URL, JSON, absolute, with `.` or `..` segments, or a file of
 *   another storage.
 * - If there are files and nothing refers to any of them, it is an error, unless `allowNoneReferenced` says it is right.
 * - If more than `maxRemovedFraction` of the files would be removed, it is an error.
 * - If a reference leads to no file and resembles one that would be removed, it is an error: it has the location or other
 *   folders before that name, lacks the first folders, has spaces around it, or is encoded or normalized otherwise.
 *
 * Other references that lead to no file are ignored: to files in other folders, and to files that are gone.
 *
 * @returns The names of what was removed, or would have been.
 * @throws {TypeError} If a reference is anything but a file or a name, such as a whole row, or cannot be a name.
 * @throws {RangeError} If references and files do not go together, as said above. Also if `olderThanSeconds` is not a
 * number of 0 or more, or `maxRemovedFraction` not one from 0 to 1.
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
  const { storage, folder, olderThanSeconds = 86_400, now = () => new Date(), signal } = options;
  checkOptions(options);
  const newest = now().getTime() - olderThanSeconds * 1000;
  /** All names, and whether each is old. */
  const listed = new Map<string, boolean>();
  for await (const { name, modifiedTime } of storage.list(folder, { recursive: true, signal })) {
    listed.set(name, modifiedTime.getTime() <= newest);
  }
  const orphans = await findOrphans(options, listed);
  const isOld = async (name: string): Promise<boolean> => {
    try {
      return (await storage.stat(name, { signal })).modifiedTime.getTime() <= newest;
    } catch (error) {
      if (isStorageError(error, "NotFound")) return false;
      throw error;
    }
  };
  const removed: string[] = [];
  for (let start = 0; start < orphans.length; start += FILES_PER_STEP) {
    const step = orphans.slice(start, start + FILES_PER_STEP);
    const old = await Promise.all(step.map(isOld));
    const toRemove = step.filter((_, index) => old[index]);
    if (!options.dryRun) await storage.deleteMany(toRemove, { signal });
    removed.push(...toRemove);
  }
  return removed;
}

function checkOptions({ folder, olderThanSeconds = 0, maxRemovedFraction = 1 }: OrphanOptions): void {
  if (typeof folder !== "string") throw new TypeError(`The folder must be given, "" for all: it is ${typeof folder}`);
  if (!(olderThanSeconds >= 0)) {
    throw new RangeError(`olderThanSeconds must be a number of 0 or more: current value is ${olderThanSeconds}`);
  }
  if (!(maxRemovedFraction >= 0 && maxRemovedFraction <= 1)) {
    throw new RangeError(`maxRemovedFraction must be a number from 0 to 1: current value is ${maxRemovedFraction}`);
  }
}

/**
 * The old files that nothing refers to.
 *
 * @throws {RangeError} If they are so many that the references are probably wrong.
 */
async function findOrphans(options: OrphanOptions, listed: ReadonlyMap<string, boolean>): Promise<string[]> {
  const { storage, folder, referenced, maxRemovedFraction = 0.5, allowNoneReferenced = false } = options;
  const first = new ReferenceCheck(storage, folder, listed);
  await first.read(await referenced());
  if (listed.size > 0 && first.found.size === 0 && !allowNoneReferenced) {
    throw new RangeError(
      `Cannot remove orphans in '${folder}': nothing refers to any of its ${listed.size} files. ` +
        `Files: ${showNames(listed.keys())}. References: ${showNames(first.examples)}. ` +
        "If that is right, set allowNoneReferenced",
    );
  }
  let orphans = [...listed].flatMap(([name, isOld]) => isOld && !first.found.has(name) ? [name] : []);
  if (orphans.length === 0) return [];
  first.refuseResembled(orphans);
  const second = new ReferenceCheck(storage, folder, listed);
  await second.read(await referenced([...orphans]));
  orphans = orphans.filter((name) => !second.found.has(name));
  second.refuseResembled(orphans);
  if (orphans.length > maxRemovedFraction * listed.size) {
    throw new RangeError(
      `Cannot remove orphans in '${folder}': ${orphans.length} of ${listed.size} files are more than ` +
        `maxRemovedFraction, ${maxRemovedFraction}. Orphans: ${showNames(orphans)}. ` +
        `References: ${showNames(first.examples)}. If that is right, set maxRemovedFraction to 1`,
    );
  }
  return orphans;
}
