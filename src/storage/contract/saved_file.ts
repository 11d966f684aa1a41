/**
 * What a backend says of an object that it has stored.
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
  /** The version, where the service keeps versions. */
  readonly versionId?: string | undefined;
  /** Whether it replaced an object of the same key, or may have done so. */
  readonly replaced: boolean;
  /** Tells this write from others of the same bytes, where ETags do not. */
  readonly writeId?: string | undefined;
}

/**
 * A file as `save` has stored it.
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
  /** The name it is stored under, without the location. */
  readonly name: string;
}
