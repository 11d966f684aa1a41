/**
 * An object that a backend has just stored.
 *
 * @example
 * ```ts
 * import type { WrittenObject } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const written: WrittenObject = { etag: '"5d41402abc4b2a76b9719d911017c592"', replaced: false };
 * assertEquals(written.replaced, false);
 * ```
 */
export interface WrittenObject {
  /** The entity tag, in quotes. */
  readonly etag: string;
  /** The version id, if the service keeps versions. */
  readonly versionId?: string | undefined;
  /** Whether it replaced an object of the same key, or may have done so. */
  readonly replaced: boolean;
  /** Distinguishes this write from others of the same bytes, whose ETag may be the same. */
  readonly writeId?: string | undefined;
}

/**
 * A file that `save` has just stored.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type SavedFile } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * const saved: SavedFile[] = [];
 * await storage.save("a.txt", "hello", { onSaved: (file) => saved.push(file) });
 * assertEquals(saved.map(({ name, replaced }) => [name, replaced]), [["a.txt", false]]);
 * ```
 */
export interface SavedFile extends WrittenObject {
  /** The name of the file, without the storage's location. */
  readonly name: string;
}
