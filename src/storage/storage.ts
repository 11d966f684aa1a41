import { AlreadyExistsError, isStorageError, PreconditionFailedError, SuspiciousNameError } from "../errors.ts";
import type {
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectWriteOptions,
  StoredName,
} from "./contract/backend.ts";
import type { WrittenObject } from "./contract/saved_file.ts";
import { checkPart } from "./contract/check_part.ts";
import { checkDescription, decompressing, isGzip, spooling } from "./files/lazy.ts";
import { alreadyExists } from "./contract/conflicts.ts";
import { nameOfContent, prepareContent, type SaveContent } from "./content/content.ts";
import type { PreparedContent } from "./content/prepared_content.ts";
import { DEFAULT_CONTENT_TYPE, guessContentType } from "./content/content_type.ts";
import type { FileEntry, FileStat, StorageEntry } from "./contract/entry.ts";
import {
  alternativeName,
  checkFileName,
  checkName,
  fitName,
  isName,
  locationPrefix,
  resolveKey,
  validName,
  validPath,
} from "./contract/names.ts";
import type {
  CallOptions,
  CopyOptions,
  DeleteOptions,
  ListOptions,
  ReadOptions,
  SaveOptions,
  UrlOptions,
  WriteOptions,
} from "./contract/options.ts";
import { BinaryFile } from "./files/binary_file.ts";
import type { ByteSource } from "./files/read_file.ts";
import { TextFile } from "./files/text_file.ts";
import { type ByteSink, writeAll, WriteFile } from "./files/write_file.ts";

/** How often a free name is looked for before the hunt is called off: 62^7 suffixes do not run out by chance. */
const MAX_NAME_TRIES = 100;

/** Names removed in one step of `deleteMany`: S3's limit for a request. */
const NAMES_PER_DELETE = 1000;

/**
 * A place that keeps files by name: the contract that {@linkcode S3Storage} and {@linkcode MemoryStorage} fulfil, and
 * any storage of your own by implementing the protected methods.
 *
 * Names are paths with forward slashes, below the storage's location, which no name can leave. A name that is
 * absolute, has a `.` or `..` segment, or makes a key of more than 1024 bytes is refused with a
 * {@linkcode SuspiciousNameError} before anything else happens.
 *
 * Source: the Storage API of Django, by way of django-storages.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type Storage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * async function backup(from: Storage, to: Storage): Promise<void> {
 *   for await (const { name } of from.list("", { recursive: true })) {
 *     await to.save(name, await from.open(name, "rb")); // with its media type, caching and metadata
 *   }
 * }
 *
 * const [from, to] = [new MemoryStorage(), new MemoryStorage()];
 * await from.save("docs/a.txt", "hello");
 * await backup(from, to);
 * assertEquals(await to.listdir("docs"), [[], ["a.txt"]]);
 * ```
 */
export abstract class Storage {
  /** The folder that all names are below, ending in a slash; empty for none. */
  readonly location: string;
  /** Whether `save` replaces a file of the same name; if not, it finds a free name. */
  readonly fileOverwrite: boolean;
  readonly #gzip: boolean;
  readonly #maxMemorySize: number;
  #id: string | undefined;

  /**
   * Made by the storages that extend it.
   *
   * @param options.location The folder that all names are below.
   * @param options.fileOverwrite Whether `save` replaces a file of the same name.
   * @param options.gzip Whether files that are stored as gzip are decompressed when nothing else is asked for.
   * @param options.maxMemorySize Bytes of a file read with `spool` that are kept in memory; 0 for all.
   */
  constructor(options: {
    readonly location: string;
    readonly fileOverwrite: boolean;
    readonly gzip?: boolean | undefined;
    readonly maxMemorySize?: number | undefined;
  }) {
    this.location = locationPrefix(options.location);
    this.fileOverwrite = options.fileOverwrite;
    this.#gzip = options.gzip ?? false;
    this.#maxMemorySize = options.maxMemorySize ?? 0;
  }

