import { abortWith } from "../kit/async/on_abort.ts";
import { unlessAborted } from "../kit/async/unless_aborted.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkOptions } from "../kit/values/options.ts";
import type { SaveContent } from "../storage/content/content.ts";
import { BodyCalls } from "./body_calls.ts";
import { checkField, type FileField, type FileReference } from "./file_field.ts";
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
import type { AdoptOptions, FileTransaction, Transaction, WithFilesOptions } from "./with_files_options.ts";

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
  readonly #saved = new WeakMap<Promise<StoredFile>, FileToDelete>();
  /** Aborts the saves. */
  readonly #controller = new AbortController();
  /** Separates the controller from the signal of the options. */
  readonly #forget: () => void;
  #isAborted = false;

  constructor(open: Transaction<Tx>, options: WithFilesOptions<Tx>) {
    this.#open = open;
    this.#options = options;
    this.#forget = abortWith(this.#controller, options.signal);
  }

  /** Aborts the saves that are still running, unless a transaction is: its body may wait for them. */
  abortSaves(reason: unknown): void {
    if (this.#outcome === "open") return;
    this.#isAborted = true;
    this.#controller.abort(reason);
  }

  /** Waits for the saves, which the caller may not have awaited. Aborted ones are not waited for. */
  async unabortedSaves(): Promise<void> {
    if (!this.#isAborted && this.#outcome !== "open") await Promise.allSettled(this.#saves);
  }

  /** Called at the end. */
  end(): void {
    this.#forget();
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
      const controller = new AbortController();
      const signals = [this.#controller.signal, options.signal];
      const forget = signals.map((signal) => abortWith(controller, signal));
      const { storage } = field;
      const own: PlaceOptions = {
        ...options as PlaceOptions,
        signal: controller.signal,
        onExisting: "rename",
        [ON_STORED]: (saved) => void this.#saved.set(saving, { storage, name: saved.name, ifMatch: saved }),
      };
      try {
        return await (field as FileField).save(name, content, own) as StoredFile<R>;
      } finally {
        for (const separate of forget) separate();
      }
    };
    const saving = save();
    this.#saves.push(saving);
    return saving; // itself, so that a rejection that nobody awaits is handled at the end
  }

  adopt<File extends StoredFile>(file: File, options: AdoptOptions = {}): File {
    const action = "adopt a file";
    if (!isStoredFile(file) || file.name === undefined) {
      throw new TypeError(
        `Cannot ${action}: it must be a StoredFile with a name, got ${formatValue(file)}. ` +
          "Make one of a name by file() of the field",
      );
    }
    checkOptions(action, options, ADOPT_OPTIONS);
    const { storage, name } = file;
    const adopted = Promise.resolve(file);
    this.#saves.push(adopted);
    this.#saved.set(adopted, { storage, name, ifMatch: options.ifMatch });
    return file;
  }

  // deno-lint-ignore no-explicit-any -- a field of any record
  deleteAfterCommit(...args: [file: StoredFile | null | undefined] | [FileField<any>, FileReference]): void {
    const action = "delete a file after the commit";
    if (args.length > 1) checkField(action, args[0]);
    const file = args.length > 1 ? (args[0] as FileField).file(args[1]) : args[0] as StoredFile | null | undefined;
    if (file !== null && file !== undefined && !isStoredFile(file)) {
      throw new TypeError(
        `Cannot ${action}: it must be a StoredFile, null or undefined, got ${formatValue(file)}. ` +
          "For a name, call deleteAfterCommit(field, name)",
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
    this.#options.signal?.throwIfAborted();
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
      this.#outcome = this.#outcomeOf(error, calls);
      throw error;
    }
    throw new TypeError("The transaction ended before its body: its driver does not await it. No file was deleted");
  }

  #outcomeOf(error: unknown, calls: BodyCalls): "rolled back" | "unknown" {
    try {
      return calls.outcomeOfFailure(error, this.#options.isRolledBack?.(error));
    } catch {
      return "unknown"; // the error of the transaction matters more than that of isRolledBack
    }
  }

  /**
   * The files that nothing refers to after the transaction.
   *
   * @param signal Ends the wait for saves that do not end by themselves.
   */
  async unreferenced(signal: AbortSignal): Promise<FileToDelete[]> {
    if (this.#outcome === "unknown" || this.#outcome === "open") return [];
    if (this.#outcome !== "committed") return await this.#stored(this.#saves, signal);
    const abandoned = await this.#stored(this.#abandoned, signal);
    const kept = await this.#stored(this.#saves.filter((save) => !this.#abandoned.has(save)), signal);
    const keptObjects = new Map(kept.map((file) => [objectId(file), file]));
    // If the old file did not exist, a new file may have got its name, in any spelling.
    const isReused = (old: FileToDelete): boolean => {
      const kept = keptObjects.get(objectId(old));
      return kept !== undefined && kept.file !== old.file;
    };
    return [
      ...abandoned.filter((file) => !keptObjects.has(objectId(file))),
      ...this.#toDelete.filter((file) => !isReused(file)),
    ];
  }

  /** The files that these saves have stored. */
  async #stored(saves: Iterable<Promise<StoredFile>>, signal: AbortSignal): Promise<FileToDelete[]> {
    const all = [...saves];
    const settled = await Promise.allSettled(all.map((save) => unlessAborted(signal, () => save)));
    return settled.flatMap((save, index): FileToDelete[] => {
      const saved = this.#saved.get(all[index]!); // also of a save that failed after it had stored the file
      if (save.status === "rejected") return saved === undefined ? [] : [saved];
      const { value: file } = save;
      return [{ ...saved ?? { storage: file.storage, name: file.name! }, file }];
    });
  }
}

/** The names of the options of `adopt`, which refuses all others. */
const ADOPT_OPTIONS = ["ifMatch"] as const satisfies readonly (keyof AdoptOptions)[];
