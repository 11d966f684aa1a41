/**
 * An object that a backend has just stored.
 *
 * @example
 * ```ts
 * import type { WrittenObject } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const written: WrittenObject = { etag: '"5d41402abc4b2a76b9719d911017c592"', size: 5, replaced: false };
 * assertEquals(written.replaced, false);
 * ```
 */
export interface WrittenObject {
  /** The entity tag, in quotes. */
  readonly etag: string;
  /** The number of stored bytes. */
  readonly size: number;
  /** The version id, if the service keeps versions. */
  readonly versionId?: string | undefined;
  /** Whether it replaced an object of the same key, or may have done so. Only an identified write knows. */
  readonly replaced: boolean;
  /** Distinguishes this write from others of the same bytes, whose ETag may be the same. */
  readonly writeId?: string | undefined;
}

/**
 * A file that `save` has stored, if it is called with `details` or `identify`.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type SavedFile } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * const saved: SavedFile = await storage.save("a.txt", "hello", { details: true });
 * assertEquals([saved.name, saved.size], ["a.txt", 5]);
 * await storage.save("a.txt", "hello, world", { ifMatch: saved.etag }); // fails if another writer came first
 * ```
 */
export interface SavedFile {
  /** The name of the file, without the storage's location. */
  readonly name: string;
  /** The entity tag, in quotes. */
  readonly etag: string;
  /** The number of stored bytes. */
  readonly size: number;
  /** The version id, if the service keeps versions. */
  readonly versionId: string | undefined;
}

/**
 * A file that `save` has stored with `identify`: it can be deleted without the risk of deleting another one.
 *
 * @example
 * ```ts
 * import { type IdentifiedFile, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * const saved: IdentifiedFile = await storage.save("a.txt", "hello", { identify: true });
 * assertEquals(saved.replaced, false);
 * await storage.delete("a.txt", { ifMatch: saved });
 * ```
 */
export interface IdentifiedFile extends SavedFile {
  /** Whether it replaced a file of the same name, or may have done so. */
  readonly replaced: boolean;
  /** Distinguishes this write from others of the same bytes, whose ETag may be the same. */
  readonly writeId: string | undefined;
}
