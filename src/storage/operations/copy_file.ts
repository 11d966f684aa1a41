import { AlreadyExistsError, isStorageError, NotSupportedError, PreconditionFailedError } from "../../errors.ts";
import type { StorageBackend } from "../contract/backend.ts";
import { alreadyExists } from "../contract/conflicts.ts";
import type { CopyOptions, OnExisting } from "../contract/options.ts";

/** Attempts to copy under a free name that other writers take meanwhile. */
const MAX_ATTEMPTS = 100;

/** A name with its key. */
interface NamedKey {
  readonly name: string;
  readonly key: string;
}

/** A copy or a move. */
export interface FileCopy {
  readonly from: NamedKey;
  readonly to: NamedKey;
  readonly options: CopyOptions & { readonly onExisting: OnExisting };
  readonly deletesSource: boolean;
  /** Whether a name is taken. */
  readonly isTaken: (name: string) => Promise<boolean>;
  /** Chooses a free name. */
  readonly rename: () => Promise<NamedKey>;
}

/**
 * Copies a file, and deletes the first one if it is a move.
 *
 * @returns The name of the copy.
 * @throws {NotFoundError} If the file does not exist.
 * @throws {AlreadyExistsError} If the new name is taken, and may not be replaced.
 * @throws {PreconditionFailedError} If another file was saved under the old name meanwhile.
 * @throws {NotSupportedError} If nothing may be replaced, and the backend can neither copy nor write on a condition.
 */
export async function copyFile(backend: StorageBackend, copy: FileCopy): Promise<NamedKey> {
  const { from, to, options, deletesSource } = copy;
  const { conditionalWrites, serverSideCopy } = backend.capabilities;
  if (options.onExisting !== "replace" && !serverSideCopy && !conditionalWrites) {
    throw new NotSupportedError(
      `Cannot copy '${from.name}' to '${to.name}': this backend has no conditional writes (onExisting "rename" and "refuse")`,
    );
  }
  const { signal, onExisting: _, ...attributes } = options;
  const isSame = from.key === to.key;
  const stat = deletesSource || isSame ? await backend.head(from.key, { signal }) : undefined;
  if (isSame) {
    const changes = Object.values(attributes).some((value) => value !== undefined);
    if (changes) await copyOnce(backend, copy, to, "replace", stat?.etag);
    return to;
  }
  const target = await copyAs(backend, copy, stat?.etag);
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
async function copyAs(backend: StorageBackend, copy: FileCopy, etag: string | undefined): Promise<NamedKey> {
  const { to, options: { onExisting }, isTaken, rename } = copy;
  if (onExisting !== "rename") {
    if (onExisting === "refuse" && await isTaken(to.name)) throw alreadyExists(to.key);
    await copyOnce(backend, copy, to, onExisting, etag);
    return to;
  }
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const target = await rename();
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
