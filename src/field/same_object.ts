import { cleanName } from "../storage/contract/names.ts";
import type { Storage } from "../storage/storage.ts";

/** A name in a storage. */
export interface FileAddress {
  readonly storage: Storage;
  readonly name: string;
}

/** Ids of storages that have no `uri`: those of an older copy of this module. */
const IDS = new WeakMap<object, string>();

/**
 * What identifies the object behind an address: the same for two storages that reach it, and for two spellings of its
 * name. `undefined` where the name cannot be a file's: then there is no such object.
 */
export function objectId({ storage, name }: FileAddress): string | undefined {
  try {
    if (typeof storage.uri === "function") return storage.uri(name);
    const id = IDS.get(storage) ?? crypto.randomUUID();
    IDS.set(storage, id);
    return `${id}/${cleanName(name)}`;
  } catch {
    return undefined; // a row may hold anything
  }
}

/** Whether two addresses lead to the same object. */
export function isSameObject(one: FileAddress, other: FileAddress): boolean {
  if (one.storage === other.storage && one.name === other.name) return true;
  const id = objectId(one);
  return id !== undefined && id === objectId(other);
}
