import { isStorageError } from "../errors.ts";
import type { CallOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";
import { ReferenceCheck, showNames } from "./references.ts";
import type { StoredFile } from "./stored_file.ts";

/** Files whose age is checked again at the same time. */
const FILES_PER_STEP = 50;

/**
 * Options of {@linkcode removeOrphans}.
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
 * assertEquals(await removeOrphans(options), []); // too young to be an orphan
 * ```
 */
export interface OrphanOptions extends CallOptions {
  /** The storage of the files. */
  readonly storage: Storage;
  /** The folder to clean, with all folders below it. `referenced` must cover all files in it. `""` for the whole storage. */
  readonly folder: string;
  /**
   * Queries the database for the names of all referenced files in the folder: of every field that stores there, and of every
   * record. It may return other names too. An `async function*` does not keep them in memory.
   *
   * Called after the folder was listed, and again right before files are deleted, with the names of these files. It may use
   * them (`where avatar in (…)`), or ignore them.
   *
   * It must not miss a row that changes meanwhile. One statement is safe. So are several statements in one transaction that
   * is REPEATABLE READ (PostgreSQL; not READ COMMITTED), and pages by a key that never changes (`where id > $last order by
   * id`) if a row's files never move to another row. LIMIT with OFFSET is not safe, nor is one statement for each of several
   * tables or columns outside such a transaction, since a file may move from one to the other.
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
   * Younger files are kept, since a transaction that will refer to them may still be open. Must be more than the longest
   * transaction with its uploads takes, and than clocks may differ.
   * @default {86400}
   */
  readonly olderThanSeconds?: number | undefined;
  /**
   * Whether to delete nothing, and only return the names.
   * @default {false}
   */
  readonly dryRun?: boolean | undefined;
  /**
   * The largest fraction of all files in the folder, including young ones, that one call may delete, from 0 to 1.
   * @default {0.5}
   */
  readonly maxRemovedFraction?: number | undefined;
  /**
   * Whether it is allowed that no file in the folder is referenced. `maxRemovedFraction` still applies.
   * @default {false}
   */
  readonly allowNoneReferenced?: boolean | undefined;
  /** The clock. */
  readonly now?: (() => Date) | undefined;
}

/**
 * Deletes files that no record refers to, which crashes between the database and the storage leave behind. Run it
 * periodically; files may be saved at the same time.
 *
 * First lists the folder, then reads the references, so rows that were committed in between count. Before files are deleted,
 * their references are read again, and the age of each file is checked again, since a replaced file is young. Keeps the names
 * of the files in the folder in memory.
 *
 * Deletes nothing, and rejects, if the references seem to be those of another table, or in another form:
 *
 * - A reference cannot be a name: it is blank, a URL, JSON, absolute, has `.` or `..` segments, or is a file of another
 *   storage.
 * - The folder has files, none of them is referenced, and `allowNoneReferenced` is not set.
 * - More than `maxRemovedFraction` of the files would be deleted.
 * - A reference to a missing file resembles a file that would be deleted: it has the location or other folders before that
 *   name, lacks the first folders, has spaces around it, or differs in encoding or normalization.
 *
 * Other references to missing files are ignored: those to other folders, and to deleted files.
 *
 * @returns The names of the deleted files, or of those that a dry run would delete.
 * @throws {TypeError} If a reference is neither a file nor a name, such as a whole row, or cannot be a name.
 * @throws {RangeError} If references and files do not match, as described above. Also if `olderThanSeconds` is not a number
 * of 0 or more, or `maxRemovedFraction` is not a number from 0 to 1.
 * @throws {AggregateError} With one error for each file that could not be deleted.
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
  if (typeof folder !== "string") {
    throw new TypeError(`Cannot remove orphans: folder must be a string, "" for all folders, got ${typeof folder}`);
  }
  if (!(olderThanSeconds >= 0)) {
    throw new RangeError(`olderThanSeconds must be a number of 0 or more, got ${olderThanSeconds}`);
  }
  if (!(maxRemovedFraction >= 0 && maxRemovedFraction <= 1)) {
    throw new RangeError(`maxRemovedFraction must be a number from 0 to 1, got ${maxRemovedFraction}`);
  }
}

/**
 * The old files that no reference leads to.
 *
 * @throws {RangeError} If they are so many that the references are probably wrong.
 */
async function findOrphans(options: OrphanOptions, listed: ReadonlyMap<string, boolean>): Promise<string[]> {
  const { storage, folder, referenced, maxRemovedFraction = 0.5, allowNoneReferenced = false } = options;
  const first = new ReferenceCheck(storage, folder, listed);
  await first.read(await referenced());
  if (listed.size > 0 && first.found.size === 0 && !allowNoneReferenced) {
    throw new RangeError(
      `Cannot remove orphans in '${folder}': none of its ${listed.size} files is referenced. ` +
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
      `Cannot remove orphans in '${folder}': ${orphans.length} of ${listed.size} files exceed ` +
        `maxRemovedFraction ${maxRemovedFraction}. Orphans: ${showNames(orphans)}. ` +
        `References: ${showNames(first.examples)}. If that is right, set maxRemovedFraction to 1`,
    );
  }
  return orphans;
}
