import type { WriteOptions } from "./options.ts";

/**
 * A file's name, and the full key that it stands for.
 *
 * @example
 * ```ts
 * import type { StoredName } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const file: StoredName = { name: "a.txt", key: "uploads/a.txt" };
 * assertEquals(file.key.endsWith(file.name), true);
 * ```
 */
export interface StoredName {
  /** What the caller calls it. */
  readonly name: string;
  /** Where it is kept: the storage's location and the name. */
  readonly key: string;
}

/**
 * What a backend is told of a file to write.
 *
 * @example
 * ```ts
 * import type { ObjectWriteOptions } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ObjectWriteOptions = { overwrite: true, fallbackContentType: "text/plain" };
 * assertEquals(options.contentType ?? options.fallbackContentType, "text/plain");
 * ```
 */
export interface ObjectWriteOptions extends WriteOptions {
  /** Whether a file of this name may be replaced. */
  readonly overwrite: boolean;
  /** The content's own media type or a guess; a type that is configured or given comes first. */
  readonly fallbackContentType: string;
  /** How the content says that it is encoded; what is configured or given comes first. */
  readonly fallbackContentEncoding?: string | undefined;
}

/**
 * What a backend says of a listed file or folder.
 *
 * @example
 * ```ts
 * import type { ListedKey } from "@storages/s3";
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
