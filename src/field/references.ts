import { formatValue } from "../kit/values/format_value.ts";
import { checkFileName, cleanName, resolveKey } from "../storage/contract/names.ts";
import type { Storage } from "../storage/storage.ts";
import { isSameObject } from "./same_object.ts";
import { isStoredFile, type StoredFile } from "./stored_file.ts";

/** The files that a database refers to, as a query returns them. */
export type References =
  | Iterable<StoredFile | string | null | undefined>
  | AsyncIterable<StoredFile | string | null | undefined>;

/** The most names that an error lists. */
const MAX_SHOWN = 3;

/**
 * Compares references with the names of listed files, one reference at a time.
 */
export class ReferenceCheck {
  /** The listed names that are referenced. */
  readonly found = new Set<string>();
  /** The first references, for errors. */
  readonly examples: string[] = [];
  /** Listed names, each with a reference that resembles it, and was probably meant to be it. */
  readonly #resembled = new Map<string, string>();
  readonly #storage: Storage;
  readonly #folders: readonly string[];
  readonly #listed: { has(name: string): boolean };

  /**
   * @param storage The storage of the files.
   * @param folder The listed folder.
   * @param listed The names of its files.
   */
  constructor(storage: Storage, folder: string, listed: { has(name: string): boolean }) {
    this.#storage = storage;
    this.#listed = listed;
    const parts = cleanName(folder).split("/").filter((part) => part !== "");
    this.#folders = parts.map((_, index) => `${parts.slice(0, index + 1).join("/")}/`);
  }

  /** @throws {TypeError} If a reference cannot be the name of a file in the storage. */
  async read(references: References): Promise<void> {
    if (typeof references === "string") {
      throw new TypeError(
        `Cannot delete orphans: referenced must return an iterable of names, got the string '${references}'`,
      );
    }
    if (!isIterable(references)) {
      throw new TypeError(
        `Cannot delete orphans: referenced must return an iterable of names, got ${formatValue(references)}`,
      );
    }
    for await (const reference of references) {
      const name = this.#nameOf(reference);
      if (name === undefined) continue;
      if (this.examples.length < MAX_SHOWN) this.examples.push(name);
      this.#compare(name);
    }
  }

  /**
   * @param names Listed names that would be deleted.
   * @throws {RangeError} If a reference to a missing file resembles one of them.
   */
  refuseResembled(names: Iterable<string>): void {
    for (const name of names) {
      const reference = this.#resembled.get(name);
      if (reference === undefined) continue;
      throw new RangeError(
        `Cannot delete orphans: the reference '${reference}' is not a file's name, but resembles '${name}', which would ` +
          "be deleted. References must be names in the storage: without its location, with all folders, not encoded",
      );
    }
  }

  #nameOf(reference: unknown): string | undefined {
    if (isStoredFile(reference)) {
      const { storage, name } = reference;
      if (name !== undefined && !isSameObject({ storage, name }, { storage: this.#storage, name })) {
        throw new TypeError(`Cannot delete orphans: the referenced file '${name}' is in another storage`);
      }
      return name;
    }
    if (reference === null || reference === undefined || reference === "") return undefined;
    if (typeof reference === "string") return reference;
    // A whole row would match no name, so all files would look like orphans.
    throw new TypeError(
      `Cannot delete orphans: a reference must be a StoredFile, a name, null or undefined, got ${
        formatValue(reference)
      }`,
    );
  }

  #compare(reference: string): void {
    const name = cleanName(reference); // another spelling of a name leads to the same file
    if (this.#listed.has(name)) return void this.found.add(name);
    checkReference(reference);
    for (const other of this.#alternatives(name)) {
      if (this.#listed.has(other)) this.#resembled.set(other, reference);
    }
  }

  /** What the name would be without common mistakes of applications. */
  *#alternatives(name: string): Generator<string> {
    // With the storage's location, or the path of a URL, before it.
    for (let slash = name.indexOf("/"); slash !== -1; slash = name.indexOf("/", slash + 1)) yield name.slice(slash + 1);
    for (const folder of this.#folders) yield folder + name; // without its folders
    yield name.trim(); // padded by a column of fixed width
    yield name.normalize("NFC");
    yield name.normalize("NFD");
    try {
      yield decodeURIComponent(name);
    } catch {
      // not percent-encoded
    }
  }
}

function isIterable(value: unknown): boolean {
  const object = Object(value);
  return Symbol.asyncIterator in object || Symbol.iterator in object;
}

/** @throws {TypeError} If a reference cannot be the name of any file. */
function checkReference(reference: string): void {
  const refuse = (what: string): never => {
    throw new TypeError(
      `Cannot delete orphans: the reference ${JSON.stringify(reference.slice(0, 100))} is ${what}. ` +
        'References must be names of files in the storage, such as "avatars/7.png"',
    );
  };
  if (reference.trim() === "") refuse("blank");
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(reference)) refuse("a URL");
  if (isJson(reference)) refuse("JSON");
  try {
    checkFileName(reference);
    resolveKey("", reference);
  } catch (error) {
    refuse(`not a name (${(error as Error).message.replace(/\.$/, "")})`);
  }
}

/** Whether a text is a string, an array or an object in JSON: a column that was not parsed, or written by mistake. */
function isJson(text: string): boolean {
  if (!/^\s*["[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The first three names, for an error. */
export function showNames(names: Iterable<string>): string {
  const shown: string[] = [];
  for (const name of names) {
    if (shown.length === MAX_SHOWN) return `${shown.join(", ")}, …`;
    shown.push(JSON.stringify(name));
  }
  return shown.join(", ") || "none";
}
