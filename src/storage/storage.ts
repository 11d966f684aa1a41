import { isStorageError } from "../errors.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkOptions } from "../kit/values/options.ts";
import {
  CALL_OPTIONS,
  DELETE_OPTIONS,
  DOWNLOAD_OPTIONS,
  LIST_OPTIONS,
  READ_OPTIONS,
  SAVE_OPTIONS,
  STORAGE_OPTIONS,
  SYNONYMS,
  URL_OPTIONS,
  WRITE_OPTIONS,
} from "./checks/option_names.ts";
import type { SaveContent } from "./content/content.ts";
import type { BackendOptionNames, StorageBackend } from "./contract/backend.ts";
import type { ByteSource } from "./contract/bytes.ts";
import type { FileEntry, FileStat, StorageEntry } from "./contract/entry.ts";
import type { OpenArguments, OpenedFile, OpenMode, OpenOptions, OwnOptions } from "./contract/modes.ts";
import { locationPrefix, resolveKey } from "./contract/names.ts";
import type {
  CallOptions,
  CopyOptions,
  CopyToOptions,
  DeleteOptions,
  DownloadOptions,
  ListOptions,
  ReadOptions,
  SaveOptions,
  UrlOptions,
  WriteOptions,
} from "./contract/options.ts";
import type { IdentifiedFile, SavedFile } from "./contract/saved_file.ts";
import { derivedStorage } from "./derived_storage.ts";
import type { BinaryFile } from "./files/binary_file.ts";
import { decompressing, isPacked, spooling } from "./files/lazy.ts";
import type { TextFile } from "./files/text_file.ts";
import type { WriteFile } from "./files/write_file.ts";
import { saveFile } from "./operations/save_file.ts";
import { type NameRules, StorageNames } from "./storage_names.ts";

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
  /** Keeps a Worker alive until a write has ended; see `waitUntil` of {@linkcode WriteOptions}. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
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
export class Storage<Own = unknown> extends StorageNames {
  readonly #backend: StorageBackend;
  /** What operations in other modules may call of the protected methods. */
  readonly #rules: NameRules = {
    keyOf: (name) => this.keyOf(name),
    alternative: (name, maxLength) => this.alternative(name, maxLength),
  };
  /** Whether files stored as gzip are decompressed by default. */
  readonly gzip: boolean;
  /** Bytes of a file opened with `spool` that are kept in memory; 0 for all of them. */
  readonly maxMemorySize: number;
  /** Keeps a Worker alive until a write has ended, if it is given. */
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined;

  /**
   * Creates a storage. Sends no request.
   *
   * @param backend Where the files are kept.
   * @param options Location, naming and reading.
   * @throws {ConfigurationError} If the location is malformed.
   * @throws {TypeError} If the backend is not an object with its methods.
   */
  constructor(backend: StorageBackend, options: StorageOptions = {}) {
    super(locationPrefix(options.location ?? ""), options.fileOverwrite ?? true);
    if (typeof backend?.read !== "function") {
      const got = formatValue(backend);
      throw new TypeError(
        `Cannot make a storage: backend must be a StorageBackend, such as storage.backend, got ${got}`,
      );
    }
    this.#backend = backend;
    this.gzip = options.gzip ?? false;
    this.maxMemorySize = options.maxMemorySize ?? 0;
    this.waitUntil = options.waitUntil;
  }

  /**
   * Makes a storage with other settings on the same backend. It has the class of this one, with all overridden methods. The
   * constructor of a subclass is not called, as its parameters may differ. Fields that it has added are copied; a subclass with
   * private fields overrides this method.
   *
   * @param options The settings that change.
   * @returns The other storage.
   * @throws {ConfigurationError} If the location is malformed.
   * @throws {TypeError} If an option is unknown.
   *
   * @example
   * ```ts
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new MemoryStorage();
   * const avatars = storage.with({ location: "avatars" });
   * await avatars.save("7.png", "a picture");
   * assertEquals(await storage.readText("avatars/7.png"), "a picture");
   * ```
   */
  with(options: StorageOptions): this {
    checkOptions("make a storage", options, STORAGE_OPTIONS);
    const settings = Object.fromEntries(STORAGE_OPTIONS.map((name) => [name, options[name] ?? this[name]]));
    return derivedStorage(this, Storage, this.#backend, settings);
  }

  /** Where the files are kept. Inspecting a storage does not show it. */
  get backend(): StorageBackend {
    return this.#backend;
  }

  /**
   * Stores content under a name, completely or not at all. With `onExisting: "rename"`, which is the default if
   * `fileOverwrite` is false, a file whose name is taken is stored under a free name such as `name_AbC1234.ext`; two writers at
   * the same time never get the same name. On services that ignore `If-None-Match` when an upload in parts is completed, a
   * stream of more than 8 MiB always gets such a name, as only that is sure to be free.
   *
   * The name is the one that `getAvailableName` returns.
   *
   * @param name The name; `undefined` for that of a File.
   * @param content The content to store; a stream is read as fast as it can be stored.
   * @param options How to store it.
   * @returns The name it was stored under, without the location; with `details` or `identify`, the stored file.
   * @throws {SuspiciousNameError} If the name cannot be a file's.
   * @throws {TypeError} If the content cannot be saved, an option is unknown, or its value is one that no header can carry.
   * @throws {AlreadyExistsError} If the name is taken and `onExisting` is `"refuse"`, no free name was found, or a large
   * stream's name was taken while it was written.
   * @throws {PreconditionFailedError} If `ifMatch` or `ifNoneMatch` does not hold; for a file that does not exist, `ifMatch`
   * may cause a {@linkcode NotFoundError} instead.
   * @throws {NotSupportedError} If the backend has no conditional writes, and the call requires one.
   */
  async save<Details extends boolean = false, Identify extends boolean = false>(
    name: string | undefined,
    content: SaveContent,
    options?: SaveOptions & OwnOptions<Own, "write"> & {
      readonly details?: Details | undefined;
      readonly identify?: Identify | undefined;
    },
  ): Promise<Identify extends true ? IdentifiedFile : Details extends true ? SavedFile : string>;
  async save(name: string | undefined, content: SaveContent, options: SaveOptions = {}): Promise<string | SavedFile> {
    this.#check(`save '${name}'`, options, SAVE_OPTIONS, "write");
    const { waitUntil = this.waitUntil } = options;
    if (waitUntil !== undefined) {
      const { holding } = await import("../kit/async/hold.ts");
      return await holding(waitUntil, () => saveFile(this as Storage, this.#rules, name, content, options));
    }
    return await saveFile(this as Storage, this.#rules, name, content, options);
  }

  /**
   * Opens a file.
   *
   * @param name The name.
   * @param how The mode: `"r"` to read text (UTF-8), `"rb"` to read bytes, `"w"` or `"wb"` to write; `"r"` by default. Django's
   * default is bytes. Then the options of reading or of writing.
   * @returns The file, at its start. Close it, or let `await using` close it.
   * @throws {NotFoundError} If the file does not exist, and is opened to read.
   * @throws {TypeError} If the mode is unknown, or an option is a value that no header can carry.
   */
  open<Mode extends OpenMode = "r">(name: string, ...how: OpenArguments<Mode, Own>): Promise<OpenedFile<Mode>> {
    return this.#open(name, ...how as OpenArguments<OpenMode>) as Promise<OpenedFile<Mode>>;
  }

  #open(
    name: string,
    mode: OpenMode = "r",
    options: ReadOptions | WriteOptions = {},
  ): Promise<TextFile | BinaryFile | WriteFile> {
    switch (mode) {
      case "r":
      case "rt":
        return this.#openForReading("TextFile", name, options);
      case "rb":
        return this.#openForReading("BinaryFile", name, options);
      case "w":
      case "wt":
      case "wb":
        return this.#openForWriting(name, options as WriteOptions);
      default:
        return readChecks().then(({ wrongMode }) => {
          throw wrongMode(name, mode);
        });
    }
  }

  async #openForReading<Kind extends keyof ReadFiles>(
    kind: Kind,
    name: string,
    options: ReadOptions,
  ): Promise<ReadFiles[Kind]["prototype"]> {
    this.#check(`open '${name}' to read`, options, READ_OPTIONS, "read");
    if (Object.keys(options).some((option) => option !== "signal")) {
      (await readChecks()).checkRead(name, options);
    }
    const isPart = (options.start ?? options.end) !== undefined;
    options.signal?.throwIfAborted();
    const { spool, decompress = isPart || options.lazy ? false : this.gzip, partSize, maxConcurrency, onProgress } =
      options;
    const ranges = partSize === undefined ? undefined : { partSize, maxConcurrency, onProgress };
    const key = this.keyOf(name);
    const clean = key.slice(this.location.length);
    const open = async (): Promise<ByteSource> => {
      // All options are passed on: a backend may know more of them.
      const stored = await this.#backend.read(key, { ranges, ...options, decompress: decompress === true });
      const object = onProgress !== undefined && !stored.reportsProgress
        ? (await import("./operations/report_progress.ts")).reporting(stored, onProgress)
        : stored;
      const source =
        !object.decompressed && decompress && (decompress !== true || isPacked(object.stat.contentEncoding))
          ? await decompressing(object, clean, decompress)
          : object;
      return spool ? await spooling(source, this.maxMemorySize) : source;
    };
    const files = readFiles ?? await loadReadFiles(); // without a promise, which would slow down small files
    return new files[kind](clean, await open(), open);
  }

  async #openForWriting(name: string, options: WriteOptions): Promise<WriteFile> {
    this.#check(`open '${name}' to write`, options, WRITE_OPTIONS, "write");
    options.signal?.throwIfAborted();
    const { openToWrite } = await import("./operations/open_to_write.ts"); // many programs save or read only
    return await openToWrite(this as Storage, this.#rules, name, options);
  }

  /**
   * Reads a file's text (UTF-8) with universal newlines, as `open(name)` does. For text that may not fit into memory, read
   * lines or chunks of an opened file.
   *
   * @param name The name.
   * @param options How to read it.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {TypeError} If its bytes are not UTF-8, or an option is unknown.
   *
   * @example
   * ```ts
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new MemoryStorage();
   * await storage.save("hello.txt", "storage contents");
   * assertEquals(await storage.readText("hello.txt"), "storage contents");
   * ```
   */
  async readText(name: string, options?: ReadOptions & OwnOptions<Own, "read">): Promise<string>;
  async readText(name: string, options: ReadOptions = {}): Promise<string> {
    return await readWhole(await this.open(name, "r", options as OpenOptions<"r", Own>), (file) => file.text());
  }

  /**
   * Reads a file's bytes, or with `start` and `end` a range of them.
   *
   * @param name The name.
   * @param options How to read it.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {RangeError} If the range has no bytes.
   * @throws {TypeError} If an option is unknown.
   *
   * @example
   * ```ts
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new MemoryStorage();
   * await storage.save("a.bin", new Uint8Array([1, 2, 3, 4]));
   * assertEquals(await storage.readBytes("a.bin", { start: 1, end: 3 }), new Uint8Array([2, 3]));
   * ```
   */
  async readBytes(name: string, options?: ReadOptions & OwnOptions<Own, "read">): Promise<Uint8Array<ArrayBuffer>>;
  async readBytes(name: string, options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return await readWhole(await this.open(name, "rb", options as OpenOptions<"rb", Own>), (file) => file.bytes());
  }

  /**
   * Parses a file as JSON. A byte order mark is ignored.
   *
   * @param name The name.
   * @param options How to read it.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {SyntaxError} If it is not JSON. The message names the file.
   * @throws {TypeError} If its bytes are not UTF-8, or an option is unknown.
   *
   * @example
   * ```ts
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new MemoryStorage();
   * await storage.save("user.json", JSON.stringify({ name: "Ada" }));
   * const user = await storage.readJson<{ name: string }>("user.json");
   * assertEquals(user.name, "Ada");
   * ```
   */
  async readJson<T = unknown>(name: string, options?: ReadOptions & OwnOptions<Own, "read">): Promise<T>;
  async readJson(name: string, options: ReadOptions = {}): Promise<unknown> {
    return await readWhole(await this.open(name, "r", options as OpenOptions<"r", Own>), (file) => file.json());
  }

  /**
   * Reads a file as a stream; from S3, with several requests at the same time: for large files, where one connection is slower
   * than the network. The bytes arrive in order, and all from the same version of the object. On AWS, and where
   * `responseChecksumValidation` requires it, a HEAD request asks for the checksum of the object, which is then verified.
   *
   * @param name The file.
   * @param options The size and number of concurrent ranges, and the progress.
   * @returns The bytes, for a `Response` or any stream; see {@linkcode Storage.downloadTo} for files. Read the stream to its
   * end or cancel it. It fails with {@linkcode PreconditionFailedError} if the object changes during the download.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {RangeError} If `partSize` or `maxConcurrency` is not an integer of 1 or more.
   *
   * @example
   * ```ts
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new MemoryStorage();
   * await storage.save("film.mp4", new Uint8Array(20_000_000));
   * const response = new Response(await storage.download("film.mp4", { maxConcurrency: 8 }));
   * assertEquals((await response.blob()).size, 20_000_000);
   * ```
   */
  async download(
    name: string,
    options?: DownloadOptions & OwnOptions<Own, "read">,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  async download(name: string, options: DownloadOptions = {}): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return (await this.#openDownload(name, options)).readable;
  }

  /**
   * Downloads a file like {@linkcode Storage.download} into a file on disk, a stream or memory.
   *
   * @param name The file.
   * @param target On Deno, Bun and Node, the path or `file:` URL of a file, which is created or replaced when the download
   * is complete; a killed process leaves `PATH.<uuid>.tmp` beside it. Or a stream, which is closed at the end and aborted on
   * failure. Or an array that is large enough.
   * @param options The size and number of concurrent ranges, and the progress.
   * @returns The number of bytes.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {RangeError} If the array is too small, or an option is out of range.
   * @throws {NotSupportedError} If the target is a path or a URL, and the runtime has no disk.
   *
   * @example
   * ```ts
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new MemoryStorage();
   * await storage.save("film.mp4", new Uint8Array(20_000_000));
   *
   * const folder = await Deno.makeTempDir();
   * assertEquals(await storage.downloadTo("film.mp4", `${folder}/film.mp4`), 20_000_000);
   * assertEquals((await Deno.stat(`${folder}/film.mp4`)).size, 20_000_000);
   * await Deno.remove(folder, { recursive: true });
   *
   * const memory = new Uint8Array(await storage.size("film.mp4"));
   * await storage.downloadTo("film.mp4", memory);
   * ```
   */
  async downloadTo(
    name: string,
    target: string | URL | WritableStream<Uint8Array> | Uint8Array<ArrayBuffer>,
    options?: DownloadOptions & OwnOptions<Own, "read">,
  ): Promise<number>;
  async downloadTo(
    name: string,
    target: string | URL | WritableStream<Uint8Array> | Uint8Array<ArrayBuffer>,
    options: DownloadOptions = {},
  ): Promise<number> {
    const { readerInto } = await import("./operations/download_to.ts"); // few programs write files
    const read = await readerInto(name, target);
    const file = await this.#openDownload(name, options);
    return await read(file).finally(() => file.close());
  }

  async #openDownload(name: string, options: DownloadOptions): Promise<BinaryFile> {
    this.#check(`download '${name}'`, options, DOWNLOAD_OPTIONS, "read");
    (await readChecks()).checkDownload("download", name, options);
    const partSize = options.partSize ?? this.#backend.capabilities.rangeSize;
    const { maxConcurrency, ...readOptions } = options;
    const how = partSize === undefined ? readOptions : { ...readOptions, partSize, maxConcurrency };
    return await this.open(name, "rb", how as OpenOptions<"rb", Own>);
  }

  /**
   * Checks whether a file exists. Folders do not count. On S3 a missing bucket looks like a missing file, as the response
   * to a HEAD request does not distinguish them.
   */
  override async exists(name: string, options?: CallOptions & OwnOptions<Own, "head">): Promise<boolean>;
  override async exists(name: string, options: CallOptions = {}): Promise<boolean> {
    try {
      await this.stat(name, options as CallOptions & OwnOptions<Own, "head">);
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
  async stat(name: string, options?: CallOptions & OwnOptions<Own, "head">): Promise<FileStat>;
  async stat(name: string, options: CallOptions = {}): Promise<FileStat> {
    this.#check(`read the attributes of '${name}'`, options, CALL_OPTIONS, "head");
    options.signal?.throwIfAborted();
    const key = this.keyOf(name);
    return { name: key.slice(this.location.length), ...await this.#backend.head(key, options) };
  }

  /**
   * Reads a file's size in bytes, as it is stored.
   *
   * @throws {NotFoundError} If the file does not exist.
   */
  async size(name: string, options?: CallOptions & OwnOptions<Own, "head">): Promise<number> {
    return (await this.stat(name, options)).size;
  }

  /**
   * Reads when a file was written.
   *
   * @throws {NotFoundError} If the file does not exist.
   */
  async getModifiedTime(name: string, options?: CallOptions & OwnOptions<Own, "head">): Promise<Date> {
    return (await this.stat(name, options)).modifiedTime;
  }

  /**
   * Lists the folders and the files in a folder, by their names in it; both are empty if the folder does not exist.
   *
   * @param name The folder; the storage's location by default.
   * @returns Folders, then files.
   */
  listdir(): Promise<[directories: string[], files: string[]]>;
  /** Lists the folders and the files in a folder, by their names in it. */
  listdir(name: string, options?: CallOptions): Promise<[directories: string[], files: string[]]>;
  async listdir(name = "", options: CallOptions = {}): Promise<[directories: string[], files: string[]]> {
    checkOptions(`list '${name}'`, options, CALL_OPTIONS);
    const directories: string[] = [];
    const files: string[] = [];
    for await (const entry of this.list(name, options)) {
      const list = entry.kind === "file" ? files : directories;
      list.push(entry.name.slice(entry.name.lastIndexOf("/") + 1));
    }
    return [directories, files];
  }

  /**
   * Lists a folder of any length page by page, in the order of the backend. It omits the empty objects that some programs
   * store to mark a folder (their keys end in a slash), and keys that no name can express, such as `a//b`.
   *
   * @param name The folder; `""` for the storage's location.
   * @param options Which entries: those of all folders below, those that begin with a text, or one page of them.
   * @returns Files and folders; only files if it is recursive.
   * @throws {RangeError} If `limit` is not an integer of 0 or more.
   * @throws {TypeError} If an option is unknown.
   *
   * @example
   * ```ts
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new MemoryStorage();
   * for (const day of ["10-31", "11-01", "11-02", "11-03"]) await storage.save(`logs/2026-${day}.txt`, day);
   * const page = await Array.fromAsync(storage.list("logs", { prefix: "2026-11", startAfter: "logs/2026-11-01.txt", limit: 1 }));
   * assertEquals(page.map(({ name }) => name), ["logs/2026-11-02.txt"]);
   * ```
   */
  list(): AsyncIterable<StorageEntry>;
  /** Lists the files and folders in a folder page by page; with `recursive`, the files in all folders below too. */
  list<Recursive extends boolean = false>(
    name: string,
    options?: ListOptions & { readonly recursive?: Recursive | undefined },
  ): AsyncIterable<Recursive extends true ? FileEntry : StorageEntry>;
  list(name = "", options: ListOptions = {}): AsyncIterable<StorageEntry> {
    return this.#entries(name, options);
  }

  async *#entries(folder: string, options: ListOptions): AsyncGenerator<StorageEntry> {
    checkOptions(`list '${folder}'`, options, LIST_OPTIONS, [], SYNONYMS);
    const key = resolveKey(this.location, folder);
    const prefix = key === "" || key.endsWith("/") ? key : `${key}/`;
    const { listEntries } = await import("./operations/list_entries.ts"); // few programs list
    yield* listEntries(this.#backend, this.location, prefix, options);
  }

  /**
   * Makes a URL to a file, without checking whether the file exists.
   *
   * @param name The file, which need not exist.
   * @param options How the URL is made.
   * @throws {NotSupportedError} If the storage has no URLs.
   * @throws {RangeError} If the URL would expire too early or too late.
   * @throws {TypeError} If an option or a parameter is unknown.
   */
  async url(name: string, options: UrlOptions = {}): Promise<string> {
    checkOptions(`make a URL to '${name}'`, options, URL_OPTIONS);
    options.signal?.throwIfAborted();
    return await this.#backend.url(this.keyOf(name), options);
  }

  /**
   * Deletes a file. A file that does not exist counts as deleted.
   *
   * @param name The file.
   * @param options Which file of that name is deleted; any by default.
   * @throws {PreconditionFailedError} If the file is not the one of `ifMatch`. It stays.
   * @throws {TypeError} If `ifMatch` is no ETag and no saved file.
   */
  async delete(name: string, options?: DeleteOptions & OwnOptions<Own, "delete">): Promise<void>;
  async delete(name: string, options: DeleteOptions = {}): Promise<void> {
    this.#check(`delete '${name}'`, options, DELETE_OPTIONS, "delete");
    const { ifMatch, ...deleteOptions } = options;
    const { signal } = options;
    signal?.throwIfAborted();
    const expected = typeof ifMatch === "string" ? { etag: ifMatch } : ifMatch;
    if (ifMatch !== undefined && !expected?.etag) {
      throw new TypeError(
        `Cannot delete '${name}': ifMatch must be an ETag or a saved file, got ${formatValue(ifMatch)}`,
      );
    }
    await this.#backend.delete([this.keyOf(name)], { ...deleteOptions, expected });
  }

  /**
   * Deletes files, a thousand in a step. Files that do not exist count as deleted.
   *
   * @throws {AggregateError} Of one error for each file that could not be deleted, after all others were.
   */
  async deleteMany(names: Iterable<string> | AsyncIterable<string>, options: CallOptions = {}): Promise<void> {
    checkOptions("delete many files", options, CALL_OPTIONS);
    const { deleteMany } = await import("./operations/delete_many.ts"); // few programs delete many
    await deleteMany(this.#backend, names, (name) => this.keyOf(name), options);
  }

  /**
   * Copies a file of any size within the storage, with its attributes, except those in the options. A copy under the same name
   * changes attributes of the file itself; its bytes are not sent.
   *
   * On S3 a copy keeps the storage class and the ACL, if neither is configured for the new name. If the credentials may
   * not read the ACL (s3:GetObjectAcl), the copy gets the default one. With `onExisting: "refuse"` the copy fails
   * rather than replace a file that another writer has stored under the new name meanwhile; on a service that ignores
   * `If-None-Match` on copies, the bytes then pass through this process.
   *
   * @param from The file.
   * @param to The name of the copy.
   * @param options What happens if a file of that name exists, and attributes of the copy.
   * @returns The name of the copy, which only `onExisting: "rename"` changes.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {AlreadyExistsError} If the new name is taken, and `onExisting` is `"refuse"`.
   * @throws {NotSupportedError} If the service cannot copy a file of this size without the risk of overwriting another.
   *
   * @example
   * ```ts
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new MemoryStorage();
   * await storage.save("a.txt", "hello");
   * await storage.copy("a.txt", "b.txt");
   * await storage.copy("a.txt", "a.txt", { cacheControl: "no-cache" });
   * assertEquals((await storage.stat("a.txt")).cacheControl, "no-cache");
   * ```
   */
  async copy(from: string, to: string, options?: CopyOptions & OwnOptions<Own, "write">): Promise<string>;
  async copy(from: string, to: string, options: CopyOptions = {}): Promise<string> {
    return await this.#copy("copy", from, to, options);
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
   * @param options What happens if a file of that name exists, and new attributes.
   * @returns The new name, which only `onExisting: "rename"` changes.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {AlreadyExistsError} If the new name is taken, and `onExisting` is `"refuse"`.
   * @throws {PreconditionFailedError} If another file was saved under the old name meanwhile. Then both files exist.
   */
  async move(from: string, to: string, options?: CopyOptions & OwnOptions<Own, "write">): Promise<string>;
  async move(from: string, to: string, options: CopyOptions = {}): Promise<string> {
    return await this.#copy("move", from, to, options);
  }

  async #copy(action: "copy" | "move", from: string, to: string, options: CopyOptions): Promise<string> {
    const { copyFile } = await import("./operations/copy_file.ts"); // few programs copy
    return await copyFile(this as Storage, this.#rules.keyOf, action, from, to, options);
  }

  /**
   * Copies a file of any size to another storage, with its attributes. If both are on the same service, the service copies it;
   * otherwise, and if the other storage's credentials may not read this one, the bytes pass through this process.
   *
   * @param name The file.
   * @param to The other storage.
   * @param options The new name, what happens if a file of that name exists, and attributes of the copy.
   * @returns The name in the other storage, which only `onExisting: "rename"` changes.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {AlreadyExistsError} If the new name is taken, and `onExisting` is `"refuse"`.
   *
   * @example
   * ```ts
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const [media, backup] = [new MemoryStorage(), new MemoryStorage()];
   * await media.save("a.txt", "hello");
   * await media.copyTo("a.txt", backup);
   * assertEquals(await backup.readText("a.txt"), "hello");
   * ```
   */
  async copyTo<To extends Storage>(
    name: string,
    to: To,
    options?: CopyToOptions & NonNullable<Parameters<To["copy"]>[2]>,
  ): Promise<string>;
  async copyTo(name: string, to: Storage, options: CopyToOptions = {}): Promise<string> {
    const { copyTo } = await import("./operations/copy_to.ts"); // few programs copy
    return await copyTo(
      {
        from: this.#backend,
        open: (options) => this.open(name, "rb", options as OpenOptions<"rb", Own>),
        name,
        key: this.keyOf(name),
        to,
        keyOf: (name) => to.keyOf(name),
      },
      options,
    );
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

  /** @throws {TypeError} If an option is neither one of the call nor of the backend. */
  #check(action: string, options: unknown, known: readonly string[], call: keyof BackendOptionNames): void {
    checkOptions(action, options, known, this.#backend.capabilities.options?.[call], SYNONYMS);
  }
}

/** The files for reading, once the first one is opened: many programs only write, or sign URLs. */
let readFiles: ReadFiles | undefined;
type ReadFiles = typeof import("./files/read_files.ts");
const loadReadFiles = async (): Promise<ReadFiles> => readFiles = await import("./files/read_files.ts");

/** Loaded on demand: most reads are of whole files as they are stored. */
const readChecks = (): Promise<typeof import("./checks/check_read.ts")> => import("./checks/check_read.ts");

/** Reads an opened file, and closes it. */
async function readWhole<F extends TextFile | BinaryFile, T>(file: F, read: (file: F) => Promise<T>): Promise<T> {
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}
