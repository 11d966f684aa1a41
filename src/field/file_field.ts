import { isInteger } from "../kit/values/integer.ts";
import type { SaveContent } from "../storage/content/content.ts";
import type { Storage } from "../storage/storage.ts";
import { isSameObject } from "./same_object.ts";
import { type FilePlace, type FileSaveOptions, isStoredFile, StoredFile } from "./stored_file.ts";
import { folderPattern, pathBelow } from "./upload_path.ts";

/** The longest name where nothing else is said. Source: `FileField` of Django. */
const DEFAULT_MAX_LENGTH = 100;

/**
 * Where a field's files go.
 *
 * @example
 * ```ts
 * import { fileField, type FileFieldOptions } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: FileFieldOptions = {
 *   storage: () => new MemoryStorage(), // called when the first file needs it
 *   uploadTo: "photos/%Y/%m/%d",
 *   now: () => new Date("2026-11-22T12:00:00Z"),
 * };
 * assertEquals((await fileField(options).save("a.jpg", "…")).name, "photos/2026/11/22/a.jpg");
 * ```
 */
export interface FileFieldOptions<R = unknown> {
  /** The storage, or what makes it: that is called once, when it is needed. */
  readonly storage: Storage | (() => Storage);
  /**
   * The folder, in which `%Y %y %m %d %j %H %M %S` are parts of the date in UTC and `%%` is a percent sign; or what
   * makes the whole path of the record and the name that was given.
   * @default {""}
   */
  readonly uploadTo?: string | ((record: R, name: string) => string | Promise<string>) | undefined;
  /**
   * The most characters a name may have, folders included: the width of its column. Longer names are cut before
   * their extension. `Infinity` for no limit.
   * @default {100}
   */
  readonly maxLength?: number | undefined;
  /** The clock that `uploadTo` goes by. */
  readonly now?: (() => Date) | undefined;
}

/**
 * What names a stored file, or none: a column's value, parsed JSON, the clone of a {@linkcode StoredFile}.
 *
 * @example
 * ```ts
 * import { fileField, type FileReference } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const field = fileField({ storage: new MemoryStorage() });
 * const references: FileReference[] = ["a.txt", field.file("a.txt"), structuredClone({ name: "a.txt" }), null, ""];
 * assertEquals(references.map((reference) => field.file(reference).isEmpty), [false, false, false, true, true]);
 * ```
 */
export type FileReference = StoredFile | string | { readonly name?: string | null | undefined } | null | undefined;

/**
 * Makes a field: what turns an attribute of records into a {@linkcode StoredFile}.
 *
 * @throws {TypeError} If `uploadTo` has an unknown `%` directive.
 * @throws {RangeError} If `maxLength` is neither an integer of 1 or more nor Infinity.
 * @throws {SuspiciousNameError} If `uploadTo` begins with a slash, or climbs.
 *
 * @example
 * ```ts
 * import { fileField } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage({ baseUrl: "/media/" });
 * const avatar = fileField({ storage, uploadTo: "avatars" });
 *
 * const row = { id: 7, avatar: null as string | null }; // as a database gave it
 * const user = avatar.attach(row, "avatar");
 * await user.avatar.save("me.png", new Blob(["…"], { type: "image/png" }));
 * assertEquals(await user.avatar.url(), "/media/avatars/me.png");
 * assertEquals(JSON.stringify(user), '{"id":7,"avatar":"avatars/me.png"}');
 * ```
 */
export function fileField<R = unknown>(options: FileFieldOptions<R>): FileField<R> {
  return new FileField(options);
}

/**
 * Makes the {@linkcode StoredFile}s of an attribute, and knows where their files go; {@linkcode fileField} makes one.
 *
 * @example
 * ```ts
 * import { type FileField, fileField } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const scans: FileField = fileField({ storage: new MemoryStorage(), uploadTo: "scans" });
 * const { name } = await scans.save("page 1.pdf", "…");
 * assertEquals(await scans.file(name).size(), 3);
 * ```
 */
export class FileField<R = unknown> {
  /** The most characters a name may have; `undefined` for no limit. */
  readonly maxLength: number | undefined;
  readonly #place: FilePlace;
  #storage: Storage | (() => Storage);

