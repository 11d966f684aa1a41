import { type ConfigurationError, isStorageError } from "../../errors.ts";
import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { Pool } from "../../kit/async/pool.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { compareUtf8 } from "../../kit/text/utf8_order.ts";
import { deleteAll } from "../../storage/operations/delete_all.ts";
import type { CollectCall } from "../collect_options.ts";
import { md5Hex } from "../hash.ts";
import { warn } from "../progress.ts";
import { saveExactly } from "../save_exactly.ts";
import {
  type CoveredFile,
  formatRecord,
  parseRecord,
  type PendingRecord,
  PLACE_RECORD,
  RECORD_FOLDER,
  unreadableRecord,
} from "./pending_record.ts";

/** After this many names a run announces all names that it may replace, since exact records cost a request each. */
const EXACT_NAMES = 64;

/** Concurrent requests. */
const CONCURRENCY = 16;

/** A run whose record is open for longer than this is considered dead: 7 days. */
const MAX_RUN_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

/** The most bytes of a record, decompressed: 32 MiB, about 500,000 names. */
const MAX_RECORD_BYTES = 32 * 1024 * 1024;

/** The part of the target that pending invalidations need. */
export interface PendingTarget {
  /** Names at the target that this run may replace. */
  replaceable(): Iterable<string>;
  /** The ETag of a file, current or from the listing; `null` if it does not exist. */
  etagOf(name: string): Promise<string | null>;
}

/** The pending names of a target. */
interface Pending {
  /** Names to invalidate. */
  readonly names: readonly string[];
  /** Names that a run may still be changing, or that are covered already, with their current ETags. */
  readonly unfinished: ReadonlyMap<string, CoveredFile>;
}

/**
 * The names of a target that have to be invalidated. They are stored in the target, in small records, from before a file is
 * replaced until the invalidation is accepted. So a run that is killed at any moment loses no name.
 *
 * Only targets that were collected into with `invalidate` have records: for others this costs one listing, and no file.
 */
export class PendingInvalidations {
  readonly #options: CollectCall;
  readonly #signal: AbortSignal;
  readonly #target: PendingTarget;
  /** Records of other runs, with their content once it was read. */
  readonly #records = new Map<string, PendingRecord | undefined>();
  #isTracked = false;
  /** Names whose announcement is stored. */
  readonly #announced = new Set<string>();
  readonly #waiting = new Set<string>();
  #writing: Promise<void> | undefined;
  /** Open records of this run. */
  readonly #open: string[] = [];
  #isAllAnnounced = false;

  constructor(options: CollectCall, signal: AbortSignal, target: PendingTarget) {
    this.#options = options;
    this.#signal = signal;
    this.#target = target;
  }

  /** Takes a listed file if it is a record, which does not count as a file of the site. Returns whether it is one. */
  take(name: string, size: number): boolean {
    if (!name.startsWith(RECORD_FOLDER)) return false;
    this.#isTracked = true;
    // A run without the permission to delete empties its records instead.
    if (name !== PLACE_RECORD && size > 0) this.#records.set(name, undefined);
    return true;
  }

  /** Whether changes of this target are recorded. */
  get isTracked(): boolean {
    return this.#isTracked;
  }

