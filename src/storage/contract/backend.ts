import type { ByteSink, ByteSource } from "./bytes.ts";
import type { ObjectStat } from "./entry.ts";
import type {
  CallOptions,
  DownloadOptions,
  FileAttributes,
  OmittedReason,
  UrlOptions,
  WriteOptions,
} from "./options.ts";
import type { WrittenObject } from "./saved_file.ts";

/**
 * A backend keeps objects: bytes with attributes, by key. `new Storage(backend)` adds names, text and binary files, gzip,
 * spooling, hooks and checks to any backend.
 *
 * Keys are full: they begin with the storage's location, and are checked by {@linkcode Storage} before a backend sees
 * them. Descriptions are checked too. A backend that changes or watches another one extends {@linkcode BackendWrapper}.
 *
 * Requirements for a backend:
 * - An object is visible as a whole or not at all. A write that fails or is aborted stores nothing.
 * - Errors are those of `@storages/s3/storage`: `NotFoundError`, `AlreadyExistsError`, `PreconditionFailedError`, each
 *   with the `key`. Every call ends soon after its `signal` is aborted, and rejects with the signal's reason.
 * - No call holds a whole object in memory, unless the backend keeps its objects there.
 *
 * @example
 * ```ts
 * import { MemoryStorage, Storage, type StorageBackend } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const backend: StorageBackend = new MemoryStorage().backend;
 * const [uploads, all] = [new Storage(backend, { location: "uploads" }), new Storage(backend)];
 * await uploads.save("a.txt", "hello");
 * assertEquals(await all.exists("uploads/a.txt"), true);
 * ```
 */
export interface StorageBackend {
  /** What the backend can do. */
  readonly capabilities: BackendCapabilities;

  /**
   * Opens an object to read.
   *
   * @throws {NotFoundError} If the object does not exist.
   */
  read(key: string, options: ObjectReadOptions): Promise<ByteSource>;

  /**
   * Stores an object whose bytes are complete.
   *
   * @returns The stored object, or nothing if the backend does not know it.
   * @throws {AlreadyExistsError} If the key is taken and `onExisting` is `"refuse"`.
   * @throws {PreconditionFailedError} If `ifMatch` or `ifNoneMatch` does not hold.
   */
  put(key: string, body: Uint8Array<ArrayBuffer> | Blob, options: ObjectWriteOptions): Promise<WrittenObject | void>;

  /** Opens an object to write as a stream. Sends no request before bytes are written; `close` fails as `put` does. */
  write(key: string, options: ObjectWriteOptions): ByteSink;

  /**
   * Reads an object's attributes.
   *
   * @throws {NotFoundError} If the object does not exist.
   */
  head(key: string, options: CallOptions): Promise<ObjectStat>;

  /**
   * Deletes up to 1,000 objects. A key without an object counts as deleted.
   *
   * @throws {AggregateError} Of one error for each of several objects that could not be deleted.
   * @throws {PreconditionFailedError} If the object is not the `expected` one, which is only given for a single key.
   */
  delete(keys: readonly string[], options: ObjectDeleteOptions): Promise<void>;

  /** Lists the objects whose keys begin with a prefix. */
  list(prefix: string, options: ObjectListOptions): AsyncIterable<ListedKey>;

  /**
   * Copies an object with its attributes, except those in the options. The keys are equal if an object's attributes change.
   *
   * @throws {NotFoundError} If the object does not exist.
   * @throws {AlreadyExistsError} If the new key is taken and `onExisting` is `"refuse"`.
   * @throws {PreconditionFailedError} If the source does not have the ETag `ifMatch`.
   */
  copy(from: string, to: string, options: ObjectCopyOptions): Promise<void>;

  /**
   * Copies an object of another backend without reading it, if both are parts of one service. Optional: without it, or if it
   * returns false, `Storage` reads the object and writes it here.
   *
   * @returns Whether the object was copied.
   * @throws As `copy`.
   */
  copyFrom?(source: StorageBackend, from: string, to: string, options: ObjectCopyOptions): Promise<boolean>;

