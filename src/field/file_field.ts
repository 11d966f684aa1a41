import { formatValue } from "../kit/values/format_value.ts";
import { isInteger } from "../kit/values/integer.ts";
import { checkOptions } from "../kit/values/options.ts";
import { checkStorage, isStorage } from "../storage/checks/check_storage.ts";
import type { SaveContent } from "../storage/content/content.ts";
import type { Storage } from "../storage/storage.ts";
import { isSameObject } from "./same_object.ts";
import { checkSave, type FileSaveOptions, ON_STORED, type PlaceOptions } from "./save_options.ts";
import { type FilePlace, isStoredFile, StoredFile } from "./stored_file.ts";
import { folderPattern, pathBelow } from "./upload_path.ts";

/** The default of `maxLength`. Source: Django's `FileField`. */
const DEFAULT_MAX_LENGTH = 100;

/**
 * Options of {@linkcode fileField}: where its files are stored below the storage's location, and how they are named.
 *
 * @example
 * ```ts
 * import { fileField, type FileFieldOptions } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: FileFieldOptions = {
 *   uploadTo: "photos/%Y/%m/%d",
 *   now: () => new Date("2026-11-22T12:00:00Z"),
 * };
 * assertEquals((await fileField(new MemoryStorage(), options).save("a.jpg", "…")).name, "photos/2026/11/22/a.jpg");
 * ```
 */
export interface FileFieldOptions<R = unknown> {
  /**
   * The folder, in which `%Y %y %m %d %j %H %M %S` are parts of the date in UTC and `%%` is a percent sign; or a function
   * that makes the whole path from the record and the given name.
   * @default {""}
   */
  readonly uploadTo?: string | ((record: R, name: string) => string | Promise<string>) | undefined;
  /**
   * The most characters of a name, including folders: the width of its column. Longer names are cut before their
   * extension. `Infinity` for no limit.
   * @default {100}
   */
  readonly maxLength?: number | undefined;
  /**
   * What no file is in the database and in JSON: `null`, or `""` for a column that is `NOT NULL`, such as those that Django
   * makes. Both are read as no file.
   * @default {null}
   */
  readonly emptyValue?: "" | null | undefined;
  /** The clock for dates in `uploadTo`. */
  readonly now?: (() => Date) | undefined;
}

/**
 * A reference to a stored file, or to no file: a column's value, parsed JSON, the clone of a {@linkcode StoredFile}.
 *
 * @example
 * ```ts
 * import { fileField, type FileReference } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const field = fileField(new MemoryStorage());
 * const references: FileReference[] = ["a.txt", field.file("a.txt"), structuredClone({ name: "a.txt" }), null, ""];
 * assertEquals(references.map((reference) => field.file(reference).isEmpty), [false, false, false, true, true]);
 * ```
 */
// deno-lint-ignore no-explicit-any -- a file of any record
export type FileReference = StoredFile<any> | string | { readonly name?: string | null | undefined } | null | undefined;

/** The names of the options of a field, which refuses all others. */
export const FIELD_OPTIONS = [
  "uploadTo",
  "maxLength",
  "emptyValue",
  "now",
] as const satisfies readonly (keyof FileFieldOptions)[];

/** What the constructor does, for messages. */
const ACTION = "create a file field";

/**
 * Creates a field, which turns an attribute of records into a {@linkcode StoredFile}.
 *
 * @param storage The storage of the files, or a function that makes it. The function is called once, when the storage is
 * first needed.
 * @param options Where the files are stored below the storage's location, and how they are named.
 * @throws {TypeError} If the first argument is not a storage, an option is unknown or of the wrong kind, or `uploadTo` has an
 * unknown `%` directive.
 * @throws {RangeError} If `maxLength` is not an integer of 1 or more, or `Infinity`.
 * @throws {SuspiciousNameError} If `uploadTo` begins with a slash, or has `..` segments.
 *
 * @example
 * ```ts
 * import { fileField } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage({ baseUrl: "/media/" });
 * const avatar = fileField(storage, { uploadTo: "avatars" });
 *
 * const row = { id: 7, avatar: null as string | null }; // as a database gave it
 * const user = avatar.attach(row, "avatar");
 * await user.avatar.save("me.png", new Blob(["…"], { type: "image/png" }));
 * assertEquals(await user.avatar.url(), "/media/avatars/me.png");
 * assertEquals(JSON.stringify(user), '{"id":7,"avatar":"avatars/me.png"}');
 * ```
 */
