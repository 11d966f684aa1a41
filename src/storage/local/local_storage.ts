import { checkOptions } from "../../kit/values/options.ts";
import type { FollowLinks } from "../../runtime/files/links.ts";
import { locationPrefix } from "../contract/names.ts";
import { derivedStorage } from "../derived_storage.ts";
import { Storage, type StorageOptions } from "../storage.ts";
import type { DeleteIncompleteOptions, IncompleteFile } from "./incomplete_files.ts";
import { LocalBackend } from "./local_backend.ts";

/**
 * The settings of a {@linkcode LocalStorage}.
 *
 * @example
 * ```ts
 * import { LocalStorage, type LocalStorageOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: LocalStorageOptions = { baseUrl: "/media/" };
 * assertEquals(await new LocalStorage("./media", options).url("a b.txt"), "/media/a%20b.txt");
 * ```
 */
export interface LocalStorageOptions {
  /**
   * The folder, below that of the storage, that all names are below.
   * @default {""}
   */
  readonly location?: string | undefined;
  /**
   * Whether `save` replaces a file of the same name; if not, it finds a free name.
   * @default {true}
   */
  readonly fileOverwrite?: boolean | undefined;
  /** The prefix of URLs, followed by a file's key; without it the storage has no URLs. */
  readonly baseUrl?: string | undefined;
  /**
   * Which symbolic links are followed to read and to list: `"never"`, `"inside"` (links whose target is in the folder and
   * below the `location`) or `"anywhere"`. Nothing is ever written or deleted through a link. The default is stricter than
   * that of `collect`: a linked file has two names, and `deleteOrphans` would find only one of them in records.
   * @default {"never"}
   */
  readonly followLinks?: FollowLinks | undefined;
  /**
   * Whether short operations on the disk may block the thread, which takes a fraction of the processor time: for commands and
   * build scripts, which have nothing else to do. A service would answer no other request meanwhile. On a disk that turns
   * out to be slow, operations do not block.
   * @default {false}
   */
  readonly blocking?: boolean | undefined;
}

const NAMES = [
  "location",
  "fileOverwrite",
  "baseUrl",
  "followLinks",
  "blocking",
] as const satisfies readonly (keyof LocalStorageOptions)[];

