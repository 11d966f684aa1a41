import { sleep } from "../../kit/async/backoff.ts";
import type { Settings } from "../../settings/resolve.ts";

/** Waits until some bytes may be sent or received. */
export type Pace = (bytes: number) => Promise<void>;

/** A limit of bytes per second that uploads and downloads share, in the order in which they ask. */
export class Bandwidth {
  /** When the bytes taken so far have passed, on the clock of `performance.now`. */
  #freeAt = 0;

  /** Limits one request; `undefined` if its storage has no limit. */
  paceOf({ transferConfig: { maxBandwidth } }: Settings, signal: AbortSignal | undefined): Pace | undefined {
    return maxBandwidth === undefined ? undefined : (bytes) => this.take(bytes, maxBandwidth, signal);
  }

  /** Takes bytes; resolves as soon as those taken before have passed at `bytesPerSecond`. */
  async take(bytes: number, bytesPerSecond: number, signal: AbortSignal | undefined): Promise<void> {
    const now = performance.now();
    const start = Math.max(now, this.#freeAt);
    const milliseconds = bytes * 1000 / bytesPerSecond;
    this.#freeAt = start + milliseconds;
    if (start === now) return;
    try {
      await sleep(start - now, signal);
    } catch (error) {
      this.#freeAt -= milliseconds; // they will not be sent
      throw error;
    }
  }
}
