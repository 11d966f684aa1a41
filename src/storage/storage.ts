import { AlreadyExistsError, isStorageError, NotSupportedError, SuspiciousNameError } from "../errors.ts";
import { nameOfContent, prepareContent, type SaveContent } from "./content/content.ts";
import { DEFAULT_CONTENT_TYPE, guessContentType } from "./content/content_type.ts";
import type { PreparedContent } from "./content/prepared_content.ts";
import type { ObjectWriteOptions, StorageBackend } from "./contract/backend.ts";
import type { ByteSink, ByteSource } from "./contract/bytes.ts";
import { checkPart } from "./contract/check_part.ts";
import type { FileEntry, FileStat, StorageEntry } from "./contract/entry.ts";
import {
  alternativeName,
  checkFileName,
  checkName,
  fitName,
  locationPrefix,
  randomSuffix,
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
  TransferProgress,
  UrlOptions,
  WriteOptions,
} from "./contract/options.ts";
import type { WrittenObject } from "./contract/saved_file.ts";
import { BinaryFile } from "./files/binary_file.ts";
import { checkDescription, decompressing, isGzip, spooling } from "./files/lazy.ts";
import { TextFile } from "./files/text_file.ts";
import { writeAll, WriteFile } from "./files/write_file.ts";

/** Attempts at finding a free name before giving up; 62^7 suffixes make repeated collisions practically impossible. */
const MAX_NAME_ATTEMPTS = 100;

/**
 * The settings of a {@linkcode Storage}.
 *
 * @example
 * ```ts
 * import { MemoryStorage, Storage, type StorageOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: StorageOptions = { location: "uploads", fileOverwrite: false };
 * const storage = new Storage(new MemoryStorage().backend, options);
 * assertEquals([storage.location, storage.fileOverwrite], ["uploads/", false]);
 * ```
 */
export interface StorageOptions {
  /**
   * The folder that all names are below.
   * @default {""}
   */
  readonly location?: string | undefined;
  /**
   * Whether `save` replaces a file of the same name; if not, it finds a free name.
   * @default {true}
   */
  readonly fileOverwrite?: boolean | undefined;
  /**
   * Whether files stored as gzip are decompressed by default.
   * @default {false}
   */
  readonly gzip?: boolean | undefined;
  /**
   * Bytes of a file opened with `spool` that are kept in memory; 0 for all of them.
   * @default {0}
   */
  readonly maxMemorySize?: number | undefined;
}

