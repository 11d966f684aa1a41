import type { ByteSink, ByteSource } from "./bytes.ts";
import type { ObjectStat } from "./entry.ts";
import type { CallOptions, LeftOutReason, UrlOptions, WriteOptions } from "./options.ts";
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
   * @throws {AlreadyExistsError} If the key is taken and `overwrite` is false.
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

  /** Lists the objects whose keys begin with a prefix, which is empty or ends in a slash. */
  list(prefix: string, options: ObjectListOptions): AsyncIterable<ListedKey>;

  /**
   * Copies an object with its description.
   *
   * @throws {NotFoundError} If the object does not exist.
   * @throws {AlreadyExistsError} If the new key is taken and `overwrite` is false.
   * @throws {PreconditionFailedError} If the source does not have the ETag `ifMatch`.
   */
  copy(from: string, to: string, options: ObjectCopyOptions): Promise<void>;

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
   * Whether a write is checked against `overwrite: false`, `ifMatch` and `ifNoneMatch` in the step that stores it, so
   * that no other writer can interfere. Without this, such writes are refused.
   */
  readonly conditionalWrites: boolean;
  /**
   * Whether `copy` is implemented. Without this, `Storage` copies by reading the object and writing it again; it then refuses
   * `overwrite: false` unless the backend has conditional writes.
   */
  readonly serverSideCopy: boolean;
  /** Whether `url` returns URLs. Without this, it fails with a `NotSupportedError`. */
  readonly urls: boolean;
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
   * Whether the caller decompresses gzip: then the source's `stat.contentEncoding` must be right.
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
}

/**
 * How a backend writes an object.
 *
 * @example
 * ```ts
 * import type { ObjectWriteOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ObjectWriteOptions = { overwrite: true, fallbackContentType: "text/plain" };
 * assertEquals(options.contentType ?? options.fallbackContentType, "text/plain");
 * ```
 */
export interface ObjectWriteOptions extends WriteOptions {
  /** Whether an object of this key may be replaced. */
  readonly overwrite: boolean;
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
  /** If false, keys with a further slash are grouped into folders, whose keys end in a slash. */
  readonly recursive: boolean;
  /** Called for each entry that the backend leaves out itself, with its key. */
  readonly onLeftOut?: ((key: string, reason: LeftOutReason) => void) | undefined;
}

/**
 * How a backend copies an object.
 *
 * @example
 * ```ts
 * import type { ObjectCopyOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ObjectCopyOptions = { overwrite: false };
 * assertEquals(options.overwrite, false);
 * ```
 */
export interface ObjectCopyOptions extends CallOptions {
  /** Whether an object of the new key may be replaced. */
  readonly overwrite: boolean;
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
