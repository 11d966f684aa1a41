import { holding, type WaitUntil } from "../../kit/async/hold.ts";
import { AlreadyExistsError, isStorageError, NotSupportedError, PreconditionFailedError } from "../../errors.ts";
import { checkOptions } from "../../kit/values/options.ts";
import type { StorageBackend } from "../contract/backend.ts";
import { alreadyExists } from "../contract/conflicts.ts";
import { checkFileName } from "../contract/names.ts";
import { onExistingOf } from "../checks/on_existing.ts";
import { COPY_OPTIONS, SYNONYMS } from "../checks/option_names.ts";
import type { AvailableNameOptions, CallOptions, CopyOptions, OnExisting } from "../contract/options.ts";
import { checkDescription } from "../files/lazy.ts";

/** Attempts to copy under a free name that other writers take meanwhile. */
const MAX_ATTEMPTS = 100;

/** A name with its key. */
interface NamedKey {
  readonly name: string;
  readonly key: string;
}

/** The storage of the files. */
interface CopyingStorage {
  readonly backend: StorageBackend;
  readonly location: string;
  readonly fileOverwrite: boolean;
  readonly waitUntil: WaitUntil | undefined;
  exists(name: string, options: CallOptions): Promise<boolean>;
  getAvailableName(name: string, options: AvailableNameOptions): Promise<string>;
}

/** A copy or a move whose options are checked. */
interface FileCopy {
  readonly storage: CopyingStorage;
  readonly keyOf: (name: string) => string;
  readonly from: NamedKey;
  readonly to: NamedKey;
  readonly options: CopyOptions & { readonly onExisting: OnExisting };
  readonly deletesSource: boolean;
}

/**
 * Copies a file, and deletes the first one if it is a move.
 *
 * @param keyOf The key of a name.
 * @returns The name of the copy.
 * @throws {NotFoundError} If the file does not exist.
 * @throws {AlreadyExistsError} If the new name is taken, and may not be replaced.
 * @throws {PreconditionFailedError} If another file was saved under the old name meanwhile.
 * @throws {NotSupportedError} If nothing may be replaced, and the backend can neither copy nor write on a condition.
 * @throws {TypeError} If an option is unknown.
 */
export async function copyFile(
  storage: CopyingStorage,
  keyOf: (name: string) => string,
  action: "copy" | "move",
  from: string,
  to: string,
  given: CopyOptions,
): Promise<string> {
  const { backend } = storage;
  const what = `${action} '${from}'`;
  checkOptions(what, given, COPY_OPTIONS, backend.capabilities.options?.write, SYNONYMS);
  given.signal?.throwIfAborted();
  checkFileName(to);
  const onExisting = onExistingOf(what, given, storage.fileOverwrite, "refuse");
  await checkDescription(action, from, given);
  const { conditionalWrites, serverSideCopy } = backend.capabilities;
  if (onExisting !== "replace" && !serverSideCopy && !conditionalWrites) {
    throw new NotSupportedError(
      `Cannot ${what} to '${to}': this backend has no conditional writes (onExisting "rename" and "refuse")`,
    );
  }
  const named = (name: string): NamedKey => ({ name, key: keyOf(name) });
  if (given.onExisting === "refuse" && keyOf(from) === keyOf(to)) throw alreadyExists(keyOf(to));
  const copied = await holding(storage.waitUntil, () =>
    copyOrMove({
      storage,
      keyOf,
      from: named(from),
      to: named(to),
      options: { ...given, onExisting },
      deletesSource: action === "move",
    }));
  return copied.key.slice(storage.location.length);
}

async function copyOrMove(copy: FileCopy): Promise<NamedKey> {
  const { storage: { backend }, from, to, options, deletesSource } = copy;
  const { signal, onExisting, ...attributes } = options;
  const isSame = from.key === to.key && onExisting !== "rename";
  const stat = deletesSource || isSame ? await backend.head(from.key, { signal }) : undefined;
  if (isSame) {
    const changes = Object.values(attributes).some((value) => value !== undefined);
    if (changes) await copyOnce(backend, copy, to, "replace", stat?.etag);
    return to;
  }
  const target = await copyAs(copy, stat?.etag);
  if (!deletesSource) return target;
  try {
    await backend.delete([from.key], { signal, expected: stat });
  } catch (cause) {
    if (!isStorageError(cause, "PreconditionFailed")) throw cause;
    throw new PreconditionFailedError(
      `Cannot delete '${from.name}' after copying it to '${target.name}': another file was saved under its name`,
      { key: from.key, cause },
    );
  }
  return target;
}

/** Copies under the given name, or under a free one. */
async function copyAs(copy: FileCopy, etag: string | undefined): Promise<NamedKey> {
  const { storage, keyOf, to, options: { onExisting, signal } } = copy;
  const { backend } = storage;
  if (onExisting !== "rename") {
    if (onExisting === "refuse" && await storage.exists(to.name, { signal })) throw alreadyExists(to.key);
    await copyOnce(backend, copy, to, onExisting, etag);
    return to;
  }
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const name = await storage.getAvailableName(to.name, { signal, onExisting });
    checkFileName(name); // an override may have chosen it
    const target = { name, key: keyOf(name) };
    try {
      await copyOnce(backend, copy, target, "refuse", etag);
      return target;
    } catch (error) {
      if (!isStorageError(error, "AlreadyExists")) throw error; // otherwise another writer took the name meanwhile
    }
  }
  throw new AlreadyExistsError(`Cannot find a free name for '${to.name}' in ${MAX_ATTEMPTS} attempts`);
}

async function copyOnce(
  backend: StorageBackend,
  { from, options, deletesSource }: FileCopy,
  to: NamedKey,
  onExisting: "replace" | "refuse",
  ifMatch: string | undefined,
): Promise<void> {
  const copy = { ...options, onExisting, ifMatch, deletesSource };
  if (backend.capabilities.serverSideCopy) await backend.copy(from.key, to.key, copy);
  else await (await import("./copy_by_reading.ts")).copyByReading(backend, from.key, to.key, copy);
}
