import { formatValue } from "../kit/values/format_value.ts";
import type { SaveContent } from "../storage/content/content.ts";
import type { IdentifiedFile } from "../storage/contract/saved_file.ts";
import type { Storage } from "../storage/storage.ts";
import { BodyCalls } from "./body_calls.ts";
import { checkField, type FileField } from "./file_field.ts";
import type { FileToDelete } from "./file_to_delete.ts";
import { objectId } from "./same_object.ts";
import {
  checkSave,
  type FileSaveOptions,
  NEW_FILE_OPTIONS,
  type NewFileOptions,
  ON_STORED,
  type PlaceOptions,
} from "./save_options.ts";
import { isStoredFile, type StoredFile } from "./stored_file.ts";
import type { FileTransaction, Transaction, WithFilesOptions } from "./with_files_options.ts";

/** The files that one call of `withFiles` saves and deletes. */
export class TransactionFiles<Tx> implements FileTransaction<Tx> {
  readonly #open: Transaction<Tx>;
  readonly #options: WithFilesOptions<Tx>;
  /** All saves, also those that were not awaited. */
  readonly #saves: Promise<StoredFile>[] = [];
  readonly #toDelete: FileToDelete[] = [];
  #outcome: "none" | "open" | "committed" | "rolled back" | "unknown" = "none";
  /** The saves of body calls that threw and were retried. */
  readonly #abandoned = new Set<Promise<StoredFile>>();
  readonly #saved = new WeakMap<Promise<StoredFile>, IdentifiedFile & { readonly storage: Storage }>();

  constructor(open: Transaction<Tx>, options: WithFilesOptions<Tx>) {
    this.#open = open;
    this.#options = options;
  }

  save<R>(
    field: FileField<R>,
    name: string,
    content: SaveContent,
    options = {} as NewFileOptions<FileSaveOptions<R>>,
  ): Promise<StoredFile<R>> {
    const save = async (): Promise<StoredFile<R>> => {
      checkField(`save '${name}'`, field);
      checkSave("save", name, options, field.storage, NEW_FILE_OPTIONS);
      const own: PlaceOptions = {
        ...options as PlaceOptions,
        onExisting: "rename",
        [ON_STORED]: (saved) => void this.#saved.set(saving, { ...saved, storage: field.storage }),
      };
      return await (field as FileField).save(name, content, own) as StoredFile<R>;
    };
    const saving = save();
    this.#saves.push(saving);
    return saving; // itself, so that a rejection that nobody awaits is handled at the end
  }

  deleteAfterCommit(file: StoredFile | null | undefined): void {
    if (file !== null && file !== undefined && !isStoredFile(file)) {
      throw new TypeError(
        `Cannot delete a file after the commit: it must be a StoredFile, null or undefined, got ${
          formatValue(file)
        }. ` +
          "Make one of a name by file() of the field",
      );
    }
    if (file?.name !== undefined) this.#toDelete.push({ storage: file.storage, name: file.name, file });
  }

  async transaction<T>(body: (tx: Tx) => Promise<T>): Promise<T> {
    if (typeof body !== "function") {
      throw new TypeError(`Cannot run the transaction: its body must be a function, got ${formatValue(body)}`);
    }
    if (this.#outcome !== "none") {
      throw new TypeError("Cannot run a second transaction: call withFiles for each");
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
        call.catch(() => {}); // prevent an unhandled rejection if the driver does not await it
        return call;
      });
      this.#outcome = calls.outcomeOfSuccess();
      if (!calls.anyRuns) return result;
    } catch (error) {
      this.#outcome = calls.outcomeOfFailure(error, this.#options.isRolledBack?.(error));
      throw error;
    }
    throw new TypeError("The transaction ended before its body: its driver does not await it. No file was deleted");
  }

  /** The files that nothing refers to after the transaction. */
  async unreferenced(): Promise<FileToDelete[]> {
    if (this.#outcome === "unknown" || this.#outcome === "open") return [];
    if (this.#outcome !== "committed") return await this.#stored(this.#saves);
    const abandoned = await this.#stored(this.#abandoned);
    const kept = await this.#stored(this.#saves.filter((save) => !this.#abandoned.has(save)));
    const keptObjects = new Map(kept.map((file) => [objectId(file), file]));
    // If the old file did not exist, a new file may have got its name, in any spelling.
    const isReused = (old: FileToDelete): boolean => {
      const kept = keptObjects.get(objectId(old));
      return kept !== undefined && kept.file !== old.file;
    };
    return [...abandoned, ...this.#toDelete].filter((file) => !isReused(file));
  }

  /** The files that these saves have stored. */
  async #stored(saves: Iterable<Promise<StoredFile>>): Promise<FileToDelete[]> {
    const all = [...saves];
    const settled = await Promise.allSettled(all);
    return settled.flatMap((save, index): FileToDelete[] => {
      const saved = this.#saved.get(all[index]!);
      if (save.status === "fulfilled") {
        return [{ storage: save.value.storage, name: save.value.name!, file: save.value, saved }];
      }
      return saved === undefined ? [] : [{ storage: saved.storage, name: saved.name, saved }]; // it failed after it had stored the file
    });
  }
}
