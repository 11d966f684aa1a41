/**
 * A file in a listing.
 *
 * @example
 * ```ts
 * import { type FileEntry, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("docs/a.txt", "hello");
 * const entries: FileEntry[] = await Array.fromAsync(storage.list("", { recursive: true }));
 * assertEquals(entries.map(({ name, size }) => [name, size]), [["docs/a.txt", 5]]);
 * ```
 */
export interface FileEntry {
  /** Distinguishes files from folders. */
  readonly kind: "file";
  /** The name to open the file by, without the storage's location. */
  readonly name: string;
  /** The number of stored bytes. */
  readonly size: number;
  /** The entity tag, in quotes: it changes whenever the content does. */
  readonly etag: string;
  /** When it was written. */
  readonly modifiedTime: Date;
}

/**
 * A folder in a listing that is not recursive.
 *
 * @example
 * ```ts
 * import { type DirectoryEntry, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("docs/a.txt", "hello");
 * const [entry] = await Array.fromAsync(storage.list(""));
 * assertEquals(entry, { kind: "directory", name: "docs" } satisfies DirectoryEntry);
 * ```
 */
export interface DirectoryEntry {
  /** Distinguishes folders from files. */
  readonly kind: "directory";
  /** The name to list the folder by, without the storage's location and without a trailing slash. */
  readonly name: string;
}

/**
 * A file or a folder in a listing.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type StorageEntry } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("docs/a.txt", "hello");
 * await storage.save("b.txt", "hello");
 * const describe = (entry: StorageEntry) => entry.kind === "file" ? `${entry.name}: ${entry.size}` : `${entry.name}/`;
 * assertEquals((await Array.fromAsync(storage.list(""))).map(describe), ["b.txt: 5", "docs/"]);
 * ```
 */
export type StorageEntry = FileEntry | DirectoryEntry;

/**
 * The attributes of a stored object.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type ObjectStat } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "hello");
 * const stat: ObjectStat = await storage.backend.head("a.txt", {});
 * assertEquals(stat.size, 5);
 * ```
 */
export interface ObjectStat {
  /** The number of stored bytes. */
  readonly size: number;
  /** The entity tag, in quotes: it changes whenever the content does. */
  readonly etag: string;
  /** When it was written. */
  readonly modifiedTime: Date;
  /** The media type. */
  readonly contentType: string | undefined;
  /**
   * The encoding of the stored bytes, such as `gzip`. For a file opened on S3 it is set only if the file is decompressed;
   * `Storage.stat` always returns it.
   */
  readonly contentEncoding: string | undefined;
  /** How caches may store the object: the `Cache-Control` header. */
  readonly cacheControl: string | undefined;
  /** Whether browsers show or download the object, and under which name: the `Content-Disposition` header. */
  readonly contentDisposition: string | undefined;
  /** The language of the content: the `Content-Language` header. */
  readonly contentLanguage: string | undefined;
  /**
   * The user-defined metadata; names in lower case. Values beyond ASCII, which other programs stored, are encoded words where
   * the service encodes them, as S3 does: `decodeMetadata` of `@storages/s3/storage` decodes them.
   */
  readonly metadata: Readonly<Record<string, string>>;
  /** The version id, if the service keeps versions. */
  readonly versionId: string | undefined;
  /** The storage class, unless it is the standard one. */
  readonly storageClass: string | undefined;
  /** The archive tier of an object in `INTELLIGENT_TIERING` that must be restored first, such as `ARCHIVE_ACCESS`. */
  readonly archiveStatus?: string | undefined;
  /** The restoration of an archived object; `undefined` if none was requested, or the restored copy has expired. */
  readonly restore?: RestoreStatus | undefined;
}

/**
 * The restoration of an archived object.
 *
 * Source: the S3 API reference, HeadObject, `x-amz-restore`.
 *
 * @example
 * ```ts
 * import type { RestoreStatus } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const isReadable = (restore?: RestoreStatus) => restore?.ongoing === false;
 * assertEquals(isReadable({ ongoing: true, expiresAt: undefined }), false);
 * ```
 */
export interface RestoreStatus {
  /** Whether the object is still being restored, and cannot be read. */
  readonly ongoing: boolean;
  /** When the restored copy is deleted; `undefined` while it is being restored. */
  readonly expiresAt: Date | undefined;
}

/**
 * The attributes of a stored file.
 *
 * @example
 * ```ts
 * import { type FileStat, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "hello", { metadata: { owner: "ada" } });
 * const stat: FileStat = await storage.stat("a.txt");
 * assertEquals([stat.size, stat.contentType, stat.metadata.owner], [5, "text/plain; charset=utf-8", "ada"]);
 * ```
 */
export interface FileStat extends ObjectStat {
  /** The name of the file, without the storage's location. */
  readonly name: string;
}