  /**
   * Stores content under a name, all of it or nothing. Where `fileOverwrite` is false and the name is taken, a free
   * one such as `name_AbC1234.ext` is found; who saves at the same time gets another one. On services that ignore
   * `If-None-Match` when they complete an upload in parts, a stream of more than 8 MiB always gets such a name, as only
   * that is sure to be free.
   *
   * @param name The name; `undefined` for that of a File.
   * @param content What to store; a stream is read as fast as it can be stored.
   * @param options How to store it.
   * @returns The name it was stored under, without the location.
   * @throws {SuspiciousNameError} If the name cannot be a file's.
   * @throws {TypeError} If the content cannot be saved, or an option is a value that no header can carry.
   * @throws {AlreadyExistsError} If no free name was found, or a large stream's name was taken while it was written.
   * @throws {PreconditionFailedError} If `ifMatch` or `ifNoneMatch` does not hold; of a file that is not there, `ifMatch`
   * may be a {@linkcode NotFoundError}.
   */
  async save(name: string | undefined, content: SaveContent, options: SaveOptions = {}): Promise<string> {
    const { maxLength, onProgress, onSaved, ...writeOptions } = options;
    const overwrite = this.#overwrites(options);
    const given = name ?? nameOfContent(content);
    if (given === undefined) throw new TypeError("Cannot save without a name: only a File brings its own");
    checkFileName(given);
    const clean = checkName(given);
    const preparing = prepareContent(content, options.signal, options.contentEncoding);
    let prepared = preparing instanceof Promise ? await preparing : preparing;
    const described = prepared.described ? { ...prepared.described, ...withoutUndefined(writeOptions) } : writeOptions;
    let bytesReported = 0;
    const write = async (candidate: string): Promise<string> => {
      let file = this.fileOf(candidate);
      const fallbackContentType = prepared.type ?? guessContentType(candidate) ?? DEFAULT_CONTENT_TYPE;
      const written = await this.#write(file, prepared, {
        ...described,
        overwrite,
        identified: onSaved !== undefined || removesOnAbort(options),
        // Under another name it begins anew.
        onProgress: onProgress &&
          ((progress) =>
            progress.bytes >= bytesReported && onProgress({ ...progress, bytes: bytesReported = progress.bytes })),
        fallbackContentType,
        fallbackContentEncoding: prepared.encoding,
        uniqueName: overwrite ? undefined : async () => {
          const name = await this.#freeName(alternativeName(clean, maxLength), maxLength, options);
          return file = this.fileOf(name);
        },
      });
      const { name } = file;
      onSaved?.({
        name,
        ...written ?? { etag: (await this.stat(name, { signal: options.signal })).etag, replaced: true },
      });
      return name === this.fileOf(candidate).name ? candidate : name;
    };
    try {
      const checking = checkDescription("save", given, described);
      if (checking !== undefined) await checking; // most saves describe nothing
      if (overwrite) return await write(fitName(clean, maxLength));
      // A short stream is kept, so that it can be written once more should its name be taken meanwhile.
      if ("stream" in prepared) prepared = await (await import("./content/stream_content.ts")).spoolContent(prepared);
      for (let tries = 1;; tries++) {
        try {
          return await write(await this.#freeName(clean, maxLength, options));
        } catch (error) {
          const again = "whole" in prepared && tries < MAX_NAME_TRIES;
          if (!again || !isStorageError(error, "AlreadyExists")) throw error;
        }
      }
    } catch (error) {
      if ("stream" in prepared) await prepared.stream[Symbol.asyncIterator]().return?.();
      throw error;
    }
  }

  /**
   * Opens a file.
   *
   * @param name The name.
   * @param mode `"r"` to read text, `"rb"` to read bytes, `"w"` or `"wb"` to write; `"r"` by default.
   * @param options How to open it.
   * @returns The file, at its start. Close it, or let `await using` do so.
   * @throws {NotFoundError} If there is no such file to read.
   * @throws {TypeError} If there is no such mode, or an option is a value that no header can carry.
   */
  open(name: string, mode?: "r" | "rt", options?: ReadOptions): Promise<TextFile>;
  /** Opens a file to read bytes. */
  open(name: string, mode: "rb", options?: ReadOptions): Promise<BinaryFile>;
  /** Opens a file to read, as text or as bytes. */
  open(name: string, mode: "r" | "rt" | "rb", options?: ReadOptions): Promise<TextFile | BinaryFile>;
  /** Opens a file to write; nothing is to be seen of it before it is closed. */
  open(name: string, mode: "w" | "wb" | "wt", options?: WriteOptions): Promise<WriteFile>;
  /** Opens a file in a mode that is only known later. */
  open(
    name: string,
    mode: "r" | "rt" | "rb" | "w" | "wb" | "wt",
    options?: ReadOptions & WriteOptions,
  ): Promise<TextFile | BinaryFile | WriteFile>;
  async open(
    name: string,
    mode = "r",
    options: ReadOptions & WriteOptions = {},
  ): Promise<TextFile | BinaryFile | WriteFile> {
    options.signal?.throwIfAborted();
    switch (mode) {
      case "r":
      case "rt":
        return await this.#openForReading(TextFile, name, options);
      case "rb":
        return await this.#openForReading(BinaryFile, name, options);
      case "w":
      case "wt":
      case "wb":
        await checkDescription("open", name, options);
        return this.#openForWriting(name, options);
      default:
        throw new TypeError(`There is no mode '${mode}': use "r" (text), "rb" (bytes), "w" or "wb" (write)`);
    }
  }

  /**
   * Whether there is a file of that name. A folder is none. On S3 a bucket that does not exist looks like one without
   * the file, since the answer to a HEAD request has no room to say more.
   */
  async exists(name: string, options: CallOptions = {}): Promise<boolean> {
    try {
      await this.stat(name, options);
      return true;
    } catch (error) {
      if (isStorageError(error, "NotFound")) return false;
      throw error;
    }
  }

  /**
   * Everything that is known of a file.
   *
   * @throws {NotFoundError} If there is no such file.
   */
  async stat(name: string, options: CallOptions = {}): Promise<FileStat> {
    options.signal?.throwIfAborted();
    return await this.statObject(this.fileOf(name), options);
  }

  /**
   * A file's size in bytes, as it is stored.
   *
   * @throws {NotFoundError} If there is no such file.
   */
  async size(name: string, options: CallOptions = {}): Promise<number> {
    return (await this.stat(name, options)).size;
  }

  /**
   * When a file was written.
   *
   * @throws {NotFoundError} If there is no such file.
   */
  async getModifiedTime(name: string, options: CallOptions = {}): Promise<Date> {
    return (await this.stat(name, options)).modifiedTime;
  }

  /**
   * The folders and the files in a folder, by their names in it; both empty where there is no such folder.
   *
   * @param name The folder; the storage's location by default.
   * @returns Folders, then files.
   */
  async listdir(name = "", options: CallOptions = {}): Promise<[directories: string[], files: string[]]> {
    const directories: string[] = [];
    const files: string[] = [];
    for await (const entry of this.list(name, options)) {
      const list = entry.kind === "file" ? files : directories;
      list.push(entry.name.slice(entry.name.lastIndexOf("/") + 1));
    }
    return [directories, files];
  }

  /**
   * Lists a folder as it goes, however long it is, in the order of the service. Left out are the empty objects that some
   * programs keep to mark a folder (their keys end in a slash), and keys that no name stands for, such as `a//b`.
   *
   * @param name The folder; the storage's location by default.
   * @param options Whether to list the files of all folders below too.
   * @returns Files and folders; only files where it is recursive.
   */
  list(name: string, options: ListOptions & { readonly recursive: true }): AsyncIterable<FileEntry>;
  /** Lists the files and folders in a folder as it goes. */
  list(name?: string, options?: ListOptions): AsyncIterable<StorageEntry>;
  list(name = "", options: ListOptions = {}): AsyncIterable<StorageEntry> {
    return this.#entries(name, options);
  }

  async *#entries(folder: string, options: ListOptions): AsyncGenerator<StorageEntry> {
    for await (const listed of this.listObjects(this.#folderKey(folder), options.recursive ?? false, options)) {
      const { key, ...entry } = listed;
      const relative = key.slice(this.location.length);
      if (!isName(relative) || (listed.kind === "file" && key.endsWith("/"))) {
        options.onLeftOut?.(relative, isName(relative) ? "marker" : "name");
        continue;
      }
      yield listed.kind === "directory"
        ? { kind: "directory", name: relative.replace(/\/$/, "") }
        : { ...entry as Omit<FileEntry, "name">, name: relative };
    }
  }

  /**
   * A URL to the file. Makes no request: whether there is such a file is not looked at.
   *
   * @throws {NotSupportedError} If the storage has no URLs.
   */
  abstract url(name: string, options?: UrlOptions): Promise<string>;

  /**
   * Removes a file; one that is not there counts as removed.
   *
   * @param name The file.
   * @param options Which file of that name is removed; any by default.
   * @throws {PreconditionFailedError} If the file is not the one of `ifMatch`. It stays.
   * @throws {TypeError} If `ifMatch` is empty.
   */
  async delete(name: string, options: DeleteOptions = {}): Promise<void> {
    const { signal, ifMatch } = options;
    signal?.throwIfAborted();
    if (ifMatch === "") throw new TypeError(`Cannot delete '${name}': ifMatch must be an ETag or a saved file, got ""`);
    const expected = typeof ifMatch === "string" ? { etag: ifMatch } : ifMatch;
    await this.deleteObjects([this.fileOf(name)], { signal, expected });
  }

  /**
   * Removes files, a thousand in a step. Names that are not there count as removed.
   *
   * @throws {AggregateError} Of one error for each file that could not be removed, after all others were.
   */
  async deleteMany(names: Iterable<string> | AsyncIterable<string>, options: CallOptions = {}): Promise<void> {
    if (typeof names === "string") throw new TypeError(`Cannot delete many: '${names}' is one name, not many`);
    const errors: Error[] = [];
    const remove = async (files: StoredName[]): Promise<void> => {
      options.signal?.throwIfAborted();
      await this.deleteObjects(files, options).catch((error) => {
        if (error instanceof AggregateError) errors.push(...error.errors);
        else if (isStorageError(error)) errors.push(error);
        else throw error;
      });
    };
    let batch: StoredName[] = [];
    for await (const name of names) {
      batch.push(this.fileOf(name));
      if (batch.length === NAMES_PER_DELETE) {
        await remove(batch);
        batch = [];
      }
    }
    if (batch.length > 0) await remove(batch);
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} files could not be removed`);
  }

  /**
   * Copies a file within the storage, with all that belongs to it, whatever its size.
   *
   * On S3 a copy keeps the storage class and the ACL, where neither is configured for the new name. Credentials that may
   * not read the ACL (s3:GetObjectAcl) give the copy the default one. Where nothing may be overwritten, the copy fails
   * rather than replace a file that another writer stored under the new name meanwhile; a service that ignores
   * `If-None-Match` on copies then gets the bytes by way of this machine.
   *
   * @param from The file.
   * @param to The name of the copy.
   * @param options Whether a file of that name may be replaced.
   * @throws {NotFoundError} If there is no such file.
   * @throws {AlreadyExistsError} If the new name is taken, and may not be overwritten.
   * @throws {NotSupportedError} If the service has no way to copy a file of this size without the risk to overwrite.
   */
  async copy(from: string, to: string, options: CopyOptions = {}): Promise<void> {
    await this.#transfer(from, to, options, false);
  }

  /**
   * Renames a file: copies it as `copy` does, then removes the first. If that fails in between, both files are there.
   *
   * A file that is saved under the old name while it is moved stays; one of the same bytes, in the same second, cannot be
   * told from the first on S3. On services that ignore `If-Match` when they remove a
   * file, that holds until just before the old file is removed.
   *
   * @param from The file.
   * @param to Its new name.
   * @param options Whether a file of that name may be replaced.
   * @throws {NotFoundError} If there is no such file.
   * @throws {AlreadyExistsError} If the new name is taken, and may not be overwritten.
   * @throws {PreconditionFailedError} If another file was saved under the old name meanwhile. Then both files are there.
   */
  async move(from: string, to: string, options: CopyOptions = {}): Promise<void> {
    await this.#transfer(from, to, options, true);
  }

  async #transfer(
    from: string,
    to: string,
    { signal, overwrite = this.fileOverwrite }: CopyOptions,
    isMove: boolean,
  ): Promise<void> {
    signal?.throwIfAborted();
    const [source, target] = [this.fileOf(from), this.fileOf(to)];
    checkFileName(to);
    const isSame = source.key === target.key;
    const stat = isMove || isSame ? await this.statObject(source, { signal }) : undefined;
    if (isSame) return;
    if (!overwrite && await this.exists(to, { signal })) {
      throw alreadyExists(target.key);
    }
    await this.copyObject(source, target, { signal, overwrite, ifMatch: stat?.etag });
    if (!isMove) return;
    try {
      await this.deleteObjects([source], { signal, expected: stat });
    } catch (cause) {
      if (!isStorageError(cause, "PreconditionFailed")) throw cause;
      throw new PreconditionFailedError(
        `Cannot remove '${from}' after it was copied to '${to}': another file was saved under its name meanwhile`,
        { key: source.key, cause },
      );
    }
  }

  /**
   * Identifies the object that a name stands for: storages that reach the same object give the same URI, and names in
   * two spellings (`a//b.txt`, `a/b.txt`) too. To compare files by; it holds no secret, and it is not a URL to read from.
   *
   * An S3Storage gives endpoint, bucket and key, a LocalStorage the path on disk. Any other storage gives an id of the
   * instance and the key, so two instances never agree; override it where they can reach the same object.
   *
   * @param name The name. Makes no request: the file may be missing.
   * @throws {SuspiciousNameError} If the name cannot be a file's.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { assertEquals } from "@std/assert";
   *
   * const media = new S3Storage({ bucketName: "media", endpointUrl: "http://localhost:9000" });
   * const avatars = new S3Storage({ bucketName: "media", endpointUrl: "http://localhost:9000", location: "avatars" });
   * assertEquals(avatars.uri("7.png"), "s3://localhost:9000/media/avatars/7.png");
   * assertEquals(avatars.uri("7.png"), media.uri("avatars//7.png"));
   * ```
   */
  uri(name: string): string {
    this.#id ??= crypto.randomUUID();
    return `storage://${this.#id}/${encodeURIComponent(this.fileOf(name).key)}`;
  }

  /**
   * A name that no file has, as `save` would choose it now.
   *
   * @param name The wanted name.
   * @param maxLength The most characters it may have.
   * @returns The name itself where it is free or may be overwritten, else `name_AbC1234.ext`.
   */
  async getAvailableName(name: string, maxLength?: number, options: CallOptions = {}): Promise<string> {
    checkFileName(name);
    const clean = checkName(name);
    const free = this.fileOverwrite ? fitName(clean, maxLength) : await this.#freeName(clean, maxLength, options);
    return this.fileOf(free).name;
  }

  /**
   * A file name made safe: trimmed, spaces as underscores, and nothing but letters, digits, `_`, `-` and `.`.
   *
   * @throws {SuspiciousNameError} If nothing usable is left.
   */
  getValidName(name: string): string {
    return validName(name);
  }

  /**
   * A path whose last part is made safe by `getValidName`: what to pass a name through that a stranger chose.
   *
   * @throws {SuspiciousNameError} If the folder climbs, or nothing usable is left of the file's name.
   */
  generateFilename(path: string): string {
    return validPath(path);
  }

  /**
   * Opens an object's bytes as they are stored; fails with {@linkcode NotFoundError} where there is none.
   *
   * @param options.decompress Whether it matters how they are encoded: then the source's `stat` must say so.
   */
  protected abstract openObject(file: StoredName, options: ReadOptions): Promise<ByteSource>;

  /** Opens an object to write. Makes no request before there are bytes. */
  protected abstract createObject(file: StoredName, options: ObjectWriteOptions): ByteSink;

  /** Stores an object whose bytes are all there, and tells what is stored now, where it knows. */
  protected abstract putObject(
    file: StoredName,
    body: Uint8Array<ArrayBuffer> | Blob,
    options: ObjectWriteOptions,
  ): Promise<WrittenObject | void>;

  /** What is known of an object; fails with {@linkcode NotFoundError} where there is none. */
  protected abstract statObject(file: StoredName, options: CallOptions): Promise<FileStat>;

  /**
   * Removes up to a thousand objects; fails with an AggregateError of those that it could not remove.
   *
   * @param options.expected What a single one must be: if it is another, it stays, and the call fails with
   * {@linkcode PreconditionFailedError}.
   */
  protected abstract deleteObjects(files: readonly StoredName[], options: ObjectDeleteOptions): Promise<void>;

  /**
   * Lists the objects whose keys begin with the prefix, which is empty or ends in a slash.
   *
   * @param recursive If false, keys with a further slash are summed up as folders; their keys end in a slash.
   */
  protected abstract listObjects(prefix: string, recursive: boolean, options: ListOptions): AsyncIterable<ListedKey>;

  /**
   * Copies an object; fails with {@linkcode NotFoundError} where there is none, with {@linkcode AlreadyExistsError} where
   * the new key is taken and may not be overwritten, and with {@linkcode PreconditionFailedError} where the source is not
   * the one of `ifMatch`.
   */
  protected abstract copyObject(from: StoredName, to: StoredName, options: ObjectCopyOptions): Promise<void>;

  /**
   * The key that a file's name stands for.
   *
   * @throws {SuspiciousNameError} If it cannot be a file's name.
   */
  protected fileOf(name: string): StoredName {
    const key = resolveKey(this.location, name);
    const clean = key.slice(this.location.length);
    if (clean === "") throw new SuspiciousNameError(`Could not derive file name from '${name}'`);
    return { name: clean, key };
  }

  #folderKey(name: string): string {
    const key = resolveKey(this.location, name);
    return key === "" || key.endsWith("/") ? key : `${key}/`;
  }

  async #freeName(name: string, maxLength: number | undefined, options: CallOptions): Promise<string> {
    const fits = maxLength === undefined || [...name].length <= maxLength;
    let candidate = fits ? name : alternativeName(name, maxLength);
    for (let tries = 1; await this.exists(candidate, { signal: options.signal }); tries++) {
      if (tries === MAX_NAME_TRIES) throw new AlreadyExistsError(`Cannot find a free name for '${name}'`);
      candidate = alternativeName(name, maxLength);
    }
    return candidate;
  }

  async #openForReading<F>(
    kind: new (source: ByteSource, reopen: () => Promise<ByteSource>) => F,
    name: string,
    options: ReadOptions,
  ): Promise<F> {
    const decompress = checkPart(options) ? false : options.decompress ?? this.#gzip;
    const open = async (): Promise<ByteSource> => {
      const object = await this.openObject(this.fileOf(name), { ...options, decompress });
      const source = decompress && isGzip(object.stat.contentEncoding) ? await decompressing(object) : object;
      return options.spool ? await spooling(source, this.#maxMemorySize) : source;
    };
    return new kind(await open(), open);
  }

  #openForWriting(name: string, options: WriteOptions): WriteFile {
    checkFileName(name);
    const file = this.fileOf(name);
    const fallbackContentType = guessContentType(name) ?? DEFAULT_CONTENT_TYPE;
    const overwrite = this.#overwrites(options);
    const identified = removesOnAbort(options);
    const open = (): ByteSink => this.createObject(file, { ...options, overwrite, identified, fallbackContentType });
    return new WriteFile(file.name, open(), options.signal, open);
  }

  /** Whether a file may be replaced; with a condition that is what the condition says. */
  #overwrites({ overwrite, ifMatch, ifNoneMatch }: WriteOptions): boolean {
    const isConditional = (ifMatch ?? ifNoneMatch) !== undefined;
    if (isConditional && overwrite === false) {
      throw new TypeError("ifMatch and ifNoneMatch say themselves what may be replaced: leave overwrite out");
    }
    return isConditional || (overwrite ?? this.fileOverwrite);
  }

  async #write(
    file: StoredName,
    content: PreparedContent,
    options: ObjectWriteOptions,
  ): Promise<WrittenObject | undefined> {
    options.signal?.throwIfAborted();
    if ("whole" in content) return await this.putObject(file, content.whole, options) ?? undefined;
    const sink = this.createObject(file, options);
    const { failed } = sink;
    failed?.addEventListener("abort", () => content.stop(failed.reason), { once: true });
    return await writeAll(new WriteFile(file.name, sink, options.signal), content.stream);
  }
}

/** Whether a write that is aborted removes what it has stored. */
function removesOnAbort({ signal, removeOnAbort = true }: WriteOptions): boolean {
  return signal !== undefined && removeOnAbort;
}

/** An option that is `undefined` counts as left out: it does not hide what the content says of itself. */
function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