/**
 * Stores files by name, on any backend: {@linkcode S3Storage}, {@linkcode MemoryStorage} and {@linkcode LocalStorage} are
 * storages that create their backend; `new Storage(backend)` uses any other.
 *
 * Names are paths with forward slashes below the storage's location, which no name can leave. A name that is absolute,
 * has a `.` or `..` segment, or makes a key of more than 1024 bytes is refused with a {@linkcode SuspiciousNameError}
 * before anything is sent.
 *
 * Subclasses change how names are chosen by overriding `getAvailableName`, `isNameAvailable`, `getAlternativeName`,
 * `getValidName` and `generateFilename`, as in Django: `save` and uploads call them.
 *
 * Source: the Storage API of Django, via django-storages.
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
export class Storage {
  readonly #backend: StorageBackend;
  /** The folder that all names are below, ending in a slash; empty for none. */
  readonly location: string;
  /** Whether `save` replaces a file of the same name; if not, it finds a free name. */
  readonly fileOverwrite: boolean;
  /** Whether files stored as gzip are decompressed by default. */
  readonly gzip: boolean;
  /** Bytes of a file opened with `spool` that are kept in memory; 0 for all of them. */
  readonly maxMemorySize: number;

  /**
   * Creates a storage. Sends no request.
   *
   * @param backend Where the files are kept.
   * @param options Location, naming and reading.
   * @throws {ConfigurationError} If the location is malformed.
   */
  constructor(backend: StorageBackend, options: StorageOptions = {}) {
    this.#backend = backend;
    this.location = locationPrefix(options.location ?? "");
    this.fileOverwrite = options.fileOverwrite ?? true;
    this.gzip = options.gzip ?? false;
    this.maxMemorySize = options.maxMemorySize ?? 0;
  }

  /** Where the files are kept. Inspecting a storage does not show it. */
  get backend(): StorageBackend {
    return this.#backend;
  }

  /**
   * Stores content under a name, completely or not at all. If `fileOverwrite` is false and the name is taken, it is stored
   * under a free name such as `name_AbC1234.ext`; two writers at the same time never get the same name. On services that
   * ignore `If-None-Match` when an upload in parts is completed, a stream of more than 8 MiB always gets such a name, as
   * only that is sure to be free.
   *
   * The name is the one that `getAvailableName` returns.
   *
   * @param name The name; `undefined` for that of a File.
   * @param content The content to store; a stream is read as fast as it can be stored.
   * @param options How to store it.
   * @returns The name it was stored under, without the location.
   * @throws {SuspiciousNameError} If the name cannot be a file's.
   * @throws {TypeError} If the content cannot be saved, or an option is a value that no header can carry.
   * @throws {AlreadyExistsError} If no free name was found, or a large stream's name was taken while it was written.
   * @throws {PreconditionFailedError} If `ifMatch` or `ifNoneMatch` does not hold; for a file that does not exist, `ifMatch`
   * may cause a {@linkcode NotFoundError} instead.
   * @throws {NotSupportedError} If the backend has no conditional writes, and the call requires one.
   */
  async save(name: string | undefined, content: SaveContent, options: SaveOptions = {}): Promise<string> {
    const { maxLength, onProgress, onSaved, ...writeOptions } = options;
    const overwrite = this.#overwrites("save", name, options);
    const given = name ?? nameOfContent(content);
    if (given === undefined) throw new TypeError("Cannot save without a name: only a File has its own name");
    checkFileName(given);
    const clean = checkName(given);
    const preparing = prepareContent(content, options.signal, options.contentEncoding);
    let prepared = preparing instanceof Promise ? await preparing : preparing;
    try {
      const described = prepared.described
        ? { ...prepared.described, ...withoutUndefined(writeOptions) }
        : writeOptions;
      const checking = checkDescription("save", given, described);
      if (checking !== undefined) await checking; // most saves describe nothing
      // A short stream is kept, so that it can be written again if its name is taken meanwhile.
      if (!overwrite && "stream" in prepared) {
        prepared = await (await import("./content/stream_content.ts")).spoolContent(prepared);
      }
      return await this.#saveAs(clean, prepared, {
        ...described,
        overwrite,
        identified: onSaved !== undefined || removesOnAbort(options),
        onProgress: onProgress && increasingOnly(onProgress),
        fallbackContentType: prepared.type ?? "",
        fallbackContentEncoding: prepared.encoding,
      }, { maxLength, onSaved });
    } catch (error) {
      if ("stream" in prepared) await prepared.stream[Symbol.asyncIterator]().return?.();
      throw error;
    }
  }

  /** Writes under an available name; under another one if that name is taken meanwhile. */
  async #saveAs(
    name: string,
    content: PreparedContent,
    options: ObjectWriteOptions,
    { maxLength, onSaved }: Pick<SaveOptions, "maxLength" | "onSaved">,
  ): Promise<string> {
    const { overwrite, signal, ifMatch, ifNoneMatch } = options;
    // A condition is about the file of this very name.
    const isOverridden = (ifMatch ?? ifNoneMatch) === undefined &&
      this.getAvailableName !== Storage.prototype.getAvailableName;
    for (let attempt = 1, taken: string | undefined;; attempt++) {
      const available = overwrite && !isOverridden
        ? fitName(name, maxLength) // without a promise, which would slow down small files
        : await this.getAvailableName(name, maxLength, { signal, overwrite });
      checkFileName(available); // an override may have chosen it
      let key = this.keyOf(available);
      const base = isOverridden ? available : name;
      try {
        const written = await this.#write(key, content, {
          ...options,
          fallbackContentType: options.fallbackContentType || guessContentType(available) || DEFAULT_CONTENT_TYPE,
          uniqueKey: overwrite ? undefined : async () => key = await this.#uniqueKey(base, maxLength, options),
        });
        const stored = key.slice(this.location.length);
        onSaved?.({ name: stored, ...written ?? { etag: (await this.stat(stored, { signal })).etag, replaced: true } });
        return stored;
      } catch (error) {
        // An override may choose the same name again and again, and each attempt sends the content.
        const mayRetry = !overwrite && "whole" in content && attempt < MAX_NAME_ATTEMPTS && available !== taken &&
          isStorageError(error, "AlreadyExists");
        if (!mayRetry) throw error;
        taken = available;
      }
    }
  }

  async #write(
    key: string,
    content: PreparedContent,
    options: ObjectWriteOptions,
  ): Promise<WrittenObject | undefined> {
    options.signal?.throwIfAborted();
    if ("whole" in content) return await this.#backend.put(key, content.whole, options) ?? undefined;
    const sink = this.#backend.write(key, options);
    sink.failed?.addEventListener("abort", () => content.stop(sink.failed?.reason), { once: true });
    const file = new WriteFile(key.slice(this.location.length), sink, options.signal);
    return await writeAll(file, content.stream);
  }

  /** A key that no other writer chooses, even if `getAlternativeName` is overridden with one that another may choose. */
  async #uniqueKey(name: string, maxLength: number | undefined, { signal }: CallOptions): Promise<string> {
    const isOverridden = this.getAlternativeName !== Storage.prototype.getAlternativeName;
    const alternative = isOverridden ? this.#alternative(name, maxLength) : name;
    for (let attempt = 1; attempt <= MAX_NAME_ATTEMPTS; attempt++) {
      const unique = fitName(alternative, maxLength, `_${randomSuffix()}`);
      if (await this.isNameAvailable(unique, maxLength, { signal })) return this.keyOf(unique);
    }
    throw noFreeName(name);
  }

  /**
   * Opens a file.
   *
   * @param name The name.
   * @param mode `"r"` to read text (UTF-8), `"rb"` to read bytes, `"w"` or `"wb"` to write; `"r"` by default. Django's
   * default is bytes.
   * @param options How to open it.
   * @returns The file, at its start. Close it, or let `await using` close it.
   * @throws {NotFoundError} If the file does not exist, and is opened to read.
   * @throws {TypeError} If the mode is unknown, or an option is a value that no header can carry.
   */
  open(name: string, mode?: "r" | "rt", options?: ReadOptions): Promise<TextFile>;
  /** Opens a file to read bytes. */
  open(name: string, mode: "rb", options?: ReadOptions): Promise<BinaryFile>;
  /** Opens a file to read, as text or as bytes. */
  open(name: string, mode: "r" | "rt" | "rb", options?: ReadOptions): Promise<TextFile | BinaryFile>;
  /** Opens a file to write; nothing of it is visible before it is closed. */
  open(name: string, mode: "w" | "wb" | "wt", options?: WriteOptions): Promise<WriteFile>;
  /** Opens a file in a mode that is only known at run time. */
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
        throw new TypeError(
          `Cannot open '${name}': mode must be "r" (text), "rb" (bytes), "w" or "wb" (write), got ${
            JSON.stringify(mode)
          }`,
        );
    }
  }

  async #openForReading<F>(
    kind: new (name: string, source: ByteSource, reopen: () => Promise<ByteSource>) => F,
    name: string,
    options: ReadOptions,
  ): Promise<F> {
    const decompress = checkPart(options) ? false : options.decompress ?? this.gzip;
    const key = this.keyOf(name);
    const clean = key.slice(this.location.length);
    const open = async (): Promise<ByteSource> => {
      // All options are passed on: a backend may know more of them, as that of S3Storage does.
      const object = await this.#backend.read(key, { ...options, decompress });
      const source = decompress && isGzip(object.stat.contentEncoding) ? await decompressing(object, clean) : object;
      return options.spool ? await spooling(source, this.maxMemorySize) : source;
    };
    return new kind(clean, await open(), open);
  }

  #openForWriting(name: string, options: WriteOptions): WriteFile {
    checkFileName(name);
    const overwrite = this.#overwrites("open", name, options);
    const key = this.keyOf(name);
    const fallbackContentType = guessContentType(name) ?? DEFAULT_CONTENT_TYPE;
    const identified = removesOnAbort(options);
    const open = (): ByteSink => this.#backend.write(key, { ...options, overwrite, identified, fallbackContentType });
    return new WriteFile(key.slice(this.location.length), open(), options.signal, open);
  }

  /**
   * Checks whether a file exists. Folders do not count. On S3 a missing bucket looks like a missing file, as the response
   * to a HEAD request does not distinguish them.
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
   * Reads a file's attributes.
   *
   * @throws {NotFoundError} If the file does not exist.
   */
  async stat(name: string, options: CallOptions = {}): Promise<FileStat> {
    options.signal?.throwIfAborted();
    const key = this.keyOf(name);
    return { name: key.slice(this.location.length), ...await this.#backend.head(key, options) };
  }

  /**
   * Reads a file's size in bytes, as it is stored.
   *
   * @throws {NotFoundError} If the file does not exist.
   */
  async size(name: string, options: CallOptions = {}): Promise<number> {
    return (await this.stat(name, options)).size;
  }

  /**
   * Reads when a file was written.
   *
   * @throws {NotFoundError} If the file does not exist.
   */
  async getModifiedTime(name: string, options: CallOptions = {}): Promise<Date> {
    return (await this.stat(name, options)).modifiedTime;
  }

  /**
   * Lists the folders and the files in a folder, by their names in it; both are empty if the folder does not exist.
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
   * Lists a folder of any length page by page, in the order of the backend. It leaves out the empty objects that some
   * programs store to mark a folder (their keys end in a slash), and keys that no name can express, such as `a//b`.
   *
   * @param name The folder; the storage's location by default.
   * @param options Whether to list the files of all folders below too.
   * @returns Files and folders; only files if it is recursive.
   */
  list(name: string, options: ListOptions & { readonly recursive: true }): AsyncIterable<FileEntry>;
  /** Lists the files and folders in a folder page by page. */
  list(name?: string, options?: ListOptions): AsyncIterable<StorageEntry>;
  list(name = "", options: ListOptions = {}): AsyncIterable<StorageEntry> {
    return this.#entries(name, options);
  }

  async *#entries(folder: string, options: ListOptions): AsyncGenerator<StorageEntry> {
    const prefix = this.#folderKey(folder);
    const { listEntries } = await import("./operations/list_entries.ts"); // few programs list
    yield* listEntries(this.#backend, this.location, prefix, options);
  }

  /**
   * Makes a URL to a file, without checking whether the file exists.
   *
   * @throws {NotSupportedError} If the storage has no URLs.
   */
  async url(name: string, options: UrlOptions = {}): Promise<string> {
    return await this.#backend.url(this.keyOf(name), options);
  }

  /**
   * Deletes a file. A file that does not exist counts as deleted.
   *
   * @param name The file.
   * @param options Which file of that name is deleted; any by default.
   * @throws {PreconditionFailedError} If the file is not the one of `ifMatch`. It stays.
   * @throws {TypeError} If `ifMatch` is empty.
   */
  async delete(name: string, options: DeleteOptions = {}): Promise<void> {
    const { signal, ifMatch } = options;
    signal?.throwIfAborted();
    if (ifMatch === "") throw new TypeError(`Cannot delete '${name}': ifMatch must be an ETag or a saved file, got ""`);
    const expected = typeof ifMatch === "string" ? { etag: ifMatch } : ifMatch;
    await this.#backend.delete([this.keyOf(name)], { signal, expected });
  }

  /**
   * Deletes files, a thousand in a step. Files that do not exist count as deleted.
   *
   * @throws {AggregateError} Of one error for each file that could not be deleted, after all others were.
   */
  async deleteMany(names: Iterable<string> | AsyncIterable<string>, options: CallOptions = {}): Promise<void> {
    const { deleteMany } = await import("./operations/delete_many.ts"); // few programs delete many
    await deleteMany(this.#backend, names, (name) => this.keyOf(name), options);
  }

  /**
   * Copies a file of any size within the storage, with its description.
   *
   * On S3 a copy keeps the storage class and the ACL, if neither is configured for the new name. If the credentials may
   * not read the ACL (s3:GetObjectAcl), the copy gets the default one. With `overwrite: false` the copy fails
   * rather than replace a file that another writer has stored under the new name meanwhile; on a service that ignores
   * `If-None-Match` on copies, the bytes then pass through this process.
   *
   * @param from The file.
   * @param to The name of the copy.
   * @param options Whether a file of that name may be replaced.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {AlreadyExistsError} If the new name is taken, and may not be overwritten.
   * @throws {NotSupportedError} If the service cannot copy a file of this size without the risk of overwriting another.
   */
  async copy(from: string, to: string, options: CopyOptions = {}): Promise<void> {
    await this.#copy(from, to, options, false);
  }

  /**
   * Renames a file: copies it as `copy` does, then deletes the first. If the deletion fails, both files exist.
   *
   * A file that is saved under the old name during the move stays. On S3, one with the same bytes in the same second cannot
   * be distinguished from the first. On services that ignore `If-Match` on deletions, a file saved just before the deletion
   * is deleted with it.
   *
   * @param from The file.
   * @param to Its new name.
   * @param options Whether a file of that name may be replaced.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {AlreadyExistsError} If the new name is taken, and may not be overwritten.
   * @throws {PreconditionFailedError} If another file was saved under the old name meanwhile. Then both files exist.
   */
  async move(from: string, to: string, options: CopyOptions = {}): Promise<void> {
    await this.#copy(from, to, options, true);
  }

  async #copy(
    from: string,
    to: string,
    { signal, overwrite = this.fileOverwrite }: CopyOptions,
    deletesSource: boolean,
  ): Promise<void> {
    signal?.throwIfAborted();
    const file = { from: { name: from, key: this.keyOf(from) }, to: { name: to, key: this.keyOf(to) } };
    checkFileName(to);
    const { copyFile } = await import("./operations/copy_file.ts"); // few programs copy
    const isTaken = (): Promise<boolean> => this.exists(to, { signal });
    await copyFile(this.#backend, { ...file, signal, overwrite, deletesSource, isTaken });
  }

  /**
   * Identifies the object of a name: storages that reach the same object return the same URI, also for two
   * spellings of a name (`a//b.txt`, `a/b.txt`). Use it to compare files; it holds no secret, and is not a URL to read from.
   *
   * An S3Storage returns endpoint, bucket and key, a LocalStorage the path on disk, a MemoryStorage an id of its backend and
   * the key.
   *
   * @param name The name. Sends no request: the file may be missing.
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
    return this.#backend.uri(this.keyOf(name));
  }

  /**
   * Chooses the name that `save` stores a file under. Override it to choose names in another way; an override that calls
   * `super` passes the options on. `save` does not call it with `ifMatch` or `ifNoneMatch`.
   *
   * Source: Django's `get_available_name`.
   *
   * @param name The wanted name.
   * @param maxLength The most characters the name may have.
   * @param options Whether a file of that name may be replaced.
   * @returns The name itself if it is free or may be overwritten; else one that `isNameAvailable` accepts, made by
   * `getAlternativeName`.
   * @throws {SuspiciousNameError} If the name cannot be a file's, or nothing of it is left after shortening.
   * @throws {AlreadyExistsError} If no free name was found in 100 attempts.
   */
  async getAvailableName(
    name: string,
    maxLength?: number,
    { signal, overwrite = this.fileOverwrite }: CopyOptions = {},
  ): Promise<string> {
    checkFileName(name);
    const clean = checkName(name);
    if (overwrite) return this.#nameOf(fitName(clean, maxLength));
    let candidate = clean;
    for (let attempt = 1; !await this.isNameAvailable(candidate, maxLength, { signal }); attempt++) {
      if (attempt === MAX_NAME_ATTEMPTS) throw noFreeName(name);
      candidate = this.#alternative(clean, maxLength);
    }
    return this.#nameOf(candidate);
  }

  /**
   * Checks whether a name is free and short enough. `getAvailableName` calls it for every name that it considers.
   *
   * Source: Django's `is_name_available`.
   *
   * @param name The name.
   * @param maxLength The most characters it may have.
   */
  async isNameAvailable(name: string, maxLength?: number, options: CallOptions = {}): Promise<boolean> {
    return !(maxLength !== undefined && [...name].length > maxLength) && !await this.exists(name, options);
  }

  /**
   * Makes another name for a file whose name is taken: `name_AbC1234.ext`, with 7 random characters. Where only a name that
   * no other writer chooses is safe, `save` puts such characters into the result of an override as well.
   *
   * Source: Django's `get_alternative_name`.
   *
   * @param root The file's name without folder and extension.
   * @param extension The extension with its dot; empty for none.
   * @returns The other name, without folder.
   */
  getAlternativeName(root: string, extension: string): string {
    return `${root}_${randomSuffix()}${extension}`;
  }

  /**
   * Makes a file's name safe: trims it, turns spaces into underscores, and keeps letters, digits, `_`, `-` and `.` only.
   *
   * Source: Django's `get_valid_name`.
   *
   * @throws {SuspiciousNameError} If nothing usable is left.
   */
  getValidName(name: string): string {
    return validName(name);
  }

  /**
   * Makes the last part of a path safe by `getValidName`: for untrusted names. Uploads and file fields call it.
   *
   * Source: Django's `generate_filename`.
   *
   * @throws {SuspiciousNameError} If the folder has a `..` segment, or nothing usable is left of the file's name.
   */
  generateFilename(path: string): string {
    return validPath(path, (name) => this.getValidName(name));
  }

  /**
   * The key of a file.
   *
   * @throws {SuspiciousNameError} If it cannot be a file's name.
   */
  protected keyOf(name: string): string {
    const key = resolveKey(this.location, name);
    if (key.length === this.location.length) throw new SuspiciousNameError(`Could not derive file name from '${name}'`);
    return key;
  }

  /** The name as it is stored. */
  #nameOf(name: string): string {
    return this.keyOf(name).slice(this.location.length);
  }

  #folderKey(name: string): string {
    const key = resolveKey(this.location, name);
    return key === "" || key.endsWith("/") ? key : `${key}/`;
  }

  #alternative(name: string, maxLength: number | undefined): string {
    return alternativeName(name, maxLength, (root, extension) => this.getAlternativeName(root, extension));
  }

  /** Whether a file may be replaced; with a condition, the condition decides. */
  #overwrites(action: string, name: string | undefined, { overwrite, ifMatch, ifNoneMatch }: WriteOptions): boolean {
    const isConditional = (ifMatch ?? ifNoneMatch) !== undefined;
    if (isConditional && overwrite === false) {
      throw new TypeError(`Cannot ${action} '${name}': overwrite cannot be combined with ifMatch or ifNoneMatch`);
    }
    const overwrites = isConditional || (overwrite ?? this.fileOverwrite);
    if ((isConditional || !overwrites) && !this.#backend.capabilities.conditionalWrites) {
      throw new NotSupportedError(
        `Cannot ${action} '${name}': this backend has no conditional writes (overwrite: false, ifMatch, ifNoneMatch)`,
      );
    }
    return overwrites;
  }
}

/** Whether an aborted write deletes the file that it has stored. */
function removesOnAbort({ signal, removeOnAbort = true }: WriteOptions): boolean {
  return signal !== undefined && removeOnAbort;
}

/** Drops options that are `undefined`, which must not hide the content's own description. */
function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Reports only increasing progress: a write that restarts under another name starts at 0. */
function increasingOnly(report: (progress: TransferProgress) => void): (progress: TransferProgress) => void {
  let reported = 0;
  return (progress) => {
    if (progress.bytes >= reported) report({ ...progress, bytes: reported = progress.bytes });
  };
}

function noFreeName(name: string): AlreadyExistsError {
  return new AlreadyExistsError(`Cannot find a free name for '${name}' in ${MAX_NAME_ATTEMPTS} attempts`);
}
