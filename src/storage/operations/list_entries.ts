import { SuspiciousNameError } from "../../errors.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkInteger } from "../../kit/values/integer.ts";
import type { StorageBackend } from "../contract/backend.ts";
import type { StorageEntry } from "../contract/entry.ts";
import { checkName, isName } from "../contract/names.ts";
import type { ListOptions } from "../contract/options.ts";

/** A name of segments that begin with a letter, a digit or an underscore: most names are, and need no other check. */
const PLAIN_NAME = /^\w[\w.-]*(?:\/\w[\w.-]*)*$/;

/**
 * Lists the entries of a folder, without the objects that mark folders and the keys that no name can express.
 *
 * @param location The prefix of all keys.
 * @param folder The key of the folder: empty, or with a trailing slash.
 * @throws {SuspiciousNameError} If the prefix has "." or ".." segments.
 * @throws {RangeError} If the limit is not an integer of 0 or more.
 * @throws {TypeError} If `prefix` or `startAfter` is not a string.
 */
export async function* listEntries(
  backend: StorageBackend,
  location: string,
  folder: string,
  options: ListOptions,
): AsyncGenerator<StorageEntry> {
  const { signal, recursive = false, prefix = "", startAfter: after, limit, onOmitted } = options;
  const startAfter = typeof after === "object" ? after.name + (after.kind === "directory" ? "/" : "") : after;
  const nameOf = (key: string): string => key.slice(location.length);
  for (const [what, text] of Object.entries({ prefix, startAfter })) {
    if (text !== undefined) checkText(`Cannot list '${nameOf(folder)}': ${what}`, text);
  }
  // A backend may walk the folders of the prefix.
  const folders = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  if (checkName(folders) !== folders) {
    throw new SuspiciousNameError(
      `Cannot list '${nameOf(folder)}': prefix must be the start of a name, got '${prefix}'`,
    );
  }
  if (limit !== undefined) checkInteger(`Cannot list '${nameOf(folder)}': limit`, limit, 0);
  let left = limit ?? Infinity;
  if (left === 0) return;
  const listed = backend.list(folder + prefix, {
    signal,
    recursive,
    startAfter: startAfter && location + startAfter,
    limit,
    onOmitted: onOmitted && ((key, reason) => onOmitted(nameOf(key), reason)),
  });
  for await (const entry of listed) {
    const { kind, key } = entry;
    const name = nameOf(key);
    if (!(PLAIN_NAME.test(name) || isName(name)) || (kind === "file" && key.endsWith("/"))) {
      onOmitted?.(name, isName(name) ? "marker" : "name");
      continue;
    }
    if (kind === "directory") yield { kind, name: name.replace(/\/$/, "") };
    else yield { kind, name, size: entry.size, etag: entry.etag, modifiedTime: entry.modifiedTime };
    if (--left === 0) return;
  }
}

function checkText(what: string, text: unknown): void {
  if (typeof text !== "string") throw new TypeError(`${what} must be a string, got ${formatValue(text)}`);
}
