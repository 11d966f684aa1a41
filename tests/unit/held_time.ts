/** Time that a test controls, so that a busy machine does not affect its outcome. */

/** The timeout of a wait, long enough for a busy machine. */
const MOST_MILLISECONDS = 120_000;

const { setTimeout, clearTimeout } = globalThis;

/** Waits until a condition is true. */
export async function until(condition: () => boolean | Promise<boolean>, what = "the condition"): Promise<void> {
  for (const end = Date.now() + MOST_MILLISECONDS; !await condition();) {
    if (Date.now() > end) throw new Error(`Timeout: ${what} did not occur`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

interface HeldTimer {
  readonly at: number;
  readonly run: () => void;
  /** As those of Node's timers; a held timer never keeps the process alive. */
  readonly ref: () => void;
  readonly unref: () => void;
}

const nothing = (): void => {};

/**
 * Stops time until it is disposed: timers expire only when {@linkcode HeldTime.pass} is called, and `performance.now` returns
 * the same value until then. Timers of zero or one millisecond are turns of the event loop, and run as usual.
 */
export class HeldTime implements Disposable {
  readonly #timers = new Set<HeldTimer>();
  /** Whole milliseconds: sums of fractions are rounded, so that a time could be missed by chance. */
  #now = Math.ceil(performance.now());

  /** @param leastMilliseconds Shorter timers run as usual. */
  constructor(leastMilliseconds = 2) {
    globalThis.setTimeout = ((run: (...given: unknown[]) => void, milliseconds = 0, ...given: unknown[]) => {
      if (milliseconds < leastMilliseconds) return setTimeout(run, milliseconds, ...given);
      const timer: HeldTimer = { at: this.#now + milliseconds, run: () => run(...given), ref: nothing, unref: nothing };
      this.#timers.add(timer);
      return timer;
    }) as typeof setTimeout;
    globalThis.clearTimeout = ((timer: never) => {
      if (!this.#timers.delete(timer)) clearTimeout(timer);
    }) as typeof clearTimeout;
    Object.defineProperty(performance, "now", { value: () => this.#now, configurable: true });
  }

  /** The number of timers that were neither cleared nor expired. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Advances time. The work of each timer is done before the next one expires. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await turn();
    }
    this.#now = end;
  }

  /** Advances time by some seconds after each further request, up to a number of requests. */
  async passAtEach(requests: readonly unknown[], count: number, seconds: number): Promise<void> {
    const before = requests.length;
    for (let number = 1; number <= count; number++) {
      await until(() => requests.length >= before + number, `request ${before + number}`);
      await this.pass(seconds * 1000);
    }
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, { setTimeout, clearTimeout });
    Reflect.deleteProperty(performance, "now");
  }
}

/** Runs all pending tasks of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
