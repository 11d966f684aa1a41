import { NotFoundError, PreconditionFailedError } from "../../errors.ts";
import { matchesETag } from "../../kit/text/etag.ts";
import { trimFolder } from "../../kit/text/trim_end.ts";
import {
  changesOf,
  checkFolderPermission,
  type Disk,
  diskErrorCode,
  type DiskHandle,
  type DiskStats,
  fileUrl,
  findDisk,
} from "../../runtime/files/disk.ts";
import { keepPermissions, modeToReplace, type Permissions } from "../../runtime/files/keep_permissions.ts";
import { checkFollowLinks, type FollowLinks } from "../../runtime/files/links.ts";
import { isWindows } from "../../runtime/detect.ts";
import { belowBaseUrl } from "../contract/base_url.ts";
import type {
  ExpectedObject,
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectWriteOptions,
  StoredName,
} from "../contract/backend.ts";
import type { WrittenObject } from "../contract/saved_file.ts";
import { DEFAULT_CONTENT_TYPE, guessContentType } from "../content/content_type.ts";
import { alreadyExists, preconditionFailed } from "../contract/conflicts.ts";
import { type Description, descriptionOf } from "../contract/attributes.ts";
import type { FileStat } from "../contract/entry.ts";
import { copyBytes, streamOf, writeAll } from "./local_bytes.ts";
import { identityOf, LocalAttributes } from "./local_attributes.ts";
import { type FoundFile, LocalFolder } from "./local_folder.ts";
import { RESERVED } from "./local_names.ts";
import type {
  CallOptions,
  CopyOptions,
  LeftOutReason,
  ListOptions,
  ReadOptions,
  UrlOptions,
} from "../contract/options.ts";
import type { ByteSource } from "../files/read_file.ts";
import { Storage } from "../storage.ts";
import type { ByteSink } from "../files/write_file.ts";

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
  /** What `url` puts before a file's key; without it there are no URLs. */
  readonly baseUrl?: string | undefined;
  /**
   * Which symbolic links are followed to read and to list: `"never"`, `"inside"` (those that lead to something in the
   * folder, and below the `location`) or `"anywhere"`. Nothing is ever written or removed behind a link. The default is
   * stricter than that of `collect`, as a file that a link leads to has two names here, and `removeOrphans` would miss one of
   * them in records.
   * @default {"never"}
   */
  readonly followLinks?: FollowLinks | undefined;
}

