import { isStorageError } from "../errors.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkOptions } from "../kit/values/options.ts";
import { checkStorage } from "../storage/checks/check_storage.ts";
import type { CallOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";
import { ReferenceCheck, showNames } from "./references.ts";
import type { StoredFile } from "./stored_file.ts";

/** Files whose age is checked again at the same time. */
const FILES_PER_STEP = 50;

/** Files in one page of a listing on S3, and in one request that deletes. */
const FILES_PER_PAGE = 1000;

/**
 * Options of {@linkcode deleteOrphans}.
 *
 * @example
 * ```ts
 * import { deleteOrphans, type OrphanOptions } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * for (const name of ["avatars/7.png", "avatars/just now.png"]) await storage.save(name, "…");
 * const options: OrphanOptions = { folder: "avatars", referenced: () => ["avatars/7.png"] };
 * assertEquals(await deleteOrphans(storage, options), []); // too young to be an orphan
 * ```
 */
export interface OrphanOptions extends CallOptions {
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
  readonly maxDeletedFraction?: number | undefined;
  /**
   * Whether it is allowed that no file in the folder is referenced. `maxDeletedFraction` still applies.
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
 * their references are read again, and the age of each file is checked again, since a replaced file is young: by listing the
 * folder again, or by a request for each of a few files in a large folder. Keeps the names of the files in the folder in
 * memory.
 *
 * Deletes nothing, and rejects, if the references seem to be those of another table, or in another form:
 *
 * - A reference cannot be a name: it is blank, a URL, JSON, absolute, has `.` or `..` segments, or is a file of another
 *   storage.
 * - The folder has files, none of them is referenced, and `allowNoneReferenced` is not set.
 * - More than `maxDeletedFraction` of the files would be deleted.
 * - A reference to a missing file resembles a file that would be deleted: it has the location or other folders before that
 *   name, lacks the first folders, has spaces around it, or differs in encoding or normalization.
 *
 * Other references to missing files are ignored: those to other folders, and to deleted files.
 *
 * @param storage The storage of the files.
 * @param options The folder, the references to its files, and what may be deleted.
 * @returns The names of the deleted files, or of those that a dry run would delete.
 * @throws {TypeError} If a reference is neither a file nor a name, such as a whole row, or cannot be a name. Also if an
 * argument is of the wrong kind, or an option is unknown.
 * @throws {RangeError} If references and files do not match, as described above. Also if `olderThanSeconds` is not a number
 * of 0 or more, or `maxDeletedFraction` is not a number from 0 to 1.
 * @throws {AggregateError} With one error for each file that could not be deleted.
 *
 * @example
 * ```ts
 * import { fileField, deleteOrphans } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage({ now: () => new Date("2026-11-20") });
 * const avatar = fileField(storage, { uploadTo: "avatars" });
 * const users = [{ id: 7, avatar: await avatar.save("7.png", "…") }, { id: 8, avatar: avatar.file() }];
 * await avatar.save("left behind.png", "…");
 *
 * const deleted = await deleteOrphans(storage, {
 *   folder: "avatars",
 *   referenced: () => users.map((user) => user.avatar), // or the rows of a query
 * });
 * assertEquals(deleted, ["avatars/left_behind.png"]);
 * ```
 */
export async function deleteOrphans(storage: Storage, options: OrphanOptions): Promise<string[]> {
  checkCall(storage, options);
  const { folder, olderThanSeconds = 86_400, now = () => new Date(), signal } = options;
  const newest = now().getTime() - olderThanSeconds * 1000;
  /** All names, and whether each is old. */
  const listed = new Map<string, boolean>();
  for await (const { name, modifiedTime } of storage.list(folder, { recursive: true, signal })) {
    listed.set(name, modifiedTime.getTime() <= newest);
  }
  const orphans = await findOrphans(storage, options, listed);
  if (options.dryRun) return orphans;
  const pages = Math.ceil(listed.size / FILES_PER_PAGE);
  const steps = orphans.length > pages
    ? listOld(storage, options, orphans, newest)
    : statOld(storage, options, orphans, newest);
  const deleted: string[] = [];
  for await (const step of steps) {
    await storage.deleteMany(step, { signal });
    deleted.push(...step);
  }
  return deleted;
}

/** The orphans that are still old, in steps to delete right away, by listing the folder again. */
async function* listOld(
  storage: Storage,
  { folder, signal }: OrphanOptions,
  orphans: readonly string[],
  newest: number,
): AsyncGenerator<string[]> {
  const wanted = new Set(orphans);
  let step: string[] = [];
  let listed = 0;
  for await (const { name, modifiedTime } of storage.list(folder, { recursive: true, signal })) {
    if (wanted.has(name) && modifiedTime.getTime() <= newest) step.push(name);
    // What a page told is used before the next one makes it old.
    if (++listed % FILES_PER_PAGE > 0 || step.length === 0) continue;
    yield step;
    step = [];
  }
  if (step.length > 0) yield step;
}

/** The orphans that are still old, in steps to delete right away, by a request for each. */
async function* statOld(
  storage: Storage,
  { signal }: OrphanOptions,
  orphans: readonly string[],
  newest: number,
): AsyncGenerator<string[]> {
  const isOld = async (name: string): Promise<boolean> => {
    try {
      return (await storage.stat(name, { signal })).modifiedTime.getTime() <= newest;
    } catch (error) {
      if (isStorageError(error, "NotFound")) return false;
      throw error;
    }
  };
  for (let start = 0; start < orphans.length; start += FILES_PER_STEP) {
    const step = orphans.slice(start, start + FILES_PER_STEP);
    const old = await Promise.all(step.map(isOld));
    yield step.filter((_, index) => old[index]);
  }
}

/** The names of the options of `deleteOrphans`, which refuses all others. */
export const ORPHAN_OPTIONS = [
  "signal",
  "folder",
  "referenced",
  "olderThanSeconds",
  "dryRun",
  "maxDeletedFraction",
  "allowNoneReferenced",
  "now",
] as const satisfies readonly (keyof OrphanOptions)[];

/** What `deleteOrphans` does, for messages. */
const ACTION = "delete orphans";

function checkCall(storage: Storage, options: OrphanOptions): void {
  checkStorage(ACTION, storage);
  checkOptions(ACTION, options, ORPHAN_OPTIONS);
  const { folder, referenced, olderThanSeconds = 0, maxDeletedFraction = 1, now = Date } = options;
  if (typeof folder !== "string") throw invalidValue('folder must be a string, "" for all folders', folder);
  if (typeof referenced !== "function") {
    throw invalidValue("referenced must be a function that returns names", referenced);
  }
  if (typeof now !== "function") throw invalidValue("now must be a function that returns a Date", now);
  for (const name of ["dryRun", "allowNoneReferenced"] as const) {
    const value = options[name] ?? false;
    if (typeof value !== "boolean") throw invalidValue(`${name} must be true or false`, value);
  }
  if (!(typeof olderThanSeconds === "number" && olderThanSeconds >= 0)) {
    throw new RangeError(
      `Cannot ${ACTION}: olderThanSeconds must be a number of 0 or more, got ${formatValue(olderThanSeconds)}`,
    );
  }
  if (!(typeof maxDeletedFraction === "number" && maxDeletedFraction >= 0 && maxDeletedFraction <= 1)) {
    throw new RangeError(
      `Cannot ${ACTION}: maxDeletedFraction must be a number from 0 to 1, got ${formatValue(maxDeletedFraction)}`,
    );
  }
}

function invalidValue(what: string, got: unknown): TypeError {
  return new TypeError(`Cannot ${ACTION}: ${what}, got ${formatValue(got)}`);
}

/**
 * The old files that no reference leads to.
 *
 * @throws {RangeError} If they are so many that the references are probably wrong.
 */
async function findOrphans(
  storage: Storage,
  options: OrphanOptions,
  listed: ReadonlyMap<string, boolean>,
): Promise<string[]> {
  const { folder, referenced, maxDeletedFraction = 0.5, allowNoneReferenced = false } = options;
  const first = new ReferenceCheck(storage, folder, listed);
  await first.read(await referenced());
  if (listed.size > 0 && first.found.size === 0 && !allowNoneReferenced) {
    throw new RangeError(
      `Cannot delete orphans in '${folder}': none of its ${listed.size} files is referenced. ` +
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
  if (orphans.length > maxDeletedFraction * listed.size) {
    throw new RangeError(
      `Cannot delete orphans in '${folder}': ${orphans.length} of ${listed.size} files exceed ` +
        `maxDeletedFraction ${maxDeletedFraction}. Orphans: ${showNames(orphans)}. ` +
        `References: ${showNames(first.examples)}. If that is right, set maxDeletedFraction to 1`,
    );
  }
  return orphans;
}
