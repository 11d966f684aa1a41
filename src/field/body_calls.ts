import { saysRolledBack } from "./rolled_back.ts";

/** What the calls of a transaction's body have come to; a library that retries calls it again. */
export class BodyCalls {
  /** Whether a call ended without throwing: then a COMMIT was sent. */
  anyEnded = false;
  #running = 0;
  #lastEnded = false;
  /** Whether a call ended so before the last one: then that COMMIT's answer was not understood. */
  #earlierEnded = false;

  get anyRuns(): boolean {
    return this.#running > 0;
  }

  async track<T>(call: () => Promise<T>): Promise<T> {
    this.#running++;
    this.#earlierEnded = this.anyEnded;
    this.#lastEnded = false;
    try {
      const result = await call();
      this.anyEnded = this.#lastEnded = true;
      return result;
    } finally {
      this.#running--;
    }
  }

  /** The outcome of a transaction that resolved. Where the last call threw, somebody swallowed its error. */
  outcomeOfSuccess(): "committed" | "rolled back" | "unknown" {
    if (this.anyRuns) return "unknown";
    if (this.#lastEnded) return "committed";
    return this.anyEnded ? "unknown" : "rolled back";
  }

  /**
   * The outcome of a transaction that rejected.
   *
   * @param isRolledBack What the caller knows of it.
   */
  outcomeOfFailure(error: unknown, isRolledBack: boolean | undefined): "rolled back" | "unknown" {
    if (this.anyRuns || this.#earlierEnded) return "unknown";
    // Where the call threw, nobody sent a COMMIT. Else one was sent, and its answer may have been lost.
    return isRolledBack ?? (!this.anyEnded || saysRolledBack(error)) ? "rolled back" : "unknown";
  }
}
