import { isStorageError } from "../../errors.ts";
import type { StorageBackend } from "../contract/backend.ts";
import type { CallOptions } from "../contract/options.ts";

/** Keys deleted in one call of a backend: S3's limit for one request. */
const KEYS_PER_DELETE = 1000;

/**
 * Deletes files, a thousand in a step.
 *
 * @param keyOf Returns the key of a name.
 * @throws {AggregateError} Of one error for each file that could not be deleted, after all others were.
 */
export async function deleteMany(
  backend: StorageBackend,
  names: Iterable<string> | AsyncIterable<string>,
  keyOf: (name: string) => string,
  options: CallOptions,
): Promise<void> {
  if (typeof names === "string") {
    throw new TypeError(`Cannot delete '${names}' by deleteMany(): names must be an array or an iterable of names`);
  }
  const errors: Error[] = [];
  const remove = async (keys: string[]): Promise<void> => {
    options.signal?.throwIfAborted();
    try {
      await backend.delete(keys, options);
    } catch (error) {
      if (error instanceof AggregateError) errors.push(...error.errors);
      else if (isStorageError(error)) errors.push(error);
      else throw error;
    }
  };
  let batch: string[] = [];
  for await (const name of names) {
    batch.push(keyOf(name));
    if (batch.length === KEYS_PER_DELETE) {
      await remove(batch);
      batch = [];
    }
  }
  if (batch.length > 0) await remove(batch);
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} files could not be deleted`);
}
