import { holding, type WaitUntil } from "../../kit/async/hold.ts";
import { isStorageError } from "../../errors.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { checkFileName } from "../contract/names.ts";
import { onExistingOf } from "../checks/on_existing.ts";
import { COPY_TO_OPTIONS, SYNONYMS } from "../checks/option_names.ts";
import type { StorageBackend } from "../contract/backend.ts";
import type {
  AvailableNameOptions,
  CopyToOptions,
  OnExisting,
  ReadOptions,
  WriteOptions,
} from "../contract/options.ts";
import type { BinaryFile } from "../files/binary_file.ts";
import { checkDescription } from "../files/lazy.ts";

/** Attempts to copy under a free name that other writers take meanwhile. */
const MAX_ATTEMPTS = 100;

/** The storage of the copy. */
interface TargetStorage {
  readonly backend: StorageBackend;
  readonly fileOverwrite: boolean;
  readonly waitUntil: WaitUntil | undefined;
  getAvailableName(name: string, options: AvailableNameOptions): Promise<string>;
  save(name: string, content: BinaryFile, options: WriteOptions): Promise<string>;
}

/** The file and the other storage. */
interface CopyTo {
  readonly from: StorageBackend;
  /** Opens the file. */
  readonly open: (options: ReadOptions) => Promise<BinaryFile>;
  readonly name: string;
  readonly key: string;
  readonly to: TargetStorage;
  /** The key of a name in the other storage. */
  readonly keyOf: (name: string) => string;
}

/** Options that are checked. */
type CheckedOptions = CopyToOptions & { readonly onExisting: OnExisting };

/**
 * Copies a file to another storage: on the service if the other backend can, else by reading and saving it.
 *
 * @returns The name in the other storage.
 * @throws {TypeError} If the other storage is something else, or an option is unknown.
 */
export async function copyTo(copy: CopyTo, given: CopyToOptions): Promise<string> {
  const { open, name, to } = copy;
  const action = `copy '${name}'`;
  // Not by instanceof: the storage may come from another copy of this module.
  if (typeof to?.getAvailableName !== "function") {
    throw new TypeError(`Cannot ${action}: the second argument must be a storage, got ${formatValue(to)}`);
  }
  checkOptions(action, given, COPY_TO_OPTIONS, to.backend.capabilities.options?.write, SYNONYMS);
  const options = { ...given, onExisting: onExistingOf(action, given, to.fileOverwrite, "refuse") };
  given.signal?.throwIfAborted();
  await checkDescription("copy", name, given);
  const { name: newName = name, ...saveOptions } = options;
  const copied = await holding(to.waitUntil, () => copyOnService(copy, newName, options));
  if (copied !== undefined) return copied;
  const file = await open({ signal: options.signal, decompress: false });
  try {
    return await to.save(newName, file, saveOptions);
  } finally {
    await file.close();
  }
}

/** Returns `undefined` if the service cannot copy the object. */
async function copyOnService(
  { from, key, to, keyOf }: CopyTo,
  newName: string,
  options: CheckedOptions,
): Promise<string | undefined> {
  const { name: _, onExisting, ...copyOptions } = options;
  const { signal } = options;
  const { backend } = to;
  if (backend.copyFrom === undefined) return undefined;
  for (let attempt = 1;; attempt++) {
    const chosen = await to.getAvailableName(newName, { signal, onExisting });
    checkFileName(chosen); // an override may have chosen it
    try {
      const copy = { ...copyOptions, onExisting: onExisting === "replace" ? "replace" : "refuse" } as const;
      const isCopied = await backend.copyFrom(from, key, keyOf(chosen), copy);
      return isCopied ? chosen : undefined;
    } catch (error) {
      // Otherwise another writer took the name meanwhile.
      if (onExisting !== "rename" || attempt === MAX_ATTEMPTS || !isStorageError(error, "AlreadyExists")) throw error;
    }
  }
}
