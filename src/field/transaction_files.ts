import type { SaveContent } from "../storage/content/content.ts";
import type { SavedFile } from "../storage/contract/saved_file.ts";
import type { Storage } from "../storage/storage.ts";
import { BodyCalls } from "./body_calls.ts";
import type { FileField } from "./file_field.ts";
import type { FileToDelete } from "./file_to_delete.ts";
import { objectId } from "./same_object.ts";
import type { FileSaveOptions, StoredFile } from "./stored_file.ts";
import type { FileTransaction, Transaction, WithFilesOptions } from "./with_files_options.ts";

/** What one call of `withFiles` has saved and is to delete. */
export class TransactionFiles<Tx> implements FileTransaction<Tx> {
  readonly #open: Transaction<Tx>;
  readonly #options: WithFilesOptions<Tx>;
  /** Also those that nobody waited for: a file that arrives late is a file. */
  readonly #saves: Promise<StoredFile>[] = [];
  readonly #toDelete: FileToDelete[] = [];
  #outcome: "none" | "open" | "committed" | "rolled back" | "unknown" = "none";
  /** Of the saves, those of calls of the body that threw and were followed by another. */
  readonly #abandoned = new Set<Promise<StoredFile>>();
  readonly #saved = new WeakMap<Promise<StoredFile>, SavedFile & { readonly storage: Storage }>();

  constructor(open: Transaction<Tx>, options: WithFilesOptions<Tx>) {
    this.#open = open;
    this.#options = options;
  }

  save<R>(field: FileField<R>, name: string, content: SaveContent, options?: FileSaveOptions<R>): Promise<StoredFile> {
    const onSaved = (saved: SavedFile): void => {
      this.#saved.set(saving, { ...saved, storage: field.storage });
      options?.onSaved?.(saved);
    };
    const own = { ...options, overwrite: false, onSaved } as FileSaveOptions;
    const saving = (field as FileField).save(name, content, own);
    this.#saves.push(saving);
    return saving;
  }

  deleteAfterCommit(file: StoredFile | null | undefined): void {
    if (file?.name !== undefined) this.#toDelete.push({ storage: file.storage, name: file.name, file });
  }

  async transaction<T>(body: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.#outcome !== "none") {
      throw new TypeError("Cannot run a second transaction: each needs withFiles of its own");
    }
    this.#outcome = "open";
    const [saved, marked] = [this.#saves.length, this.#toDelete.length];
    const calls = new BodyCalls();
    try {
      const result = await this.#open((tx) => {
        if (!calls.anyEnded) this.#saves.slice(saved).forEach((save) => this.#abandoned.add(save));
        this.#toDelete.length = marked;
        const call = calls.track(async () => {
          const result = await body(tx);
          await this.#options.verify?.(tx);
          return result;
        });
        call.catch(() => {}); // prevent an unhandled rejection where the driver does not wait
        return call;
      });
      this.#outcome = calls.outcomeOfSuccess();
      if (!calls.anyRuns) return result;
    } catch (error) {
      this.#outcome = calls.outcomeOfFailure(error, this.#options.isRolledBack?.(error));
      throw error;
    }
    throw new TypeError("The transaction ended before its body did: its driver does not wait. No file was removed");
  }

  /** The files that nothing refers to, now that all is over. */
  async unwanted(): Promise<FileToDelete[]> {
    if (this.#outcome === "unknown" || this.#outcome === "open") return [];
    if (this.#outcome !== "committed") return await this.#arrived(this.#saves);
    const abandoned = await this.#arrived(this.#abandoned);
    const kept = await this.#arrived(this.#saves.filter((save) => !this.#abandoned.has(save)));
    const keptObjects = new Map(kept.map((file) => [objectId(file), file]));
    // What a record referred to may be gone, and its name, in any spelling, then was free for the new file.
    const isTakenAnew = (old: FileToDelete): boolean => {
      const taker = keptObjects.get(objectId(old));
      return taker !== undefined && taker.file !== old.file;
    };
    return [...abandoned, ...this.#toDelete].filter((file) => !isTakenAnew(file));
  }

  /** The files of those saves that did not fail. */
  async #arrived(saves: Iterable<Promise<StoredFile>>): Promise<FileToDelete[]> {
    const all = [...saves];
    const settled = await Promise.allSettled(all);
    return settled.flatMap((save, index): FileToDelete[] => {
      const saved = this.#saved.get(all[index]!);
      if (save.status === "fulfilled") {
        return [{ storage: save.value.storage, name: save.value.name!, file: save.value, saved }];
      }
      return saved === undefined ? [] : [{ storage: saved.storage, name: saved.name, saved }]; // it failed once it was stored
    });
  }
}
