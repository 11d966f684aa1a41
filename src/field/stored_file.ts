import { NotFoundError } from "../errors.ts";
import { encodeHex, encodeUtf8 } from "../kit/bytes/bytes.ts";
import { checkInteger } from "../kit/values/integer.ts";
import { checkOptions } from "../kit/values/options.ts";
import { SharedLoad } from "../runtime/shared_load.ts";
import type { BinaryFile } from "../storage/files/binary_file.ts";
import type { SaveContent } from "../storage/content/content.ts";
import { CALL_OPTIONS } from "../storage/checks/option_names.ts";
import type { CallOptions, ReadOptions, UrlOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";
import { isSameObject } from "./same_object.ts";
import {
  checkSave,
  NEW_FILE_OPTIONS,
  type NewFileOptions,
  type PlaceOptions,
  type StoredFileSaveOptions,
} from "./save_options.ts";

/** The default chunk size. Source: Django's `File.DEFAULT_CHUNK_SIZE`. */
const DEFAULT_CHUNK_SIZE_BYTES = 65_536;

/** Marks files, so that {@linkcode isStoredFile} recognises those of another copy of this module. */
const BRAND = Symbol.for("@storages/s3/StoredFile");

/** Whether a value is a StoredFile, of this or another copy of this module. */
export function isStoredFile(value: unknown): value is StoredFile {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** bun:sqlite takes an object for named parameters, and binds NULL for missing ones without an error. */
const REFUSES_TO_BE_BOUND = {
  get(): never {
    throw new TypeError("Cannot bind a StoredFile as a parameter of SQLite: pass file.toJSON(), its name or null");
  },
};

/** The part of a field that a StoredFile needs. */
export interface FilePlace {
  readonly storage: Storage;
  /** Whether `uploadTo` is a function of the record. */
  readonly asksForRecord: boolean;
  /** What no file is in a database. Missing in other copies of this module. */
  readonly emptyValue?: "" | null;
  /** Stores a file below `uploadTo`, and returns its stored name. */
  save(name: string, content: SaveContent, options: PlaceOptions): Promise<string>;
}

/**
 * A file as a value on a record: the name of a stored file, or no file, with methods to save, read, link and delete it. Made
 * by a {@linkcode FileField}, and bound to its storage.
 *
 * In JSON and in templates it is written as its name. Only its methods send requests.
 *
 * As a parameter of a query it is written as its name, or NULL for no file, by node-postgres (`pg`) and libraries built on it
 * (Drizzle, Kysely, TypeORM; Sequelize with `bind`), by Prisma, and by `query` of mysql2. postgres.js and `Bun.sql` write
 * `""` for no file. SQLite drivers and models of Sequelize reject it with an error. `execute` of mysql2 writes the name with
 * the quotes of JSON. For all of these, pass `file.toJSON()`, which is the name or `null`. With the field's `emptyValue` `""`,
 * no file is `""` everywhere.
 *
 * Source: Django's `FieldFile`.
 *
 * @example
 * ```ts
 * import { fileField, type StoredFile } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const report = fileField(new MemoryStorage(), { uploadTo: "reports" });
 * const file: StoredFile = report.file();
 * assertEquals(file.isEmpty, true);
 * await file.save("may 2026.txt", "storage contents");
 * assertEquals([file.name, await file.size()], ["reports/may_2026.txt", 16]);
 * assertEquals(JSON.stringify({ file }), '{"file":"reports/may_2026.txt"}');
 * ```
 */
export class StoredFile<R = unknown> implements AsyncDisposable {
  /** The name in the storage; `undefined` for no file. */
  declare readonly name: string | undefined; // the only enumerable property, so that structuredClone copies just this
  readonly #place: FilePlace;
  readonly #attribute: string;
  readonly #record: object | undefined;
  #file: BinaryFile | undefined;
  readonly #opening = new SharedLoad<BinaryFile>();

  /**
   * Use `FileField.file` or `FileField.attach` instead.
   *
   * @param place The storage of the field, and how it saves files.
   * @param attribute The name of the record's attribute.
   * @param name The name of a stored file; `undefined` for no file.
   * @param record The record that it is attached to.
   */
  constructor(place: FilePlace, attribute: string, name: string | undefined, record?: object) {
    this.#place = place;
    this.#attribute = attribute;
    this.#record = record;
    this.#rename(name);
    Object.defineProperty(this, BRAND, { value: true });
    Object.defineProperty(this, 0, REFUSES_TO_BE_BOUND);
  }

  /** Whether there is no file. (The value itself is an object, so it is always truthy.) */
  get isEmpty(): boolean {
    return this.name === undefined;
  }

  /** The storage of the file. */
  get storage(): Storage {
    return this.#place.storage;
  }

  /**
   * Stores a file below the field's `uploadTo`, and refers to it from then on. The previous file stays in the storage, unless
   * it has the same name and the storage overwrites files.
   *
   * @param name The name, made safe by `Storage.generateFilename`; it may have folders.
   * @param content The content to store.
   * @param options How to store it, and the record for `uploadTo` if this is not attached to one.
   * @returns The stored name.
   * @throws {SuspiciousNameError} If the name has `..` segments, is absolute, or has no valid characters.
   * @throws {TypeError} If `uploadTo` is a function of the record, and there is no record.
   */
  async save(name: string, content: SaveContent, options: StoredFileSaveOptions<R> = {}): Promise<string> {
    checkSave("save", name, options, this.storage);
    return (await this.#store(name, content, options)).stored;
  }

  async #store(
    name: string,
    content: SaveContent,
    options: StoredFileSaveOptions<R>,
  ): Promise<{ stored: string; old: string | undefined }> {
    const { record = this.#record } = options;
    if (record === undefined && this.#place.asksForRecord) {
      throw new TypeError(
        `Cannot save '${name}' without a record: uploadTo of the field is a function of it. ` +
          "Pass `{ record }`, or attach the file",
      );
    }
    const stored = await this.#place.save(name, content, { ...options, record });
    await this.close();
    const old = this.name; // read last: another save may have finished meanwhile
    this.#rename(stored);
    return { stored, old };
  }

  /**
   * Replaces the file: stores the new one under a new name, then deletes the old one, so one of them exists at any time. If a
   * database refers to the old file, it must not be deleted before the transaction commits: use `withFiles`.
   *
   * The old file stays if its name is only another spelling of the new one (`a//b.txt`, `a/b.txt`).
   *
   * @param name The name of the new file, made safe by `Storage.generateFilename`; it may have folders.
   * @param content The content to store.
   * @param options How to store it, and the record for `uploadTo` if this is not attached to one.
   * @returns The stored name.
   * @throws {TypeError} If `uploadTo` is a function of the record, and there is no record.
   */
  async replace(
    name: string,
    content: SaveContent,
    options: NewFileOptions<StoredFileSaveOptions<R>> = {},
  ): Promise<string> {
    checkSave("replace", name, options, this.storage, NEW_FILE_OPTIONS);
    const { stored, old } = await this.#store(name, content, { ...options, onExisting: "rename" });
    const { storage } = this;
    // If the old file was already deleted, the new one may have got its name, in another spelling.
    const isOther = old !== undefined && !isSameObject({ storage, name: old }, { storage, name: stored });
    if (isOther) await storage.delete(old, { signal: options.signal });
    return stored;
  }

  /**
   * Deletes the file; from then on this refers to no file. A file that does not exist counts as deleted, and without a file
   * nothing happens.
   */
  async delete(options: CallOptions = {}): Promise<void> {
    checkOptions(`delete '${this}'`, options, CALL_OPTIONS);
    if (this.name === undefined) return;
    await this.close();
    await this.storage.delete(this.name, options);
    this.#rename(undefined);
  }

  /**
   * The stored size in bytes; sends a request each time.
   *
   * @throws {NotFoundError} If this refers to no file, or the file does not exist.
   */
  async size(options: CallOptions = {}): Promise<number> {
    return await this.storage.size(this.#stored(), options);
  }

  /**
   * A URL of the file; no request is sent.
   *
   * @throws {NotFoundError} If this refers to no file.
   */
  async url(options: UrlOptions = {}): Promise<string> {
    return await this.storage.url(this.#stored(), options);
  }

  /**
   * Opens the file to read bytes; if it is open, seeks to the start.
   *
   * @param options How to open it; with options it is always opened again.
   * @returns The file that `read` and `chunks` also use. Close it, or this.
   * @throws {NotFoundError} If this refers to no file, or the file does not exist.
   */
  async open(options?: ReadOptions): Promise<BinaryFile> {
    if (options !== undefined) await this.close();
    const file = await this.#opened(options);
    return await file.open(); // to its start, or that of the range
  }

  /**
   * Reads the next bytes; the first call reads from the start.
   *
   * @param length The number of bytes; by default all that remain.
   * @returns That many bytes, or fewer at the end of the file; an empty array at its end.
   * @throws {NotFoundError} If this refers to no file, or the file does not exist.
   */
  async read(length?: number): Promise<Uint8Array<ArrayBuffer>> {
    return await (await this.#opened()).read(length);
  }

  /**
   * Reads the whole file in chunks, from the start.
   *
   * @param chunkSize Size of a chunk in bytes; 0 for the default, 65,536.
   * @throws {NotFoundError} If this refers to no file, or the file does not exist.
   * @throws {RangeError} If `chunkSize` is not an integer of 0 or more.
   */
  async *chunks(chunkSize = 0): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    checkInteger(`Cannot read '${this}': chunkSize`, chunkSize, 0);
    const file = await this.open();
    while (true) {
      const chunk = await file.read(chunkSize || DEFAULT_CHUNK_SIZE_BYTES);
      if (chunk.byteLength === 0) return;
      yield chunk;
    }
  }

  /** Closes the open file, if there is one. */
  async close(): Promise<void> {
    const file = this.#file;
    const opening = this.#opening.join()?.catch(() => undefined);
    this.#file = undefined;
    this.#opening.forget();
    await (file ?? await opening)?.close();
  }

  /** Closes the file at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Whether both are the same object in the same bucket or folder, even if names are spelled differently or the storages are
   * different instances. No file equals `null`, `undefined` and `""`.
   *
   * @param other A file, or a name in the same storage.
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

  /** The name; for no file the `emptyValue` of the field, by default `null`. */
  toJSON(): string | null {
    return this.name ?? this.#place.emptyValue ?? null;
  }

  /** Called by node-postgres for a parameter of a query: the name; for no file the `emptyValue`, by default NULL. */
  toPostgres(): string | null {
    return this.toJSON();
  }

  /** Called by `query` of mysql2 for a parameter: the name as a literal of SQL; for no file `NULL`, or `''` as `emptyValue`. */
  toSqlString(): string {
    if (this.name === undefined) return this.#place.emptyValue === "" ? "''" : "NULL";
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
    for (;;) {
      if (this.#file?.closed) this.#file = undefined; // closed by the caller of open()
      const file = this.#file ?? await (this.#opening.join() ?? this.#open(name, options));
      if (file !== undefined) return file; // else another call was to open it, and was cancelled
    }
  }

  #open(name: string, options: ReadOptions | undefined): Promise<BinaryFile> {
    return this.#opening.begin(async (isCurrent) => {
      const file = await this.storage.open(name, "rb", options);
      if (isCurrent()) this.#file = file; // else this was closed meanwhile
      return file;
    });
  }
}
