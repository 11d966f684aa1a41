/** What a Worker is asked to wait for, as by `ctx.waitUntil`. */
export class Holds {
  /** The number of all holds. */
  count = 0;
  #open = 0;

  readonly waitUntil = (work: Promise<unknown>): void => {
    this.count++;
    this.#open++;
    // A Worker would report a rejection.
    work.then(() => this.#open--);
  };

  /** The number of holds that have not ended, as soon as what has ended is noticed. */
  async open(): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve));
    return this.#open;
  }
}
