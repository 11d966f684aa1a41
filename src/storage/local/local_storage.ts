import { checkOptions } from "../../kit/values/options.ts";
import type { FollowLinks } from "../../runtime/files/links.ts";
import { locationPrefix } from "../contract/names.ts";
import { derivedStorage } from "../derived_storage.ts";
import { Storage, type StorageOptions } from "../storage.ts";
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
}

const NAMES = [
  "location",
  "fileOverwrite",
  "baseUrl",
  "followLinks",
] as const satisfies readonly (keyof LocalStorageOptions)[];

/**
 * A storage that keeps its files in a folder on disk, under their own names: for development, and for services that need only a
 * disk. It runs on Deno, Bun and Node.
 *
 * A file is written under a temporary name and then renamed, so that no partial file is visible. It keeps the permissions
 * and the group of the file that it replaces, and is never readable by more users than that file, not even while it is
 * written. A process that is killed during a write leaves a file `.storages-…` in the folder. No listing shows it, and it
 * may be deleted at any time.
 *
 * Attributes that the name does not suggest (media types, caching, metadata; up to 1 MiB) are kept in small files in the
 * folder `.storages`, which no listing shows. They belong to the files that were written by this class: files that other
 * programs copy or write have no such attributes. No spelling of a name leads to `.storages`, even on disks that ignore case or
 * Unicode forms.
 *
 * Files that other programs put into the folder are files of the storage too. Symbolic links are not, unless `followLinks`
 * allows it: reading or writing through one is an error, and listings leave it out and report it to `onLeftOut`. Nothing is
 * ever written or deleted through a link. A program that replaces a folder by a link at the moment of a write can still
 * divert that write: let no other user write to the folder.
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
}
