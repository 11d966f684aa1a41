/** Runs tasks concurrently up to a total weight. After a failure no further task begins. */
export class Pool {
  readonly #limit: number;
  readonly #stop: (reason: unknown) => void;
  readonly #running = new Set<Promise<void>>();
  #weight = 0;
  /** Wakes the call of `add` that waits for room; calls are awaited one by one. */
  #wake: () => void = () => {};
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param limit The total weight of concurrent tasks; a task that weighs more runs alone.
   * @param stop Called with the first failure, to end the running tasks.
   */
  constructor(limit: number, stop: (reason: unknown) => void) {
    this.#limit = limit;
    this.#stop = stop;
  }

  /** Begins a task as soon as there is room; throws the first failure of an earlier task. Await each call before the next. */
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

  /** Waits until all tasks have ended; throws the first failure. */
  async drain(): Promise<void> {
    await Promise.all(this.#running);
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
