import { NotFoundError } from "../errors.ts";
import { encodeHex, encodeUtf8 } from "../kit/bytes/bytes.ts";
import type { BinaryFile } from "../storage/files/binary_file.ts";
import type { SaveContent } from "../storage/content/content.ts";
import type { CallOptions, ReadOptions, SaveOptions, UrlOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";
import { isSameObject } from "./same_object.ts";

/** Bytes of a chunk where nothing else is asked for. Source: `File.DEFAULT_CHUNK_SIZE` of Django. */
const DEFAULT_CHUNK_SIZE_BYTES = 65_536;

/** Marks files, so that {@linkcode isStoredFile} also recognises those of another copy of this module. */
const BRAND = Symbol.for("@storages/s3/StoredFile");

/** Whether a value is a StoredFile, of this or another copy of this module. */
export function isStoredFile(value: unknown): value is StoredFile {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** An object passed to bun:sqlite by itself counts as named parameters, and unnamed ones would be NULL without an error. */
const REFUSES_TO_BE_BOUND = {
  get(): never {
    throw new TypeError("Cannot bind a StoredFile as a parameter of SQLite: give file.toJSON(), its name or null");
  },
};

/** Where a field's files go: what a StoredFile has to know of its field. */
export interface FilePlace {
  readonly storage: Storage;
  /** Whether `uploadTo` is a function of the record. */
  readonly asksForRecord: boolean;
  /** Stores a file below `uploadTo`, and returns the name it was stored under. */
  save(name: string, content: SaveContent, options: FileSaveOptions): Promise<string>;
}

/**
 * How a file is saved.
 *
 * @example
 * ```ts
 * import { fileField, type FileSaveOptions } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const avatar = fileField({ storage: new MemoryStorage(), uploadTo: (user: { id: number }) => `avatars/${user.id}.png` });
 * const options: FileSaveOptions<{ id: number }> = { record: { id: 7 }, cacheControl: "max-age=600" };
 * assertEquals((await avatar.save("me.png", "…", options)).name, "avatars/7.png");
 * ```
 */
export type FileSaveOptions<R = unknown> =
  & Omit<SaveOptions, "maxLength">
  // A field whose uploadTo wants a record gets one.
  & (undefined extends R ? { readonly record?: R } : { readonly record: R });

/**
 * A file as a value on a record: the name of a stored file, or of none, with all that can be done with it. Made by a
 * {@linkcode FileField}, and bound to its storage.
 *
 * It is its name wherever values are turned into text: in JSON and in templates. Nothing is asked of the storage before a
 * method does.
 *
 * As a parameter of a query it is its name, and NULL for no file, with node-postgres (`pg`) and what is built on it
 * (Drizzle, Kysely, TypeORM; Sequelize with `bind`), Prisma, and `query` of mysql2. postgres.js and `Bun.sql` write no file
 * as `""`. SQLite drivers and models of Sequelize reject it with an error. `execute` of mysql2 writes the name with JSON's
 * quotes. Give all of these `file.toJSON()`, which is the name or `null`.
 *
 * Source: `FieldFile` of Django.
 *
 * @example
 * ```ts
 * import { fileField, type StoredFile } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const report = fileField({ storage: new MemoryStorage(), uploadTo: "reports" });
 * const file: StoredFile = report.file();
 * assertEquals(file.isEmpty, true);
 * await file.save("may 2026.txt", "storage contents");
 * assertEquals([file.name, await file.size()], ["reports/may_2026.txt", 16]);
 * assertEquals(JSON.stringify({ file }), '{"file":"reports/may_2026.txt"}');
 * ```
 */
export class StoredFile implements AsyncDisposable {
  /** The name in the storage; `undefined` for no file. */
  declare readonly name: string | undefined; // the only enumerable property, so that structuredClone copies just this
  readonly #place: FilePlace;
  readonly #attribute: string;
  readonly #record: object | undefined;
  #file: Promise<BinaryFile> | undefined;

  /**
   * Made by `FileField.file` and `FileField.attach`.
   *
   * @param place Where its field's files go.
   * @param attribute What it is called on its record.
   * @param name The name of a stored file.
   * @param record What it hangs on.
   */
  constructor(place: FilePlace, attribute: string, name: string | undefined, record?: object) {
    this.#place = place;
    this.#attribute = attribute;
    this.#record = record;
    this.#rename(name);
    Object.defineProperty(this, BRAND, { value: true });
    Object.defineProperty(this, 0, REFUSES_TO_BE_BOUND);
  }

  /** Whether there is no file. (The value itself is an object, and so never falsy.) */
  get isEmpty(): boolean {
    return this.name === undefined;
  }

  /** Where it is stored. */
  get storage(): Storage {
    return this.#place.storage;
  }

  /**
   * Stores a file below the field's `uploadTo`, and is that file from then on. The file it was before stays where it is,
   * unless it has the same name and the storage overwrites.
   *
   * @param name The name, made safe by `Storage.generateFilename`; it may have folders.
   * @param content What to store.
   * @param options How to store it, and the record for `uploadTo` where it does not hang on one.
   * @returns The name it was stored under.
   * @throws {SuspiciousNameError} If the name climbs, is absolute, or nothing is left of it.
   * @throws {TypeError} If `uploadTo` is a function of the record, and there is none.
   */
  async save(name: string, content: SaveContent, options: FileSaveOptions = {}): Promise<string> {
    return (await this.#store(name, content, options)).stored;
  }

  async #store(
    name: string,
    content: SaveContent,
    options: FileSaveOptions,
  ): Promise<{ stored: string; old: string | undefined }> {
    const { record = this.#record } = options;
    if (record === undefined && this.#place.asksForRecord) {
      throw new TypeError(
        "Cannot save without a record: the field's uploadTo is a function of it. Give it as `{ record }`, or attach the file",
      );
    }
    const stored = await this.#place.save(name, content, { ...options, record });
    await this.close();
    const old = this.name; // only now: another save may have come in between
    this.#rename(stored);
    return { stored, old };
  }

  /**
   * Stores a file in the place of this one: always under a new name, and only then is the old one removed, so that
   * at no time there is none. Where a database refers to it, the old one must outlive the transaction: use `withFiles`.
   *
   * The old file stays if its name is only another spelling of the new one's (`a//b.txt`, `a/b.txt`).
   *
   * @returns The name it was stored under.
   */
  async replace(name: string, content: SaveContent, options: FileSaveOptions = {}): Promise<string> {
    const { stored, old } = await this.#store(name, content, { ...options, overwrite: false });
    const { storage } = this;
    // One that was gone already left its name, in whichever spelling, for the new one to take.
    const isOther = old !== undefined && !isSameObject({ storage, name: old }, { storage, name: stored });
    if (isOther) await storage.delete(old, { signal: options.signal });
    return stored;
  }

  /**
   * Removes the file; from then on it is none. A file that is gone already counts as removed, and without one
   * nothing happens.
   */
  async delete(options: CallOptions = {}): Promise<void> {
    if (this.name === undefined) return;
    await this.close();
    await this.storage.delete(this.name, options);
    this.#rename(undefined);
  }

  /**
   * Bytes, as they are stored; asks the storage each time.
   *
   * @throws {NotFoundError} If it is empty, or the file is gone.
   */
  async size(options: CallOptions = {}): Promise<number> {
    return await this.storage.size(this.#stored(), options);
  }

  /**
   * A URL to the file; makes no request.
   *
   * @throws {NotFoundError} If it is empty.
   */
  async url(options: UrlOptions = {}): Promise<string> {
    return await this.storage.url(this.#stored(), options);
  }

  /**
   * Opens the file to read bytes, or goes back to its beginning if it is open.
   *
   * @param options How to open it; given, it is opened anew.
   * @returns The file that `read` and `chunks` read from too. Close it, or this.
   * @throws {NotFoundError} If it is empty, or the file is gone.
   */
  async open(options?: ReadOptions): Promise<BinaryFile> {
    if (options !== undefined) await this.close();
    const file = await this.#opened(options);
    await file.seek(0);
    return file;
  }

  /**
   * Reads on, from the beginning at first.
   *
   * @param length How many bytes; all of the rest by default.
   * @returns As many, less only at the end; none at the end.
   * @throws {NotFoundError} If it is empty, or the file is gone.
   */
  async read(length?: number): Promise<Uint8Array<ArrayBuffer>> {
    return await (await this.#opened()).read(length);
  }

  /**
   * The whole file in pieces, from its beginning.
   *
   * @param chunkSize Bytes of a piece; 0 for the default, 65,536.
   * @throws {NotFoundError} If it is empty, or the file is gone.
   */
  async *chunks(chunkSize = 0): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    const file = await this.open();
    while (true) {
      const chunk = await file.read(chunkSize || DEFAULT_CHUNK_SIZE_BYTES);
      if (chunk.byteLength === 0) return;
      yield chunk;
    }
  }

  /** Lets go of what was opened. Without anything open nothing happens. */
  async close(): Promise<void> {
    const opening = this.#file;
    this.#file = undefined;
    await (await opening?.catch(() => undefined))?.close();
  }

  /** Closes it at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Whether it is the same object in the same bucket or folder, however its name is spelled and whichever storage reaches
   * it. No file is equal to `null`, `undefined` and `""`.
   *
   * @param other A file, or a name in the storage of this one.
   */
  equals(other: StoredFile | string | null | undefined): boolean {
    const name = typeof other === "string" ? other : other?.name ?? "";
    if (name === "" || this.name === undefined) return name === String(this);
    const storage = isStoredFile(other) ? other.storage : this.storage;
    return isSameObject({ storage: this.storage, name: this.name }, { storage, name });
  }

  /** The name; `""` for no file. */
  toString(): string {
    return this.name ?? "";
  }

  /** The name; `null` for no file. */
  toJSON(): string | null {
    return this.name ?? null;
  }

  /** Called by node-postgres where it is a parameter: the name; `null`, which is written as NULL, for no file. */
  toPostgres(): string | null {
    return this.toJSON();
  }

  /** Called by `query` of mysql2 where it is a parameter: the name as a literal of SQL; `NULL` for no file. */
  toSqlString(): string {
    if (this.name === undefined) return "NULL";
    const bytes = encodeUtf8(this.name);
    // In hexadecimal there is nothing to escape, whatever the server's mode is.
    return `_utf8mb4 X'${encodeHex(bytes)}'`;
  }

  #rename(name: string | undefined): void {
    Object.defineProperty(this, "name", { value: name, enumerable: true, configurable: true });
  }

  #stored(): string {
    if (this.name !== undefined) return this.name;
    throw new NotFoundError(`The '${this.#attribute}' attribute has no file associated with it.`);
  }

  async #opened(options?: ReadOptions): Promise<BinaryFile> {
    const name = this.#stored();
    if ((await this.#file)?.closed) this.#file = undefined; // by whom `open` gave it to
    const opening = this.#file ??= this.storage.open(name, "rb", options);
    try {
      return await opening;
    } catch (error) {
      if (this.#file === opening) this.#file = undefined;
      throw error;
    }
  }
}
