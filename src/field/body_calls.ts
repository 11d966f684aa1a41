import { detectRollback } from "./rolled_back.ts";

/** The outcomes of the calls of a transaction's body, which a library may retry. */
export class BodyCalls {
  /** Whether a call ended without an error: then a COMMIT was sent. */
  anyEnded = false;
  #running = 0;
  #lastEnded = false;
  /** Whether a call before the last one ended without an error: then the outcome of its COMMIT is unknown. */
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

  /** The outcome of a transaction that resolved. If the last call threw, its error was swallowed. */
  outcomeOfSuccess(): "committed" | "rolled back" | "unknown" {
    if (this.anyRuns) return "unknown";
    if (this.#lastEnded) return "committed";
    return this.anyEnded ? "unknown" : "rolled back";
  }

  /**
   * The outcome of a transaction that rejected.
   *
   * @param isRolledBack The decision of the caller; `undefined` for none.
   */
  outcomeOfFailure(error: unknown, isRolledBack: boolean | undefined): "rolled back" | "unknown" {
    if (this.anyRuns || this.#earlierEnded) return "unknown";
    // If all calls threw, no COMMIT was sent. Otherwise its response may have been lost.
    return isRolledBack ?? (!this.anyEnded || detectRollback(error)) ? "rolled back" : "unknown";
  }
}