/**
 * A storage that keeps its files in a folder on disk, under their own names: for development, and wherever a disk is enough.
 * On Deno, Bun and Node.
 *
 * A file is written beside its place and then moved there, so that nobody sees half of it. It keeps the permissions and the
 * group of the file that it replaces, and is never readable by more users than that one, not even while it is written. A
 * process that is killed meanwhile leaves a file `.storages-…` in the folder, which no listing shows and anybody may remove.
 *
 * What a name does not let guess (media types of your own, caching, metadata; up to 1 MiB) is kept in small files in the
 * folder `.storages`, which no listing shows. They belong to the very files that were written here: what other programs copy
 * of the folder, or write anew, is without. No spelling of a name leads to `.storages`, whatever the disk folds.
 *
 * Files that other programs put into the folder are files of the storage too. Symbolic links are not, unless `followLinks`
 * says so: reading or writing over one is an error, and listings leave it out and tell `onLeftOut`. Nothing is ever written
 * or removed behind a link. A program that puts a link in a folder's place at the very moment of a write can still divert
 * that write: let nobody else write to the folder.
 *
 * Names longer than a disk allows are kept in folders that end in `.storages-more`. Names that Windows cannot have, or takes
 * for a device, a stream or a short name, are an error there. On a disk that does not tell upper from lower case, neither
 * does the storage. `ifMatch` is judged among the writers of one storage; for writers in other processes there is a moment
 * between the look and the replacing.
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
 * const other = await storage.save("docs/a.txt", "second"); // "docs/a_x7Kd91Q.txt", say
 * assertEquals(await (await storage.open(other)).text(), "second");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class LocalStorage extends Storage {
  readonly #disk: Disk;
  readonly #folder: LocalFolder;
  readonly #attributes: LocalAttributes;
  readonly #baseUrl: string | undefined;
  /** For each key that files are being published under, the end of the last one. */
  readonly #turns = new Map<string, Promise<void>>();

  /**
   * Touches nothing yet; the folder is made when it is first written to.
   *
   * @param folder The path of the folder.
   * @param options Location, naming and URLs.
   * @throws {TypeError} If the folder is no path, or followLinks none of its values.
   * @throws {ConfigurationError} If the runtime has no disk, or the folder may not be read.
   */
  constructor(folder: string, options: LocalStorageOptions = {}) {
    if (typeof folder !== "string" || folder === "") throw new TypeError("A LocalStorage needs the path of a folder");
    super({ location: options.location ?? "", fileOverwrite: options.fileOverwrite ?? true });
    const path = trimFolder(folder);
    this.#disk = findDisk();
    checkFollowLinks(options.followLinks);
    checkFolderPermission("read", path);
    this.#folder = new LocalFolder(path, this.#disk, options.followLinks ?? "never", this.location);
    this.#attributes = new LocalAttributes(path, this.#disk);
    this.#baseUrl = options.baseUrl;
  }

  /**
   * A URL made of `baseUrl` and the file's key.
   *
   * @throws {NotSupportedError} If there is no `baseUrl`.
   */
  override url(name: string, _options: UrlOptions = {}): Promise<string> {
    return Promise.resolve().then(() => belowBaseUrl(this.#baseUrl, this.fileOf(name), "LocalStorage"));
  }

  /**
   * The `file:` URL of the path that a name stands for, with which it can be compared with other names.
   *
   * @throws {SuspiciousNameError} If the name cannot be a file's.
   */
  override uri(name: string): string {
    return fileUrl(this.#folder.pathOf(this.fileOf(name).key));
  }

  /**
   * Renames a file.
   *
   * @throws {SuspiciousNameError} If the way there leads over a link, which may be read and not removed: nothing is copied.
   */
  override async move(from: string, to: string, options: CopyOptions = {}): Promise<void> {
    await this.#folder.stat(this.fileOf(from).key);
    await super.move(from, to, options);
  }

  /** Opens a file's bytes. */
  protected override async openObject(file: StoredName, options: ReadOptions): Promise<ByteSource> {
    options.signal?.throwIfAborted();
    const { stat, handle } = await this.#open(file);
    let unused: DiskHandle | undefined = handle;
    const close = async (): Promise<void> => {
      const handle = unused;
      unused = undefined;
      await handle?.close();
    };
    const part = { start: options.start ?? 0, end: Math.min(options.end ?? stat.size, stat.size) };
    if (part.start >= part.end) await close(); // it is never asked for bytes
    return {
      stat,
      part,
      close,
      // A type that is but guessed by the name is no description: another name may have another one.
      describe: () => Promise.resolve(isGuessed(stat) ? { ...stat, contentType: undefined } : stat),
      open: async (start, end = part.end) => {
        if (unused === undefined) unused = await this.#reopen(file, stat);
        const handle = unused;
        unused = undefined;
        return streamOf(handle, start, Math.min(end, stat.size));
      },
    };
  }

  async #open(file: StoredName): Promise<Opened> {
    for (;;) {
      const { found: { path, stats }, description, stat } = await this.#describe(file);
      const handle = await this.#disk.open(path, "r").catch((error) => {
        throw diskErrorCode(error) === "ENOENT" ? missing(file) : error;
      });
      const opened = await handle.stat({ bigint: true });
      if (opened.dev === stats.dev && etagOf(opened) === stat.etag) {
        return { stat, description, stats, handle };
      }
      await handle.close(); // it was written anew in between, or a link was put in its place
    }
  }

  async #reopen(file: StoredName, { etag }: FileStat): Promise<DiskHandle> {
    const { stat, handle } = await this.#open(file);
    if (stat.etag === etag) return handle;
    await handle.close();
    throw new PreconditionFailedError(`File changed while it was read: ${file.key}`, { key: file.key });
  }

  /** Opens a file to write. */
  protected override createObject(file: StoredName, options: ObjectWriteOptions): ByteSink {
    let opening: Promise<Fresh> | undefined;
    let position = 0;
    const open = (): Promise<Fresh> => opening ??= this.#create(file.key);
    return {
      write: async (chunk) => {
        position = await writeAll((await open()).handle, chunk, position);
      },
      close: async () => {
        const { handle, path } = await open();
        opening = undefined;
        await handle.close();
        const written = await this.#publish(file, path, descriptionOf(options), options);
        options.onProgress?.({ bytes: position, parts: 1, total: position });
        return written;
      },
      abort: async () => {
        const fresh = await opening?.catch(() => undefined);
        await fresh?.handle.close();
        await this.#drop(fresh?.path);
      },
    };
  }

  /**
   * A file that is not finished: in the storage's folder, as moving it must not take time. From the first moment on nobody
   * may read it who could not read the file that it is to replace.
   *
   * @param mode The most permissions that it may have.
   */
  async #create(key: string, mode = ANY_MODE): Promise<Fresh> {
    checkFolderPermission("write", this.#folder.path);
    const before = await this.#folder.stat(key);
    await this.#disk.mkdir(this.#folder.path, { recursive: true });
    const path = `${this.#folder.path}/${RESERVED}-${crypto.randomUUID()}`;
    const most = before === undefined ? mode : mode & modeToReplace(before);
    return { path, handle: await this.#disk.open(path, "wx", isWindows() ? ANY_MODE : most) };
  }

  /**
   * Gives a finished file its name. Whatever happens, it is not left behind.
   *
   * @throws {PreconditionFailedError} If what is there is not as the options have it.
   * @throws {AlreadyExistsError} If a file is there that may not be replaced.
   */
  async #publish(
    file: StoredName,
    path: string,
    description: Description,
    options: PublishOptions,
  ): Promise<WrittenObject> {
    const { key } = file;
    let stats: DiskStats | undefined;
    try {
      options.signal?.throwIfAborted();
      const written = stats = await this.#disk.lstat(path, { bigint: true });
      const isDescribed = await this.#attributes.write(key, written, description);
      const finished = { path, stats: written, isDescribed };
      const replaced = await this.#inTurn(key, () => this.#replace(file, finished, options));
      return { etag: etagOf(stats), replaced };
    } catch (error) {
      if (stats !== undefined) await this.#attributes.remove(stats);
      await this.#drop(path);
      throw error;
    }
  }

  /** Returns whether there was a file before. */
  async #replace(
    { key }: StoredName,
    finished: Finished,
    { overwrite, ifMatch, ifNoneMatch, like }: PublishOptions,
  ): Promise<boolean> {
    const { path } = finished;
    const before = await this.#folder.stat(key);
    const etag = before && etagOf(before);
    const isAsWanted = (ifMatch === undefined || matchesETag(ifMatch, etag)) &&
      (ifNoneMatch === undefined || !matchesETag(ifNoneMatch, etag));
    if (!isAsWanted) throw preconditionFailed(key);
    if (overwrite && ifNoneMatch?.trim() !== "*") {
      await this.#permit(finished, before ?? like);
      await this.#folder.place(key, (goal) => this.#disk.rename(path, goal));
      if (before !== undefined) await this.#attributes.remove(before);
      return before !== undefined;
    }
    await this.#permit(finished, like);
    try {
      await this.#folder.place(key, (goal) => this.#disk.link(path, goal)); // which no other process can come before
    } catch (cause) {
      if (diskErrorCode(cause) !== "EEXIST") throw cause;
      if (!overwrite) throw alreadyExists(key, cause);
      throw preconditionFailed(key, cause);
    }
    await this.#drop(path);
    return false;
  }

  /** Whoever could not read the file before cannot do so now. */
  async #permit({ path, stats, isDescribed }: Finished, wanted: Permissions | undefined): Promise<void> {
    if (wanted === undefined) return;
    await keepPermissions(stats, wanted, changesOf(this.#disk, path, stats));
    if (isDescribed) await this.#attributes.permit(stats, wanted);
  }

  /** Runs a step after those of the same key that were asked for before. */
  async #inTurn<T>(key: string, step: () => Promise<T>): Promise<T> {
    const done = (this.#turns.get(key) ?? Promise.resolve()).then(step);
    const turn = done.then(() => {}, () => {});
    this.#turns.set(key, turn);
    try {
      return await done;
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }

  async #drop(path: string | undefined): Promise<void> {
    if (path !== undefined) await this.#disk.rm(path, { force: true });
  }

  /** Stores a file. */
  protected override async putObject(
    file: StoredName,
    body: Uint8Array<ArrayBuffer> | Blob,
    options: ObjectWriteOptions,
  ): Promise<WrittenObject | void> {
    const sink = this.createObject(file, options);
    try {
      if (!(body instanceof Blob)) await sink.write(body);
      else for await (const chunk of body.stream()) await sink.write(chunk);
    } catch (error) {
      await sink.abort(error);
      throw error;
    }
    return await sink.close();
  }

  /** What is known of a file. */
  protected override async statObject(file: StoredName, _options: CallOptions): Promise<FileStat> {
    return (await this.#describe(file)).stat;
  }

  async #describe(file: StoredName): Promise<Described> {
    const { found, description } = await this.#look(file);
    const rest = { versionId: undefined, storageClass: undefined };
    return { found, description, stat: { name: file.name, ...listed(found.stats), ...description, ...rest } };
  }

  async #look(file: StoredName): Promise<Omit<Described, "stat">> {
    let found = await this.#find(file);
    for (;;) {
      const description = await this.#attributes.read(file.key, found.stats);
      const now = await this.#find(file);
      // What described it is gone with it, should it have been written anew in between.
      if (etagOf(now.stats) === etagOf(found.stats)) return { found: now, description };
      found = now;
    }
  }

  async #find(file: StoredName): Promise<FoundFile> {
    const found = await this.#folder.find(file.key);
    if (found === undefined) throw missing(file);
    return found;
  }

  /** Removes files, and the folders that are empty then. */
  protected override async deleteObjects(
    files: readonly StoredName[],
    { signal, expected }: ObjectDeleteOptions,
  ): Promise<void> {
    checkFolderPermission("write", this.#folder.path);
    const errors: unknown[] = [];
    for (const { key } of files) {
      signal?.throwIfAborted();
      try {
        await this.#inTurn(key, () => this.#remove(key, expected));
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1 && files.length === 1) throw errors[0];
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} files could not be removed`);
  }

  async #remove(key: string, expected: ExpectedObject | undefined): Promise<void> {
    const stats = await this.#folder.stat(key);
    if (stats === undefined) return;
    if (expected !== undefined && !matchesETag(expected.etag, etagOf(stats))) throw preconditionFailed(key);
    await this.#disk.rm(this.#folder.pathOf(key), { force: true });
    await this.#attributes.remove(stats);
    await this.#folder.prune(key);
  }

  /** Lists files in the order of their keys' bytes, as S3 does. */
  protected override async *listObjects(
    prefix: string,
    recursive: boolean,
    { signal, onLeftOut }: ListOptions,
  ): AsyncGenerator<ListedKey> {
    const leaveOut = (key: string, reason: LeftOutReason): void => onLeftOut?.(key.slice(this.location.length), reason);
    for await (const { key } of this.#folder.list(prefix, recursive, leaveOut)) {
      signal?.throwIfAborted();
      if (key.endsWith("/")) {
        yield { kind: "directory", key };
        continue;
      }
      const found = await this.#folder.find(key);
      if (found !== undefined) yield { kind: "file", key, ...listed(found.stats) };
      // Else it was removed meanwhile, or has bytes in its name that are no UTF-8: runtimes show those as this character.
      else if (key.includes("\ufffd")) leaveOut(key, "name");
    }
  }

  /** Copies a file. */
  protected override async copyObject(
    from: StoredName,
    to: StoredName,
    { signal, overwrite, ifMatch }: ObjectCopyOptions,
  ): Promise<void> {
    // By a handle, which stays that of the file that was looked at, whatever is put in its place.
    const { stat: { etag, size }, description, stats, handle: source } = await this.#open(from);
    let fresh: Fresh | undefined;
    try {
      if (ifMatch !== undefined && !matchesETag(ifMatch, etag)) throw preconditionFailed(from.key);
      fresh = await this.#create(to.key, modeToReplace(stats));
      await copyBytes(source, fresh.handle, size, signal);
      await fresh.handle.close();
    } catch (error) {
      await fresh?.handle.close();
      await this.#drop(fresh?.path);
      throw error;
    } finally {
      await source.close();
    }
    await this.#publish(to, fresh.path, description, { overwrite, signal, like: stats });
  }
}

/** How a file gets its name. */
interface PublishOptions extends Pick<ObjectWriteOptions, "overwrite" | "ifMatch" | "ifNoneMatch" | "signal"> {
  /** Whose permissions a file gets that replaces none; by default it has those of a new one. */
  readonly like?: Permissions;
}

/** The permissions of a new file, of which the process's umask takes some. */
const ANY_MODE = 0o666;

/** A file with what is known of it. */
interface Described {
  readonly found: FoundFile;
  readonly description: Description;
  readonly stat: FileStat;
}

/** A file that was opened: the very one that the rest tells of. */
interface Opened extends Omit<Described, "found"> {
  readonly stats: DiskStats;
  readonly handle: DiskHandle;
}

/** A file that is whole, and has no name yet. */
interface Finished extends FoundFile {
  /** Whether there is a file of what describes it. */
  readonly isDescribed: boolean;
}

/** A file that is not published yet. */
interface Fresh {
  readonly handle: DiskHandle;
  readonly path: string;
}

function listed(stats: DiskStats): Pick<FileStat, "size" | "etag" | "modifiedTime"> {
  return {
    size: Number(stats.size),
    etag: etagOf(stats),
    modifiedTime: new Date(Number(stats.mtimeNs / 1_000_000n)),
  };
}

function etagOf(stats: DiskStats): string {
  return `"${identityOf(stats)}"`;
}

function missing({ key }: StoredName): NotFoundError {
  return new NotFoundError(`File does not exist: ${key}`, { key });
}

function isGuessed({ name, contentType }: FileStat): boolean {
  return contentType === (guessContentType(name) ?? DEFAULT_CONTENT_TYPE);
}
