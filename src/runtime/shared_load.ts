import { sleep } from "../kit/async/backoff.ts";
import { settledWithin } from "./deadlines.ts";
import { dropsRequests } from "./drops_requests.ts";

/** How often a load shows that its request still exists. */
const BEAT_MILLISECONDS = 100;

/** The time between two looks of a call that has joined a load. */
const LOOK_MILLISECONDS = 25;

/** A load that has shown nothing for this many looks was dropped. Looks are counted, as a clock may jump. */
const MAX_MISSED_LOOKS = 20;

/** How a load is shared. */
export interface SharedLoadOptions {
  /**
   * How long a call waits for the load of another one, before it begins one itself.
   * @default {60 where the runtime drops requests, else as long as the load takes}
   */
  readonly joinSeconds?: number | undefined;
  /** Whether the runtime drops what a cancelled request has begun. @default {dropsRequests()} */
  readonly isDropped?: boolean;
}

interface Load<T> {
  /** The caller's signal, which may abort it. */
  readonly signal: AbortSignal | undefined;
  readonly result: Promise<T>;
  /** Set once it has settled. */
  outcome?: { readonly value: T } | { readonly error: unknown };
  /** How often it has shown that its request exists. */
  beats: number;
}

/**
 * A load that concurrent calls share: one begins it, and others join it. Everything that outlives a request and loads something
 * is loaded this way.
 *
 * Workers give each request a context of its own. When a request ends, or its client disconnects, its promises never settle, and
 * its timers are gone. From the compatibility date 2024-10-14 on, awaiting such a promise is an error. Before, a call that awaits
 * a promise of another request continues in that one's context, where its own requests fail. Hence a call there awaits only its
 * own timers: it looks for the result, and for a sign of the request that loads it. Without a sign it begins a load of its own.
 * Measured in workerd 2026-11-17, with both dates.
 */
export class SharedLoad<T extends object> {
  readonly #joinSeconds: number;
  readonly #isDropped: boolean;
  #current: Load<T> | undefined;

  constructor({ isDropped = dropsRequests(), joinSeconds }: SharedLoadOptions = {}) {
    this.#joinSeconds = joinSeconds ?? (isDropped ? 60 : Infinity);
    this.#isDropped = isDropped;
  }

  /**
   * Begins a load, which later calls join.
   *
   * @param work Loads. Its argument tells whether no newer load has replaced this one, so that the result may be kept.
   * @param signal Aborts the load, which those who have joined it then begin again.
   */
  begin(work: (isCurrent: () => boolean) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let start: () => void;
    const result = new Promise<T>((resolve) => start = () => resolve(this.#run(load, work)));
    const load: Load<T> = { signal, beats: 0, result };
    this.#current = load;
    start!(); // what the work calls may already join the load
    return result;
  }

  /**
   * Joins the load under way.
   *
   * @returns `undefined` if there is none. It resolves with `undefined` if the load was dropped, aborted, or takes too long:
   * begin one then, unless another call has begun one meanwhile.
   */
  join(): Promise<T | undefined> | undefined {
    return this.#current && this.#join(this.#current);
  }

  /** Whether there is a load to join. */
  get isRunning(): boolean {
    return this.#current !== undefined;
  }

  /** Forgets the load under way: no further call joins it, and its result is not kept. */
  forget(): void {
    this.#current = undefined;
  }

  async #run(load: Load<T>, work: (isCurrent: () => boolean) => Promise<T>): Promise<T> {
    const timer = this.#isDropped ? setInterval(() => load.beats++, BEAT_MILLISECONDS) : undefined;
    try {
      const value = await work(() => this.#current === load);
      load.outcome = { value };
      return value;
    } catch (error) {
      load.outcome = { error };
      throw error;
    } finally {
      clearInterval(timer);
      if (this.#current === load) this.#current = undefined;
    }
  }

  async #join(load: Load<T>): Promise<T | undefined> {
    try {
      const value = this.#isDropped
        ? await this.#look(load)
        : await settledWithin<T | undefined>(this.#joinSeconds, load.result, () => undefined);
      if (value === undefined && this.#current === load) this.#current = undefined;
      return value;
    } catch (error) {
      if (load.signal?.aborted) return undefined; // the signal of another caller
      throw error;
    }
  }

  /** Waits for a load without awaiting its promise. */
  async #look(load: Load<T>): Promise<T | undefined> {
    let { beats } = load;
    const looks = this.#joinSeconds * 1000 / LOOK_MILLISECONDS;
    for (let look = 0, missed = 0; look < looks && missed < MAX_MISSED_LOOKS; look++) {
      await sleep(LOOK_MILLISECONDS);
      const { outcome } = load;
      if (outcome !== undefined) {
        if ("error" in outcome) throw outcome.error;
        return outcome.value;
      }
      missed = load.beats === beats ? missed + 1 : 0;
      beats = load.beats;
    }
    return undefined;
  }
}
