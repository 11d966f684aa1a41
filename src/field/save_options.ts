import { formatValue } from "../kit/values/format_value.ts";
import { checkOptions } from "../kit/values/options.ts";
import type { SaveOptions } from "../storage/contract/options.ts";
import { SAVE_OPTIONS } from "../storage/checks/option_names.ts";
import type { IdentifiedFile } from "../storage/contract/saved_file.ts";
import type { Storage } from "../storage/storage.ts";

/**
 * Options of `save` for a {@linkcode StoredFile}: those of the storage, and the record for `uploadTo`.
 *
 * @example
 * ```ts
 * import { fileField, type StoredFileSaveOptions } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: StoredFileSaveOptions = { contentType: "image/png" };
 * const file = fileField(new MemoryStorage()).file();
 * await file.save("me", "…", options);
 * assertEquals((await file.storage.stat("me")).contentType, "image/png");
 * ```
 */
export interface StoredFileSaveOptions<R = unknown> extends Omit<SaveOptions, "details" | "identify" | "maxLength"> {
  /**
   * The record for `uploadTo`, if that is a function of it.
   * @default {the record that the file is attached to}
   */
  readonly record?: R | undefined;
}

/**
 * Options of `save` for a field: those of the storage, and the record for `uploadTo`.
 *
 * @example
 * ```ts
 * import { fileField, type FileSaveOptions } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * const avatar = fileField(storage, { uploadTo: (user: { id: number }) => `avatars/${user.id}.png` });
 * const options: FileSaveOptions<{ id: number }> = { record: { id: 7 }, cacheControl: "max-age=600" };
 * assertEquals((await avatar.save("me.png", "…", options)).name, "avatars/7.png");
 * ```
 */
export type FileSaveOptions<R = unknown> =
  & Omit<StoredFileSaveOptions, "record">
  // Required if the field's uploadTo takes a record.
  & (undefined extends R ? { readonly record?: R } : { readonly record: R });

/**
 * Options of a save that never replaces a file, so that it needs no condition.
 *
 * @example
 * ```ts
 * import { fileField, type NewFileOptions, type StoredFileSaveOptions } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: NewFileOptions<StoredFileSaveOptions> = { cacheControl: "no-cache" };
 * const file = fileField(new MemoryStorage()).file();
 * await file.replace("a.txt", "…", options);
 * assertEquals((await file.storage.stat("a.txt")).cacheControl, "no-cache");
 * ```
 */
export type NewFileOptions<Options> = Omit<Options, "ifMatch" | "ifNoneMatch" | "onExisting">;

/** The options of `save` that a field does not pass on. */
const OF_THE_STORAGE: readonly string[] = ["details", "identify", "maxLength"];

/** The options that a save under a new name does not have. */
const OF_EXISTING_FILES: readonly string[] = ["ifMatch", "ifNoneMatch", "onExisting"];

/** The names of the options of `save`, which refuses all others. */
export const FILE_SAVE_OPTIONS: readonly string[] = [
  "record",
  ...SAVE_OPTIONS.filter((name) => !OF_THE_STORAGE.includes(name)),
];

/** The names of the options of a save under a new name. */
export const NEW_FILE_OPTIONS: readonly string[] = FILE_SAVE_OPTIONS.filter((name) =>
  !OF_EXISTING_FILES.includes(name)
);

/**
 * Checks the arguments of a save.
 *
 * @param action What the call does, for the message: `save`.
 * @param known The names of its options.
 * @throws {TypeError} If the name is not a string, or an option is unknown.
 */
export function checkSave(
  action: string,
  name: unknown,
  options: unknown,
  storage: Storage,
  known: readonly string[] = FILE_SAVE_OPTIONS,
): void {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot ${action}: name must be a string, got ${formatValue(name)}`);
  }
  checkOptions(`${action} '${name}'`, options, known, storage.backend.capabilities.options?.write);
}

/**
 * A member of the options that passes on what was stored as soon as it is. A symbol, since callers of `save` have no use for
 * it; of the registry, so that a field of another copy of this module knows it.
 */
export const ON_STORED: unique symbol = Symbol.for("@storages/s3/onStored");

/** The options of saving a file below `uploadTo`. */
export interface PlaceOptions extends StoredFileSaveOptions {
  /** Called with the stored file before anything else happens that could fail. */
  readonly [ON_STORED]?: ((saved: IdentifiedFile) => void) | undefined;
}
