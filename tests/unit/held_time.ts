/** Time as a test wants it, so that a busy machine cannot turn its outcome. */

/** What takes longer does not happen, however busy the machine is. */
const MOST_MILLISECONDS = 120_000;

const { setTimeout, clearTimeout } = globalThis;

/** Waits until something is so. */
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
 * While it is there, time stands still: timers expire only as {@linkcode HeldTime.pass} is called, and `performance.now` says
 * the same until then. Timers of zero or one millisecond are turns of the event loop, and go on.
 */
export class HeldTime implements Disposable {
  readonly #timers = new Set<HeldTimer>();
  #now = performance.now();

  /** @param leastMilliseconds Shorter timers go on. */
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

  /** Lets time pass. What each timer does is done before the next one expires. */
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

  /** Lets so many seconds pass whenever there is one request more than by now, up to so many. */
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

/** Lets everything run that waits for nothing but its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
