import { abortWith } from "./on_abort.ts";
import { Pool } from "./pool.ts";

/** One more unit of a pool's limit per 256 KiB, up to 8: so only a few large files are in progress at the same time. */
const BYTES_PER_UNIT = 256 * 1024;
const MAX_UNITS = 8;

/** The share of a pool's limit that a file takes. */
export function poolWeight({ size }: { readonly size: number }): number {
  return Math.min(MAX_UNITS, 1 + Math.floor(size / BYTES_PER_UNIT));
}

/** Moves many files at the same time: `collect` and `cp -r` use it. After the first failure all others are aborted. */
export class FilePool extends Pool {
  /** Aborted by the first failure, and by the signal of the caller. */
  readonly signal: AbortSignal;
  readonly #stop: AbortController;

  /** @param limit The files of less than 256 KiB that are in progress at the same time. */
  constructor(limit: number) {
    const stop = new AbortController();
    super(limit, (reason) => stop.abort(reason));
    this.#stop = stop;
    this.signal = stop.signal;
  }

  /** Runs work that adds files. After a failure it waits until no file is in progress. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const unlink = abortWith(this.#stop, signal);
    try {
      return await work();
    } catch (error) {
      this.#stop.abort(error);
      await this.drain().catch(() => {});
      throw error;
    } finally {
      unlink();
    }
  }
}