export function fileField<R = unknown>(
  storage: Storage | (() => Storage),
  options: FileFieldOptions<R> = {},
): FileField<R> {
  return new FileField(storage, options);
}

/**
 * A field, which makes the {@linkcode StoredFile}s of an attribute and stores their files. {@linkcode fileField} creates it.
 *
 * @example
 * ```ts
 * import { type FileField, fileField } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const scans: FileField = fileField(new MemoryStorage(), { uploadTo: "scans" });
 * const { name } = await scans.save("page 1.pdf", "…");
 * assertEquals(await scans.file(name).size(), 3);
 * ```
 */
export class FileField<R = unknown> {
  /** The most characters of a name; `undefined` for no limit. */
  readonly maxLength: number | undefined;
  readonly #place: FilePlace;
  #storage: Storage | (() => Storage);

  /**
   * Use {@linkcode fileField} instead.
   *
   * @param storage The storage of the files, or a function that makes it.
   * @param options Where the files are stored below the storage's location, and how they are named.
   */
  constructor(storage: Storage | (() => Storage), options: FileFieldOptions<R> = {}) {
    if (typeof storage !== "function") checkStorage(ACTION, storage);
    checkOptions(ACTION, options, FIELD_OPTIONS);
    const { uploadTo = "", maxLength = DEFAULT_MAX_LENGTH, emptyValue = null, now = () => new Date() } = options;
    if (typeof uploadTo !== "string" && typeof uploadTo !== "function") {
      throw new TypeError(`Cannot ${ACTION}: uploadTo must be a string or a function, got ${formatValue(uploadTo)}`);
    }
    if (typeof now !== "function") {
      throw new TypeError(`Cannot ${ACTION}: now must be a function that returns a Date, got ${formatValue(now)}`);
    }
    if (maxLength !== Infinity && !isInteger(maxLength, 1)) {
      throw new RangeError(
        `Cannot ${ACTION}: maxLength must be an integer of 1 or more, or Infinity, got ${formatValue(maxLength)}`,
      );
    }
    if (emptyValue !== null && emptyValue !== "") {
      throw new TypeError(`Cannot ${ACTION}: emptyValue must be null or "", got ${formatValue(emptyValue)}`);
    }
    this.maxLength = maxLength === Infinity ? undefined : maxLength;
    this.#storage = storage;
    const pathOf = typeof uploadTo === "string" ? pathInFolder(uploadTo, now) : uploadTo;
    const storageOf = (): Storage => this.storage;
    this.#place = {
      get storage(): Storage {
        return storageOf();
      },
      emptyValue,
      asksForRecord: typeof uploadTo === "function",
      save: async (name, content, { record, [ON_STORED]: onStored, ...options }) => {
        const path = await pathOf(record as R, name);
        if (typeof path !== "string") {
          throw new TypeError(`Cannot save '${name}': uploadTo must return a string, got ${formatValue(path)}`);
        }
        const safe = this.storage.generateFilename(path);
        const how = { ...options, maxLength: this.maxLength };
        if (onStored === undefined) return await this.storage.save(safe, content, how);
        const saved = await this.storage.save(safe, content, { ...how, identify: true });
        onStored(saved);
        return saved.name;
      },
    };
  }

  /**
   * The storage of the files.
   *
   * @throws {TypeError} If the function given as the storage does not return one.
   */
  get storage(): Storage {
    if (typeof this.#storage === "function") {
      const storage = this.#storage();
      if (!isStorage(storage)) {
        throw new TypeError(
          `Cannot use the storage of a file field: its function must return a Storage, got ${formatValue(storage)}`,
        );
      }
      this.#storage = storage;
    }
    return this.#storage;
  }

  /**
   * Makes a reference to a stored file, or to no file. Sends no request, so the file need not exist.
   *
   * @param reference The name; `null`, `undefined` or `""` for no file. Also the result of JSON or `structuredClone`.
   * @throws {TypeError} If it is something else, or a file of another storage, where its name identifies another object.
   * Another instance for the same bucket and location is accepted.
   */
  file(reference?: FileReference): StoredFile<R> {
    return new StoredFile(this.#place, "file", this.#nameOf(reference));
  }

  /**
   * Stores a file.
   *
   * @param name The name, made safe by `Storage.generateFilename`; it may have folders.
   * @param content The content to store.
   * @param options How to store it, and the record for `uploadTo`.
   * @returns The file, to assign to a record.
   * @throws {SuspiciousNameError} If the name has `..` segments, is absolute, or has no valid characters.
   * @throws {TypeError} If the name is not a string, or an option is unknown.
   */
  async save(
    name: string,
    content: SaveContent,
    ...[options]: undefined extends R ? [options?: FileSaveOptions<R>] : [options: FileSaveOptions<R>]
  ): Promise<StoredFile<R>> {
    const how = options === undefined ? {} : options;
    checkSave("save", name, how, this.storage);
    return this.file(await this.#place.save(name, content, how as PlaceOptions));
  }

  /**
   * Turns an attribute of a record, whose value is a file's name, into a {@linkcode StoredFile}. Values that are assigned to
   * it later are converted too, so `Object.assign(record, JSON.parse(text))` restores it.
   *
   * @param record An object, such as a row or a class's `this`. It is modified.
   * @param attribute The name of an attribute of the record.
   * @returns The same object.
   * @throws {TypeError} If the value cannot be the name of a file.
   */
  attach<Target extends R & object, Attribute extends keyof Target & string>(
    record: Target,
    attribute: Attribute,
  ): Omit<Target, Attribute> & { [Key in Attribute]: StoredFile<R> } {
    if (Object(record) !== record) {
      throw new TypeError(`Cannot attach '${attribute}': the record must be an object, got ${formatValue(record)}`);
    }
    if (typeof attribute !== "string") {
      throw new TypeError(`Cannot attach a file: the attribute's name must be a string, got ${formatValue(attribute)}`);
    }
    const bind = (reference: FileReference): StoredFile<R> =>
      new StoredFile(this.#place, attribute, this.#nameOf(reference), record);
    let file = bind(record[attribute] as FileReference);
    Object.defineProperty(record, attribute, {
      configurable: true,
      enumerable: true,
      get: () => file,
      set: (reference: FileReference) => {
        if (reference === file) return;
        const next = bind(reference);
        void file.close();
        file = next;
      },
    });
    return record as Omit<Target, Attribute> & { [Key in Attribute]: StoredFile<R> };
  }

  /** Whether a file's name identifies the same object in this field's storage. */
  #reaches({ name, storage }: StoredFile): boolean {
    return name === undefined || isSameObject({ storage, name }, { storage: this.storage, name });
  }

  #nameOf(reference: FileReference): string | undefined {
    if (isStoredFile(reference) && !this.#reaches(reference)) {
      throw new TypeError(`Cannot refer to '${reference}': it is in another storage than the files of this field`);
    }
    if (reference instanceof Blob) {
      throw new TypeError(
        "Cannot assign content: an assignment stores nothing. Use `await record.attribute.save(name, content)`",
      );
    }
    const name = typeof reference === "object" && reference !== null && "name" in reference
      ? reference.name
      : reference as string | null | undefined;
    if (typeof name === "string") return name || undefined;
    if (name === null || name === undefined) return undefined;
    throw new TypeError(
      `Cannot refer to a file: the name must be a string, null or undefined, got ${formatValue(name)}`,
    );
  }
}

/**
 * Refuses an argument that is not a field, such as a storage.
 *
 * @param action What the call does, for the message: `save 'a.txt'`.
 * @throws {TypeError} If it is not a field.
 */
export function checkField(action: string, value: unknown): void {
  const { file, attach, save } = Object(value) as Partial<Record<keyof FileField, unknown>>;
  if ([file, attach, save].every((method) => typeof method === "function")) return;
  throw new TypeError(`Cannot ${action}: the field must be a FileField, got ${formatValue(value)}`);
}

function pathInFolder(pattern: string, now: () => Date): (record: unknown, name: string) => string {
  const folder = folderPattern(pattern);
  return (_record, name) => {
    const date = now();
    if (typeof date?.getTime !== "function") {
      throw new TypeError(`Cannot save '${name}': now must return a Date, got ${formatValue(date)}`);
    }
    return pathBelow(folder(date), name);
  };
}