  /**
   * Makes a URL to an object, without checking whether it exists.
   *
   * @throws {NotSupportedError} If the backend has no URLs.
   */
  url(key: string, options: UrlOptions): Promise<string>;

  /**
   * Identifies the object of a key: backends that reach the same object return the same URI. The URI contains no secret.
   * Sends no request.
   */
  uri(key: string): string;
}

/**
 * What a backend can do. {@linkcode Storage} refuses writes that its backend cannot check, before anything is sent.
 *
 * @example
 * ```ts
 * import { type BackendCapabilities, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const { urls }: BackendCapabilities = new MemoryStorage().backend.capabilities;
 * assertEquals(urls, false); // without a baseUrl
 * ```
 */
export interface BackendCapabilities {
  /**
   * Whether a write is checked against `onExisting: "refuse"`, `ifMatch` and `ifNoneMatch` in the step that stores it, so
   * that no other writer can interfere. Without this, such writes are refused.
   */
  readonly conditionalWrites: boolean;
  /**
   * Whether `copy` is implemented. Without this, `Storage` copies by reading the object and writing it again; it then refuses
   * `onExisting: "refuse"` unless the backend has conditional writes.
   */
  readonly serverSideCopy: boolean;
  /** Whether `url` returns URLs. Without this, it fails with a `NotSupportedError`. */
  readonly urls: boolean;
  /**
   * The size of the ranges that downloads use, in bytes, if several of them are faster than one stream.
   * @default {downloads are single streams}
   */
  readonly rangeSize?: number | undefined;
  /**
   * Names of options that calls pass on to the backend, besides those of {@linkcode Storage}. Calls with other options are
   * refused.
   * @default {none}
   */
  readonly options?: BackendOptionNames | undefined;
}

/**
 * The names of a backend's own options, by the kind of call.
 *
 * @example
 * ```ts
 * import { type BackendOptionNames, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const names: BackendOptionNames = { write: ["storageClass"] };
 * assertEquals([names.read, new MemoryStorage().backend.capabilities.options], [undefined, undefined]);
 * ```
 */
export interface BackendOptionNames {
  /** For opening, reading and downloading. */
  readonly read?: readonly string[] | undefined;
  /** For saving, opening to write, copying and moving. */
  readonly write?: readonly string[] | undefined;
  /** For `stat`, `size`, `exists` and `getModifiedTime`. */
  readonly head?: readonly string[] | undefined;
  /** For deleting one file. */
  readonly delete?: readonly string[] | undefined;
}

/**
 * How a backend reads an object.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type ObjectReadOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "hello");
 * const options: ObjectReadOptions = { start: 1, end: 3 };
 * const source = await storage.backend.read("a.txt", options);
 * assertEquals(source.part, { start: 1, end: 3 });
 * ```
 */
export interface ObjectReadOptions extends CallOptions {
  /**
   * Whether the caller decompresses gzip and Brotli: then the source's `stat.contentEncoding` must be right.
   * @default {false}
   */
  readonly decompress?: boolean | undefined;
  /**
   * The offset of the first byte to read.
   * @default {0}
   */
  readonly start?: number | undefined;
  /**
   * The offset where reading ends, exclusive.
   * @default {the object's size}
   */
  readonly end?: number | undefined;
  /**
   * Whether no byte is fetched before it is read.
   * @default {false}
   */
  readonly lazy?: boolean | undefined;
  /** If given, the object may be read in ranges of this size, several at a time. */
  readonly ranges?:
    | (Pick<DownloadOptions, "maxConcurrency" | "onProgress"> & { readonly partSize: number })
    | undefined;
}

/**
 * How a backend writes an object.
 *
 * @example
 * ```ts
 * import type { ObjectWriteOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ObjectWriteOptions = { onExisting: "replace", fallbackContentType: "text/plain" };
 * assertEquals(options.contentType ?? options.fallbackContentType, "text/plain");
 * ```
 */