/**
 * A storage that keeps its files in a folder on disk, under their own names: for development, and for services that need only a
 * disk. It runs on Deno, Bun and Node.
 *
 * A file is written under a temporary name and then renamed, so that no partial file is visible. It keeps the permissions
 * and the group of the file that it replaces, and is never readable by more users than that file, not even while it is
 * written. A process that is killed during a write leaves a file `.storages-…` in the folder, which no listing shows:
 * {@linkcode LocalStorage.deleteIncomplete} deletes such files.
 *
 * Attributes that the name and the first bytes do not suggest (media types, caching, metadata; up to 1 MiB) are kept in small files in the
 * folder `.storages`, which no listing shows. They belong to the files that were written by this class: files that other
 * programs copy or write have no such attributes. Deno, Bun and Node may use one folder: attributes, ETags and times are the
 * same on all of them. No spelling of a name leads to `.storages`, even on disks that ignore case or
 * Unicode forms.
 *
 * Files that other programs put into the folder are files of the storage too. Symbolic links are not, unless `followLinks`
 * allows it: reading or writing through one is an error, and listings leave it out and report it to `onLeftOut`. Nothing is
 * ever written or deleted through a link. A program that replaces a folder by a link at the moment of a write can still
 * divert that write: let no other user write to the folder.
 *
 * The ETag of a file consists of its inode number, size and time in milliseconds, which is as exact as Deno reports it. A
 * process never gives an ETag twice. Another program that changes a file in place, twice within a millisecond and without a
 * change of its size, changes its ETag only once: let other programs replace files by renaming.
 *
 * Names longer than a disk allows are kept in folders that end in `.storages-more`. On Windows, names that are invalid
 * there, or that mean a device, a stream or a short name, are refused. On a disk that ignores case, so does the storage.
 * `ifMatch` is checked in one step among the writers of one storage object; a writer in another process may come between
 * the check and the replacement.
 *
 * @example
 * ```ts
 * import { LocalStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const storage = new LocalStorage(folder, { fileOverwrite: false });
 * assertEquals(await storage.save("docs/a.txt", "first"), "docs/a.txt");
 * assertEquals(await Deno.readTextFile(`${folder}/docs/a.txt`), "first");
 * const other = await storage.save("docs/a.txt", "second"); // such as "docs/a_x7Kd91Q.txt"
 * assertEquals(await storage.readText(other), "second");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class LocalStorage extends Storage {
  /**
   * Creates a storage. Writes nothing: the folder is created by the first write.
   *
   * @param folder The path of the folder.
   * @param options Location, naming, URLs and links.
   * @throws {TypeError} If the folder is not a path, an option is unknown, or followLinks is not one of its values.
   * @throws {ConfigurationError} If the runtime has no disk, or the folder may not be read.
   */
  constructor(folder: string, options: LocalStorageOptions = {}) {
    checkOptions("make a LocalStorage", options, NAMES);
    super(new LocalBackend(folder, { ...options, location: locationPrefix(options.location ?? "") }), options);
  }

  /**
   * Makes a storage with other settings in the same folder, like {@linkcode Storage.with}. With `followLinks: "inside"`, no link
   * leads out of the new location.
   */
  override with(options: StorageOptions): this {
    const made = super.with(options);
    const backend = (this.backend as LocalBackend).at(made.location);
    return backend === this.backend ? made : derivedStorage(this, Storage, backend, made);
  }

  /**
   * Deletes the incomplete files that killed writers left in the folder, of all locations, and so frees their space. Call it
   * once a day, or when the service starts; the command `storages-s3 cleanup` does the same.
   *
   * Only files with names that this class creates, `.storages-` and a UUID, are deleted, and only if nobody has written to
   * them for a day. A file that a living writer holds is kept, however long its source stalls: writers refresh the time of
   * their files once an hour. A computer that slept for longer than a day is an exception: the interrupted write then
   * fails with a `DiskError`, and stores nothing.
   *
   * A process that is killed at the moment when it has replaced or deleted a file may also leave the attributes of the old
   * file, usually a few hundred bytes in `.storages`. They are kept, and no other file gets them: the file that they describe
   * may have been renamed by another program, or be on a disk that is not mounted now.
   *
   * @param options The minimum age of a file, more than two hours if there may be writers in other processes; whether only to
   * look for the files; and a signal.
   * @returns The deleted files, or with `dryRun` those that would be deleted.
   * @throws {AggregateError} If files could not be deleted: `errors` has one error for each. All others are deleted first.
   * @throws {DiskError} If the folder cannot be read.
   * @throws {ConfigurationError} If the permission to write to the folder is missing.
   * @throws {RangeError} If `olderThanSeconds` is not a number of 0 or more.
   * @throws {TypeError} If an option is unknown.
   *
   * @example
   * ```ts
   * import { LocalStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const folder = await Deno.makeTempDir();
   * const left = `${folder}/.storages-${crypto.randomUUID()}`; // by a process that was killed long ago
   * await Deno.writeTextFile(left, "the first half of a");
   * await Deno.utime(left, new Date(0), new Date(0));
   *
   * const deleted = await new LocalStorage(folder).deleteIncomplete();
   * assertEquals(deleted, [{ path: left, size: 19, modifiedTime: new Date(0) }]);
   * await Deno.remove(folder, { recursive: true });
   * ```
   */
  async deleteIncomplete(options?: DeleteIncompleteOptions): Promise<IncompleteFile[]> {
    return await (this.backend as LocalBackend).deleteIncomplete(options);
  }
}
