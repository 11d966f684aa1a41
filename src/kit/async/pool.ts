/** Runs tasks at once, as many as weigh no more than the limit. After a failure none begins any more. */
export class Pool {
  readonly #limit: number;
  readonly #stop: (reason: unknown) => void;
  readonly #running = new Set<Promise<void>>();
  #weight = 0;
  /** Tells the one who waits for room; calls of `add` are awaited one by one. */
  #wake: () => void = () => {};
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param limit What all tasks may weigh together; one that weighs more runs alone.
   * @param stop Is told of the first failure, to end the tasks that run.
   */
  constructor(limit: number, stop: (reason: unknown) => void) {
    this.#limit = limit;
    this.#stop = stop;
  }

  /** Begins a task as soon as there is room; fails with the first failure of any before. Await it before the next one. */
  async add(task: () => Promise<void>, weight = 1): Promise<void> {
    while (this.#weight + weight > this.#limit && this.#running.size > 0) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    this.#check();
    this.#weight += weight;
    const running = task().catch((error) => {
      this.#failure ??= { error };
      this.#stop(error);
    }).finally(() => {
      this.#weight -= weight;
      this.#running.delete(running);
      this.#wake();
    });
    this.#running.add(running);
  }

  /** Waits until all have ended; fails with the first failure. */
  async drain(): Promise<void> {
    await Promise.all(this.#running);
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
