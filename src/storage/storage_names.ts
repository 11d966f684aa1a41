import { AlreadyExistsError, SuspiciousNameError } from "../errors.ts";
import { checkOptions } from "../kit/values/options.ts";
import {
  alternativeName,
  checkFileName,
  checkName,
  fitName,
  randomSuffix,
  resolveKey,
  validName,
  validPath,
} from "./contract/names.ts";
import { onExistingOf } from "./checks/on_existing.ts";
import { NAME_OPTIONS } from "./checks/option_names.ts";
import type { AvailableNameOptions, CallOptions } from "./contract/options.ts";

/** Attempts at finding a free name before giving an error; 62^7 suffixes make repeated collisions practically impossible. */
export const MAX_NAME_ATTEMPTS = 100;

/**
 * How a storage chooses names and keys: the part of {@linkcode Storage} that subclasses override, as in Django.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type StorageNames } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * class Numbered extends MemoryStorage {
 *   override getAlternativeName(root: string, extension: string): string {
 *     return `${root}-2${extension}`;
 *   }
 * }
 * const names: StorageNames = new Numbered({ fileOverwrite: false });
 * assertEquals(names.getAlternativeName("a", ".txt"), "a-2.txt");
 * ```
 */
export abstract class StorageNames {
  /** The folder that all names are below, ending in a slash; empty for none. */
  readonly location: string;
  /** Whether `save` replaces a file of the same name; if not, it finds a free name. */
  readonly fileOverwrite: boolean;

  /**
   * Called by the constructor of `Storage`.
   *
   * @param location The prefix of all keys.
   * @param fileOverwrite Whether files are replaced by default.
   */
  constructor(location: string, fileOverwrite: boolean) {
    this.location = location;
    this.fileOverwrite = fileOverwrite;
  }

  /** Checks whether a file exists. */
  abstract exists(name: string, options?: CallOptions): Promise<boolean>;

  /**
   * Chooses the name that `save` stores a file under. Override it to choose names in another way; an override that calls
   * `super` passes the options on. `save` does not call it with `ifMatch` or `ifNoneMatch`.
   *
   * Source: Django's `get_available_name`.
   *
   * @param name The wanted name.
   * @param options The most characters of the name, and what happens if a file of that name exists.
   * @returns The name itself if it is free or `onExisting` is not `"rename"`; else one that `isNameAvailable` accepts, made by
   * `getAlternativeName`.
   * @throws {SuspiciousNameError} If the name cannot be a file's, or nothing of it is left after shortening.
   * @throws {AlreadyExistsError} If no free name was found in 100 attempts.
   */
  async getAvailableName(name: string, options: AvailableNameOptions = {}): Promise<string> {
    checkOptions(`find a free name for '${name}'`, options, NAME_OPTIONS);
    const { signal, maxLength } = options;
    const onExisting = onExistingOf(`find a free name for '${name}'`, options, this.fileOverwrite, "rename");
    checkFileName(name);
    const clean = checkName(name);
    if (onExisting !== "rename") return this.#nameOf(fitName(clean, maxLength));
    let candidate = clean;
    for (let attempt = 1; !await this.isNameAvailable(candidate, { maxLength, signal }); attempt++) {
      if (attempt === MAX_NAME_ATTEMPTS) throw noFreeName(name);
      candidate = this.alternative(clean, maxLength);
    }
    return this.#nameOf(candidate);
  }

  /**
   * Checks whether a name is free and short enough. `getAvailableName` calls it for every name that it considers.
   *
   * Source: Django's `is_name_available`.
   *
   * @param name The name.
   * @param options The most characters that it may have.
   */
  async isNameAvailable(name: string, options: Omit<AvailableNameOptions, "onExisting"> = {}): Promise<boolean> {
    checkOptions(`check the name '${name}'`, options, NAME_OPTIONS);
    const { maxLength, signal } = options;
    return !(maxLength !== undefined && [...name].length > maxLength) && !await this.exists(name, { signal });
  }

  /**
   * Makes another name for a file whose name is taken: `name_AbC1234.ext`, with 7 random characters. Where only a name that
   * no other writer chooses is safe, `save` puts such characters into the result of an override as well.
   *
   * Source: Django's `get_alternative_name`.
   *
   * @param root The file's name without folder and extension.
   * @param extension The extension with its dot; empty for none.
   * @returns The other name, without folder.
   */
  getAlternativeName(root: string, extension: string): string {
    return `${root}_${randomSuffix()}${extension}`;
  }

  /**
   * Makes a file's name safe: trims it, turns spaces into underscores, and keeps letters, digits, `_`, `-` and `.` only.
   *
   * Source: Django's `get_valid_name`.
   *
   * @throws {SuspiciousNameError} If nothing usable is left.
   */
  getValidName(name: string): string {
    return validName(name);
  }

  /**
   * Makes the last part of a path safe by `getValidName`: for untrusted names. Uploads and file fields call it.
   *
   * Source: Django's `generate_filename`.
   *
   * @throws {SuspiciousNameError} If the folder has a `..` segment, or nothing usable is left of the file's name.
   */
  generateFilename(path: string): string {
    return validPath(path, (name) => this.getValidName(name));
  }

  /**
   * The key of a file.
   *
   * @throws {SuspiciousNameError} If it cannot be a file's name.
   */
  protected keyOf(name: string): string {
    const key = resolveKey(this.location, name);
    if (key.length === this.location.length) throw new SuspiciousNameError(`Could not derive file name from '${name}'`);
    return key;
  }

  /** The name as it is stored. */
  #nameOf(name: string): string {
    return this.keyOf(name).slice(this.location.length);
  }

  /** Another name, made by `getAlternativeName`. */
  protected alternative(name: string, maxLength: number | undefined): string {
    return alternativeName(name, maxLength, (root, extension) => this.getAlternativeName(root, extension));
  }
}

/** What only the storage itself may call. */
export interface NameRules {
  /** The key of a name. */
  readonly keyOf: (name: string) => string;
  /** Another name, made by `getAlternativeName`. */
  readonly alternative: (name: string, maxLength: number | undefined) => string;
}

/** The error for a name without a free alternative. */
export function noFreeName(name: string): AlreadyExistsError {
  return new AlreadyExistsError(`Cannot find a free name for '${name}' in ${MAX_NAME_ATTEMPTS} attempts`);
}
