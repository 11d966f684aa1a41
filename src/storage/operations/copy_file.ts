import { isStorageError, NotSupportedError, PreconditionFailedError } from "../../errors.ts";
import type { StorageBackend } from "../contract/backend.ts";
import { alreadyExists } from "../contract/conflicts.ts";

/** A copy or a move. */
export interface FileCopy {
  readonly from: { readonly name: string; readonly key: string };
  readonly to: { readonly name: string; readonly key: string };
  readonly signal: AbortSignal | undefined;
  readonly overwrite: boolean;
  readonly deletesSource: boolean;
  /** Whether the new name is taken. */
  readonly isTaken: () => Promise<boolean>;
}

/**
 * Copies a file, and deletes the first one if it is a move.
 *
 * @throws {NotFoundError} If the file does not exist.
 * @throws {AlreadyExistsError} If the new name is taken, and may not be overwritten.
 * @throws {PreconditionFailedError} If another file was saved under the old name meanwhile.
 * @throws {NotSupportedError} If nothing may be overwritten, and the backend can neither copy nor write on a condition.
 */
export async function copyFile(
  backend: StorageBackend,
  { from, to, signal, overwrite, deletesSource, isTaken }: FileCopy,
): Promise<void> {
  const { conditionalWrites, serverSideCopy } = backend.capabilities;
  if (!overwrite && !serverSideCopy && !conditionalWrites) {
    throw new NotSupportedError(
      `Cannot copy '${from.name}' to '${to.name}': this backend has no conditional writes (overwrite: false)`,
    );
  }
  const isSame = from.key === to.key;
  const stat = deletesSource || isSame ? await backend.head(from.key, { signal }) : undefined;
  if (isSame) return;
  if (!overwrite && await isTaken()) throw alreadyExists(to.key);
  const options = { signal, overwrite, ifMatch: stat?.etag, deletesSource };
  if (serverSideCopy) await backend.copy(from.key, to.key, options);
  else await (await import("./copy_by_reading.ts")).copyByReading(backend, from.key, to.key, options);
  if (!deletesSource) return;
  try {
    await backend.delete([from.key], { signal, expected: stat });
  } catch (cause) {
    if (!isStorageError(cause, "PreconditionFailed")) throw cause;
    throw new PreconditionFailedError(
      `Cannot delete '${from.name}' after copying it to '${to.name}': another file was saved under its name`,
      { key: from.key, cause },
    );
  }
}
