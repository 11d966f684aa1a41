/** Time under the control of a test, so that a busy machine does not change its result. */

/** The limit of waiting, even on a busy machine. */
const MOST_MILLISECONDS = 120_000;

const { setTimeout, clearTimeout } = globalThis;

/** Waits until a condition is true. */
export async function until(isSo: () => boolean | Promise<boolean>, what = "what was waited for"): Promise<void> {
  for (const end = Date.now() + MOST_MILLISECONDS; !await isSo();) {
    if (Date.now() > end) throw new Error(`${what} does not happen`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

interface HeldTimer {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Stops the time until it is disposed: timers expire only when {@linkcode HeldTime.pass} is called, and `performance.now`
 * does not change until then. Timers of zero or one millisecond are turns of the event loop, and still run.
 */
export class HeldTime implements Disposable {
  readonly #timers = new Set<HeldTimer>();
  #now = performance.now();

  /** @param leastMilliseconds Shorter timers still run. */
  constructor(leastMilliseconds = 2) {
    globalThis.setTimeout = ((run: (...given: unknown[]) => void, milliseconds = 0, ...given: unknown[]) => {
      if (milliseconds < leastMilliseconds) return setTimeout(run, milliseconds, ...given);
      const timer: HeldTimer = { at: this.#now + milliseconds, run: () => run(...given) };
      this.#timers.add(timer);
      return timer;
    }) as typeof setTimeout;
    globalThis.clearTimeout = ((timer: never) => {
      if (!this.#timers.delete(timer)) clearTimeout(timer);
    }) as typeof clearTimeout;
    Object.defineProperty(performance, "now", { value: () => this.#now, configurable: true });
  }

  /** Advances the time. The work of each timer is finished before the next one expires. */
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

  /** Advances the time by some seconds at each of the next `count` requests. */
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

/** Runs everything that only waits for a turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
