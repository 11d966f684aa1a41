import { isStorageError } from "../errors.ts";
import { Pool } from "../kit/async/pool.ts";
import { cleanName } from "../storage/contract/names.ts";
import type { SavedFile } from "../storage/contract/saved_file.ts";
import type { Storage } from "../storage/storage.ts";

/** Files removed at the same time. */
const CONCURRENCY = 8;

/** The files that one form has stored, and how they are taken back. */
export class FormFiles {
  readonly #storage: Storage;
  #saved: SavedFile[] = [];

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Notes a file that was stored. */
  add(saved: SavedFile): void {
    this.#saved.push(saved);
  }

  /**
   * Removes what the form itself has stored under a name that is about to be used again, so that the next file of that name
   * replaces nothing of it.
   */
  async removeOwn(name: string): Promise<void> {
    const clean = cleanName(name);
    const own = this.#saved.filter((saved) => cleanName(saved.name) === clean && !saved.replaced);
    for (const saved of own) await this.#remove(saved);
    this.#saved = this.#saved.filter((saved) => !own.includes(saved));
  }

  /**
   * Removes what the form has stored. A file that is another form's by now stays, and so does one that replaced another,
   * unless the bucket keeps versions: then the other one is there again.
   *
   * @returns The names of what stays of the form.
   * @throws {AggregateError} Of one error for each file that could not be removed.
   */
  async removeAll(): Promise<ReadonlySet<string>> {
    const [removable, left] = [[] as SavedFile[], new Set<string>()];
    for (const saved of this.#saved) {
      if (saved.replaced && saved.versionId === undefined) left.add(saved.name);
      else removable.push(saved);
    }
    const errors: unknown[] = [];
    const pool = new Pool(CONCURRENCY, () => {});
    for (const saved of removable) {
      await pool.add(async () => {
        await this.#remove(saved).catch((error) => {
          left.add(saved.name);
          errors.push(error);
        });
      });
    }
    await pool.drain();
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} files could not be removed`);
    return left;
  }

  async #remove(saved: SavedFile): Promise<void> {
    try {
      await this.#storage.delete(saved.name, { ifMatch: saved });
    } catch (error) {
      if (!isStorageError(error, "PreconditionFailed")) throw error; // else it is not this form's any more
    }
  }
}
