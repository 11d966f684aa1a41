import type { StorageBackend } from "../contract/backend.ts";
import type { StorageEntry } from "../contract/entry.ts";
import { isName } from "../contract/names.ts";
import type { ListOptions } from "../contract/options.ts";

/**
 * Lists the entries of a folder, without the objects that mark folders and the keys that no name can express.
 *
 * @param location The prefix of all keys.
 * @param prefix The key of the folder: empty, or with a trailing slash.
 */
export async function* listEntries(
  backend: StorageBackend,
  location: string,
  prefix: string,
  { signal, recursive = false, onLeftOut }: ListOptions,
): AsyncGenerator<StorageEntry> {
  const nameOf = (key: string): string => key.slice(location.length);
  const listed = backend.list(prefix, {
    signal,
    recursive,
    onLeftOut: onLeftOut && ((key, reason) => onLeftOut(nameOf(key), reason)),
  });
  for await (const { key, ...entry } of listed) {
    const name = nameOf(key);
    if (!isName(name) || (entry.kind === "file" && key.endsWith("/"))) {
      onLeftOut?.(name, isName(name) ? "marker" : "name");
      continue;
    }
    yield entry.kind === "directory" ? { kind: "directory", name: name.replace(/\/$/, "") } : { ...entry, name };
  }
}
