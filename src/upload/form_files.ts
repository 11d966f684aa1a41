import { isStorageError } from "../errors.ts";
import { Pool } from "../kit/async/pool.ts";
import { cleanName } from "../storage/contract/names.ts";
import type { IdentifiedFile } from "../storage/contract/saved_file.ts";
import type { Storage } from "../storage/storage.ts";

/** Concurrent deletions. */
const CONCURRENCY = 8;

/** The files that one form has stored, which are deleted if it fails. */
export class FormFiles {
  readonly #storage: Storage;
  #saved: IdentifiedFile[] = [];

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Records a stored file. */
  add(saved: IdentifiedFile): void {
    this.#saved.push(saved);
  }

  /**
   * Deletes a file of the form before another of its files is stored under the same name, so that the latter does not count as
   * a replacement.
   */
  async deleteOwn(name: string): Promise<void> {
    const clean = cleanName(name);
    for (const own of this.#saved.filter((saved) => saved.name === clean && !saved.replaced)) {
      await this.#delete(own);
      this.#saved = this.#saved.filter((saved) => saved !== own);
    }
  }

  /**
   * Deletes the files of the form. A file that another writer has replaced since stays. So does one that replaced another file,
   * unless the bucket keeps versions: then that version is deleted, and the other file is restored.
   *
   * @returns The names of the form's files that stay.
   * @throws {AggregateError} With one error for each file that could not be deleted.
   */
  async deleteAll(): Promise<ReadonlySet<string>> {
    const [removable, left] = [[] as IdentifiedFile[], new Set<string>()];
    for (const saved of this.#saved) {
      if (saved.replaced && saved.versionId === undefined) left.add(saved.name);
      else removable.push(saved);
    }
    const errors: unknown[] = [];
    const pool = new Pool(CONCURRENCY, () => {});
    for (const saved of removable) {
      await pool.add(async () => {
        await this.#delete(saved).catch((error) => {
          left.add(saved.name);
          errors.push(error);
        });
      });
    }
    await pool.drain();
    if (errors.length > 0) throw new AggregateError(errors, `Cannot delete ${errors.length} files of the form`);
    return left;
  }

  async #delete(saved: IdentifiedFile): Promise<void> {
    try {
      await this.#storage.delete(saved.name, { ifMatch: saved });
    } catch (error) {
      if (!isStorageError(error, "PreconditionFailed")) throw error; // else another writer has replaced it
    }
  }
}
