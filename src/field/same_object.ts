import { cleanName } from "../storage/contract/names.ts";
import type { Storage } from "../storage/storage.ts";

/** A name in a storage. */
export interface FileAddress {
  readonly storage: Storage;
  readonly name: string;
}

/** Ids for storages without `uri`, which come from an older copy of this module. */
const IDS = new WeakMap<object, string>();

/**
 * Identifies the object at an address: the id is the same for all storages that contain it and all spellings of its name.
 * `undefined` for an invalid name.
 */
export function objectId({ storage, name }: FileAddress): string | undefined {
  try {
    if (typeof storage.uri === "function") return storage.uri(name);
    const id = IDS.get(storage) ?? crypto.randomUUID();
    IDS.set(storage, id);
    return `${id}/${cleanName(name)}`;
  } catch {
    return undefined; // a row may have any value
  }
}

/** Whether two addresses identify the same object. */
export function isSameObject(one: FileAddress, other: FileAddress): boolean {
  if (one.storage === other.storage && one.name === other.name) return true;
  const id = objectId(one);
  return id !== undefined && id === objectId(other);
}