  /**
   * Made by {@linkcode fileField}.
   *
   * @param options Where the files go.
   */
  constructor(options: FileFieldOptions<R>) {
    const { uploadTo = "", maxLength = DEFAULT_MAX_LENGTH, now = () => new Date() } = options;
    if (maxLength !== Infinity && !isInteger(maxLength, 1)) {
      throw new RangeError(`maxLength must be an integer of 1 or more, or Infinity, got ${maxLength}`);
    }
    this.maxLength = maxLength === Infinity ? undefined : maxLength;
    this.#storage = options.storage;
    const pathOf = typeof uploadTo === "string" ? pathInFolder(uploadTo, now) : uploadTo;
    const storageOf = (): Storage => this.storage;
    this.#place = {
      get storage(): Storage {
        return storageOf();
      },
      asksForRecord: typeof uploadTo === "function",
      save: async (name, content, { record, ...options }) => {
        const path = this.storage.generateFilename(await pathOf(record as R, name));
        return await this.storage.save(path, content, { ...options, maxLength: this.maxLength });
      },
    };
  }

  /**
   * The storage of its files.
   *
   * @throws {TypeError} If what should make it gives something else.
   */
  get storage(): Storage {
    if (typeof this.#storage === "function") {
      const storage = this.#storage();
      // Not by its class: it may come from another copy of this module.
      if (typeof storage?.save !== "function" || typeof storage.generateFilename !== "function") {
        throw new TypeError(`The function given as storage must return a Storage: it returned ${typeof storage}`);
      }
      this.#storage = storage;
    }
    return this.#storage;
  }

  /**
   * A reference to a stored file, or to none. Asks nothing of the storage: whether there is such a file is not looked at.
   *
   * @param reference The name; `null`, `undefined` or `""` for no file. Also what JSON and `structuredClone` make of one.
   * @throws {TypeError} If it is something else, or a file of another storage: one in which its name stands for another
   * object. Another instance for the same bucket and location is fine.
   */
  file(reference?: FileReference): StoredFile {
    return new StoredFile(this.#place, "file", this.#nameOf(reference));
  }

  /**
   * Stores a file.
   *
   * @param name The name, made safe by `Storage.generateFilename`; it may have folders.
   * @param content What to store.
   * @param options How to store it, and the record for `uploadTo`.
   * @returns The file, to put on a record.
   * @throws {SuspiciousNameError} If the name climbs, is absolute, or nothing is left of it.
   */
  async save(
    name: string,
    content: SaveContent,
    ...[options]: undefined extends R ? [options?: FileSaveOptions<R>] : [options: FileSaveOptions<R>]
  ): Promise<StoredFile> {
    return this.file(await this.#place.save(name, content, { ...options }));
  }

  /**
   * Makes an attribute of a record a {@linkcode StoredFile}, by the name that it has as its value now. What is assigned to it
   * later becomes one too, so `Object.assign(record, JSON.parse(text))` brings it back.
   *
   * @param record An object, such as a row or a class's `this`. It is changed.
   * @param attribute The name of its attribute.
   * @returns The same object.
   * @throws {TypeError} If its value cannot be the name of a file.
   */
  attach<Target extends R & object, Attribute extends string>(
    record: Target,
    attribute: Attribute,
  ): Omit<Target, Attribute> & { [Key in Attribute]: StoredFile } {
    const bind = (reference: FileReference): StoredFile =>
      new StoredFile(this.#place, attribute, this.#nameOf(reference), record);
    let file = bind((record as Record<string, FileReference>)[attribute]);
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
    return record as Omit<Target, Attribute> & { [Key in Attribute]: StoredFile };
  }

  /** Whether the name of a file leads to the same object in this field's storage. */
  #reaches({ name, storage }: StoredFile): boolean {
    return name === undefined || isSameObject({ storage, name }, { storage: this.storage, name });
  }

  #nameOf(reference: FileReference): string | undefined {
    if (isStoredFile(reference) && !this.#reaches(reference)) {
      throw new TypeError(`Cannot refer to '${reference}': it is in another storage than this field's files`);
    }
    if (reference instanceof Blob) {
      throw new TypeError(
        "Cannot assign content, which stores nothing: use `await record.attribute.save(name, content)`",
      );
    }
    const name = typeof reference === "object" && reference !== null && "name" in reference
      ? reference.name
      : reference as string | null | undefined;
    if (typeof name === "string") return name || undefined;
    if (name === null || name === undefined) return undefined;
    throw new TypeError(`The name of a stored file must be a string, null or undefined: it is of type ${typeof name}`);
  }
}

function pathInFolder(pattern: string, now: () => Date): (record: unknown, name: string) => string {
  const folder = folderPattern(pattern);
  return (_record, name) => pathBelow(folder(now()), name);
}
