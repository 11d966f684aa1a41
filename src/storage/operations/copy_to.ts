import { isStorageError } from "../../errors.ts";
import type { OnExisting } from "../contract/options.ts";
import type { CopyToOptions } from "../contract/options.ts";
import type { Storage } from "../storage.ts";

/** Attempts to copy under a free name that other writers take meanwhile. */
const MAX_ATTEMPTS = 100;

/** A copy from one storage to another. */
export interface CopyTo {
  readonly from: Storage;
  readonly name: string;
  readonly key: string;
  readonly to: Storage;
  /** The key of a name in the other storage. */
  readonly keyOf: (name: string) => string;
  readonly options: CopyToOptions & { readonly onExisting: OnExisting };
}

/**
 * Copies a file to another storage: on the service if the other backend can, else by reading and saving it.
 *
 * @returns The name in the other storage.
 */
export async function copyTo(copy: CopyTo): Promise<string> {
  const { from, name, to, options } = copy;
  const { name: newName = name, ...saveOptions } = options;
  const copied = await copyOnService(copy, newName);
  if (copied !== undefined) return copied;
  const file = await from.open(name, "rb", { signal: options.signal, decompress: false });
  return await to.save(newName, file, saveOptions);
}

/** Returns `undefined` if the service cannot copy the object. */
async function copyOnService(
  { from, key, to, keyOf, options }: CopyTo,
  newName: string,
): Promise<string | undefined> {
  const { name: _, onExisting, ...copyOptions } = options;
  const { signal } = options;
  const { backend } = to;
  if (backend.copyFrom === undefined) return undefined;
  for (let attempt = 1;; attempt++) {
    const chosen = await to.getAvailableName(newName, { signal, onExisting });
    try {
      const copy = { ...copyOptions, onExisting: onExisting === "replace" ? "replace" : "refuse" } as const;
      const isCopied = await backend.copyFrom(from.backend, key, keyOf(chosen), copy);
      return isCopied ? chosen : undefined;
    } catch (error) {
      // Otherwise another writer took the name meanwhile.
      if (onExisting !== "rename" || attempt === MAX_ATTEMPTS || !isStorageError(error, "AlreadyExists")) throw error;
    }
  }
}