  /** Reads the records of earlier runs. Call it after the listing, before anything is stored. */
  async begin(): Promise<void> {
    const pool = new Pool(CONCURRENCY, () => {});
    for (const name of [...this.#records.keys()]) {
      await pool.add(async () => {
        const record = await this.#read(name);
        if (record === undefined) this.#records.delete(name);
        else this.#records.set(name, record);
      });
    }
    await pool.drain();
    if (this.#options.invalidate === undefined || this.#isTracked) return;
    this.#isTracked = true;
    if (!this.#options.dryRun) await this.#save(PLACE_RECORD, JSON.stringify({ version: 1 }));
  }

  /** Stores that these files will be changed. Change them only after this has resolved. */
  async announce(names: readonly string[]): Promise<void> {
    if (!this.#isTracked || this.#options.dryRun) return;
    const isStored = (name: string): boolean => this.#announced.has(name);
    for (const name of names) if (!isStored(name)) this.#waiting.add(name);
    while (!names.every(isStored)) await (this.#writing ??= this.#announceWaiting());
  }

  async #announceWaiting(): Promise<void> {
    try {
      const names = new Set(this.#waiting);
      this.#waiting.clear();
      if (!this.#isAllAnnounced && this.#announced.size + names.size > EXACT_NAMES) {
        this.#isAllAnnounced = true;
        for (const name of this.#target.replaceable()) if (!this.#announced.has(name)) names.add(name);
      }
      this.#open.push(await this.#write({ state: "open", names: [...names] }));
      for (const name of names) this.#announced.add(name);
    } finally {
      this.#writing = undefined;
    }
  }

  /**
   * Ends a run that has stored everything: invalidates the pending names, or records them for a later run.
   *
   * @param changed The names that this run changed.
   * @returns The names that still have to be invalidated; `undefined` for a target without records.
   */
  async finish(changed: readonly string[]): Promise<readonly string[] | undefined> {
    const { dryRun, invalidate } = this.#options;
    if (!this.#isTracked) {
      // The first run with `invalidate` may have listed the target before this run changed it.
      if (!dryRun && changed.length > 0 && await this.#isTrackedMeanwhile()) await this.#close(changed);
      return undefined;
    }
    const { names, unfinished } = await this.#pending(changed);
    if (dryRun) return names;
    if (changed.length > 0 || (invalidate !== undefined && this.#namesOf("done").length > 1)) {
      await this.#close(changed);
    } else await this.#remove(this.#open.splice(0)); // announced, but then not changed
    if (names.length === 0 || invalidate === undefined) return names;
    const reference = await this.#reference(names, unfinished);
    this.#signal.throwIfAborted();
    if (await invalidate({ names, reference }, { signal: this.#signal }) === false) return names;
    const accepted = [...this.#records.keys()];
    if (unfinished.size > 0) await this.#write({ state: "covered", files: unfinished });
    await this.#remove(accepted);
    return [];
  }

  /** Replaces this run's announcements, and the records of finished runs, by one record of the changed names. */
  async #close(changed: readonly string[]): Promise<void> {
    const done = this.#namesOf("done");
    const names = new Set(changed);
    for (const record of done) for (const name of namesIn(this.#records.get(record)!)) names.add(name);
    const record: PendingRecord = { state: "done", names: [...names].sort(compareUtf8) };
    const name = await this.#write(record);
    await this.#remove([...this.#open.splice(0), ...done]);
    this.#records.set(name, record);
  }

  /** Collects the pending names from the records of other runs and this one. */
  async #pending(changed: readonly string[]): Promise<Pending> {
    const names = new Set(changed);
    const until = Date.now() + MAX_RUN_MILLISECONDS;
    const suspects = new Map<string, number>();
    const covered = new Map<string, (string | null)[]>();
    for (const record of this.#records.values()) {
      if (record?.state === "covered") {
        for (const [name, { etag, until }] of record.files) {
          if (until < Date.now()) continue;
          covered.set(name, [...covered.get(name) ?? [], etag]);
          suspects.set(name, Math.max(until, suspects.get(name) ?? 0));
        }
        continue;
      }
      for (const name of namesIn(record!)) {
        names.add(name);
        if (record!.state === "open") suspects.set(name, until);
      }
    }
    const unfinished = new Map<string, CoveredFile>();
    const pool = new Pool(CONCURRENCY, () => {});
    for (const [name, until] of suspects) {
      await pool.add(async () => {
        const etag = await this.#target.etagOf(name);
        unfinished.set(name, { etag, until });
        if (covered.get(name)?.includes(etag) === false) names.add(name);
      });
    }
    await pool.drain();
    return { names: [...names].sort(compareUtf8), unfinished };
  }

  /**
   * The reference of a request. It stays the same until a record is added or an unfinished file changes. So a request whose
   * response was lost can be repeated under the same reference, and later changes get a new one.
   */
  async #reference(names: readonly string[], unfinished: ReadonlyMap<string, CoveredFile>): Promise<string> {
    const etags = [...unfinished].map(([name, { etag }]) => [name, etag] as const);
    etags.sort(([one], [other]) => compareUtf8(one, other));
    return await md5Hex(encodeUtf8(JSON.stringify([[...this.#records.keys()].sort(compareUtf8), names, etags])));
  }

  #namesOf(state: PendingRecord["state"]): string[] {
    return [...this.#records].flatMap(([name, record]) => record?.state === state ? name : []);
  }

  async #isTrackedMeanwhile(): Promise<boolean> {
    for await (const _ of this.#options.storage.list(RECORD_FOLDER, { signal: this.#signal })) return true;
    return false;
  }

  async #read(name: string): Promise<PendingRecord | undefined> {
    try {
      const file = await this.#options.storage.open(name, "rb", { signal: this.#signal, decompress: true });
      const text = new TextDecoder().decode(await readLimited(file.readable, MAX_RECORD_BYTES, () => tooLarge(name)));
      return text === "" ? undefined : parseRecord(text, name);
    } catch (error) {
      if (isStorageError(error, "NotFound")) return undefined; // deleted by another run
      throw error;
    }
  }

  async #write(record: PendingRecord): Promise<string> {
    const name = `${RECORD_FOLDER}${crypto.randomUUID()}.json`;
    await this.#save(name, formatRecord(record));
    return name;
  }

  async #save(name: string, text: string): Promise<void> {
    await saveExactly(this.#options.storage, name, text, {
      contentType: "application/json",
      cacheControl: "no-store",
      onExisting: "replace",
      deleteOnAbort: false,
      signal: this.#signal,
    });
  }

  /** Deletes records. Their names are random and their content never changes, so this loses no names of other runs. */
  async #remove(names: readonly string[]): Promise<void> {
    for (const name of names) this.#records.delete(name);
    if (names.length === 0) return;
    try {
      await deleteAll(this.#options.storage, names, this.#signal);
    } catch (error) {
      const [first] = error instanceof AggregateError ? error.errors : [error];
      if (!isStorageError(first, "PermissionDenied")) throw error;
      for (const name of names) await this.#save(name, "");
      const message = `Cannot delete records in ${RECORD_FOLDER}, so empty files stay there: allow s3:DeleteObject`;
      warn(this.#options, RECORD_FOLDER, message);
    }
  }
}

function tooLarge(name: string): ConfigurationError {
  return unreadableRecord(name, `it has more than ${MAX_RECORD_BYTES} bytes (32 MiB)`);
}

function namesIn(record: PendingRecord): Iterable<string> {
  return record.state === "covered" ? record.files.keys() : record.names;
}
