import { timerDelay } from "../kit/async/timer_delay.ts";
import { denoApi, isDeno } from "./detect.ts";

/** A function that is called unless the deadline is cancelled in time. */
interface Deadline {
  /** On the clock of `performance.now`. */
  readonly at: number;
  readonly expire: () => void;
  /** Its index in `waiting`. */
  index: number;
}

/** All pending deadlines, in no order. A Set would be slower: V8 keeps the contents of its outgrown tables for a while. */
const waiting: Deadline[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let timerEndsAt = Infinity;
let isClearing = false;

/**
 * Calls a function after the given time, unless it is cancelled before.
 *
 * On Deno, all deadlines share one timer: setting and clearing one takes a tenth of the time of a small request there. On
 * other runtimes timers are cheap, and on Cloudflare's they end with the event in which they were set.
 *
 * @returns Cancels the deadline. Once no deadline is pending, the shared timer is cleared a moment later.
 */
export function setDeadline(seconds: number, expire: () => void): () => void {
  const milliseconds = seconds * 1000;
  if (!isDeno()) {
    const own = setTimeout(expire, timerDelay(milliseconds));
    return () => clearTimeout(own);
  }
  const deadline = { at: performance.now() + milliseconds, expire, index: waiting.length };
  waiting.push(deadline);
  if (deadline.at < timerEndsAt) schedule(deadline.at);
  return () => void cancel(deadline);
}

/** @returns Whether the deadline was still pending. */
function cancel(deadline: Deadline): boolean {
  const { index } = deadline;
  if (waiting[index] !== deadline) return false;
  const last = waiting.pop()!;
  if (last !== deadline) {
    waiting[index] = last;
    last.index = index;
  }
  if (waiting.length === 0 && !isClearing) {
    // Not immediately: in a loop of requests the next one sets its deadline before anything else runs.
    // Each turn of the event loop runs all immediates, and Deno's sanitizers look again after up to 16 turns, however long
    // one takes: a timer that a test leaves behind therefore belongs to a request that is still running.
    isClearing = true;
    soon(clearIfIdle);
  }
  return true;
}

/** Calls a function after this turn of the event loop; Deno below 2.4 has no `setImmediate`. */
function soon(call: () => void): void {
  const { setImmediate = setTimeout } = globalThis as { setImmediate?: (call: () => void) => unknown };
  setImmediate(call);
}

/** Clears the timer if no deadline is pending. */
function clearIfIdle(): void {
  isClearing = false;
  if (waiting.length > 0) return;
  clearTimeout(timer);
  timerEndsAt = Infinity;
}

function schedule(at: number): void {
  clearTimeout(timer);
  timerEndsAt = at;
  timer = setTimeout(expireAll, timerDelay(at - performance.now()));
}

function expireAll(): void {
  timerEndsAt = Infinity;
  const now = performance.now();
  const due = waiting.filter(({ at }) => at <= now).sort((one, other) => one.at - other.at);
  // A deadline that expires may cancel others that are due, and set new ones.
  for (const deadline of due) if (cancel(deadline)) deadline.expire();
  const next = waiting.reduce((soonest, { at }) => Math.min(soonest, at), Infinity);
  if (next < timerEndsAt) schedule(next);
}

/**
 * Returns the result of the work, or that of `late` once the time is over, even if the work never settles. Its timer
 * keeps the process alive: Node would end it with exit code 13 while it waits for nothing but a promise.
 */
export function settledWithin<T>(seconds: number, work: Promise<T>, late: () => T | Promise<T>): Promise<T> {
  if (seconds === Infinity) return work;
  return new Promise((resolve, reject) => {
    const cancel = setDeadline(seconds, () => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    });
    work.then(resolve, reject).finally(cancel);
  });
}

interface DenoTimers {
  refTimer(id: number): void;
  unrefTimer(id: number): void;
}

/** A timer is an object on Node and Bun, and a number on other runtimes. */
type Timer = number | { ref(): void; unref(): void };

/** The timer of a deadline. It holds the deadline only during a wait: a body that was dropped between two is collected. */
interface Clock {
  timer: Timer | undefined;
  deadline: RepeatedDeadline | undefined;
}

/**
 * A deadline for a series of waits. Setting and clearing a timer for each chunk of a body took a sixth of Node's time, so its
 * timer continues between two waits, without keeping the process alive, until the last wait ends.
 */
export class RepeatedDeadline {
  readonly #milliseconds: number;
  readonly #expire: () => void;
  readonly #clock: Clock = { timer: undefined, deadline: undefined };
  /** When the current wait expires, on the clock of `performance.now`; infinite between two waits. */
  #at = Infinity;
  #keepsAlive = true;
  #isReleasing = false;

  constructor(seconds: number, expire: () => void) {
    this.#milliseconds = seconds * 1000;
    this.#expire = expire;
  }

  /** Starts a wait. */
  begin(): void {
    this.#at = performance.now() + this.#milliseconds;
    this.#clock.deadline = this;
    if (this.#clock.timer === undefined) this.#schedule(this.#milliseconds);
    else if (!this.#keepsAlive) this.#keepAlive(true);
  }

  /** Ends a wait; another one may follow. */
  rest(): void {
    const clock = this.#clock;
    this.#at = Infinity;
    clock.deadline = undefined;
    if (clock.timer === undefined || this.#isReleasing) return;
    if (typeof clock.timer === "number" && !isDeno()) return this.end();
    // Not immediately: a loop that reads chunks starts the next wait before anything else runs.
    this.#isReleasing = true;
    soon(() => {
      this.#isReleasing = false;
      if (this.#at === Infinity && clock.timer !== undefined) this.#keepAlive(false);
    });
  }

  /** Ends the last wait. */
  end(): void {
    this.#at = Infinity;
    this.#clock.deadline = undefined;
    clearTimeout(this.#clock.timer as number | undefined);
    this.#clock.timer = undefined;
  }

  #schedule(milliseconds: number): void {
    const clock = this.#clock;
    this.#keepsAlive = true;
    clock.timer = setTimeout(() => {
      clock.timer = undefined;
      clock.deadline?.onTimer();
    }, timerDelay(milliseconds)) as Timer;
  }

  /** Called by the timer. */
  onTimer(): void {
    const left = this.#at - performance.now();
    if (left > 0) return this.#schedule(left);
    this.end();
    this.#expire();
  }

  /** Sets whether the timer keeps the process alive. */
  #keepAlive(keepsAlive: boolean): void {
    this.#keepsAlive = keepsAlive;
    const timer = this.#clock.timer!;
    if (typeof timer === "object") {
      if (keepsAlive) timer.ref();
      else timer.unref();
    } else {
      const deno = denoApi<DenoTimers>();
      if (keepsAlive) deno?.refTimer(timer);
      else deno?.unrefTimer(timer);
    }
  }
}
