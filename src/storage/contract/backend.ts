import type { CallOptions, WriteOptions } from "./options.ts";

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
  /**
   * Whether the result must tell this write from all others, and whether it replaced a file: the caller may remove what
   * was written. A write that is aborted then removes the new file that it has stored.
   */
  readonly identified?: boolean | undefined;
  /**
   * Gives another name, with random characters, that no other writer chooses: for a backend that cannot make sure in one
   * step that it replaces nothing. Left out where the file must get this very name.
   */
  readonly uniqueName?: (() => Promise<StoredName>) | undefined;
  /** The content's own media type or a guess; a type that is configured or given comes first. */
  readonly fallbackContentType: string;
  /** How the content says that it is encoded; what is configured or given comes first. */
  readonly fallbackContentEncoding?: string | undefined;
}

/**
 * How a backend copies an object.
 *
 * @example
 * ```ts
 * import type { ObjectCopyOptions } from "@storages/s3";
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
}

/**
 * How a backend removes objects.
 *
 * @example
 * ```ts
 * import type { ObjectDeleteOptions } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ObjectDeleteOptions = { expected: { etag: '"5d41402abc4b2a76b9719d911017c592"' } };
 * assertEquals(options.expected?.writeId, undefined);
 * ```
 */
export interface ObjectDeleteOptions extends CallOptions {
  /** What the one object to remove must be. If it is another by now, it stays, and the call fails. */
  readonly expected?: ExpectedObject | undefined;
}

/**
 * What an object must be to be removed; what is left out is not compared.
 *
 * @example
 * ```ts
 * import type { ExpectedObject } from "@storages/s3";
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
  /** Which write it is of: see {@linkcode WrittenObject.writeId}. */
  readonly writeId?: string | undefined;
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