export interface ObjectWriteOptions extends Omit<WriteOptions, "deleteOnAbort"> {
  /** What happens if an object of this key exists. */
  readonly onExisting: "replace" | "refuse";
  /**
   * Whether the result must identify this write among all others, and state whether it replaced an object: the caller may
   * delete the written object. An aborted write then deletes the new object that it has stored.
   */
  readonly identified?: boolean | undefined;
  /**
   * Returns another key, with random characters that no other writer chooses, for a backend that cannot ensure in one
   * step that it replaces nothing. Omitted if the object must get exactly this key.
   */
  readonly uniqueKey?: (() => Promise<string>) | undefined;
  /** The content's own media type or a guess; a configured or given type comes first. */
  readonly fallbackContentType: string;
  /** The content's own encoding; a configured or given one comes first. */
  readonly fallbackContentEncoding?: string | undefined;
}

/**
 * How a backend lists objects.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type ObjectListOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("docs/a.txt", "hello");
 * const options: ObjectListOptions = { recursive: false };
 * const [listed] = await Array.fromAsync(storage.backend.list("", options));
 * assertEquals(listed, { kind: "directory", key: "docs/" });
 * ```
 */
export interface ObjectListOptions extends CallOptions {
  /** If false, keys with a slash after the folder are grouped into folders, whose keys end in a slash. */
  readonly recursive: boolean;
  /** Only keys after this one, in the order of their UTF-8 bytes; a folder's key counts as it ends, in a slash. */
  readonly startAfter?: string | undefined;
  /** How many entries the caller reads at most: a hint, not to fetch more. */
  readonly limit?: number | undefined;
  /** Called for each entry that the backend omits itself, with its key. */
  readonly onOmitted?: ((key: string, reason: OmittedReason) => void) | undefined;
}

/**
 * How a backend copies an object.
 *
 * @example
 * ```ts
 * import type { ObjectCopyOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ObjectCopyOptions = { onExisting: "refuse", cacheControl: "no-cache" };
 * assertEquals(options.onExisting, "refuse");
 * ```
 */
export interface ObjectCopyOptions extends CallOptions, FileAttributes {
  /** What happens if an object of the new key exists. */
  readonly onExisting: "replace" | "refuse";
  /** The ETag that the source must have. */
  readonly ifMatch?: string | undefined;
  /**
   * Whether the source is deleted afterwards, as in a move. A backend that could not delete it fails before it copies.
   * @default {false}
   */
  readonly deletesSource?: boolean | undefined;
}

/**
 * How a backend deletes objects.
 *
 * @example
 * ```ts
 * import type { ObjectDeleteOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ObjectDeleteOptions = { expected: { etag: '"5d41402abc4b2a76b9719d911017c592"' } };
 * assertEquals(options.expected?.writeId, undefined);
 * ```
 */
export interface ObjectDeleteOptions extends CallOptions {
  /** The object that a single key must have. If it is another one, it stays, and the call fails. */
  readonly expected?: ExpectedObject | undefined;
}

/**
 * The attributes that an object must have to be deleted; omitted ones are not compared.
 *
 * @example
 * ```ts
 * import type { ExpectedObject } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const expected: ExpectedObject = { etag: '"5d41402abc4b2a76b9719d911017c592"', modifiedTime: new Date(0) };
 * assertEquals(expected.etag.length, 34);
 * ```
 */
export interface ExpectedObject {
  /** The entity tag. */
  readonly etag: string;
  /** When it was written. */
  readonly modifiedTime?: Date | undefined;
  /** The version. */
  readonly versionId?: string | undefined;
  /** Which write stored it: see {@linkcode WrittenObject.writeId}. */
  readonly writeId?: string | undefined;
}

/**
 * A listed object or folder.
 *
 * @example
 * ```ts
 * import type { ListedKey } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const listed: ListedKey = { kind: "directory", key: "uploads/docs/" };
 * assertEquals(listed.kind, "directory");
 * ```
 */
export type ListedKey =
  | { readonly kind: "directory"; readonly key: string }
  | {
    readonly kind: "file";
    readonly key: string;
    readonly size: number;
    readonly etag: string;
    readonly modifiedTime: Date;
  };
