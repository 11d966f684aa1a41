import { denoApi, isDeno } from "./detect.ts";

/** What is done if it is not called off in time. */
interface Deadline {
  /** On the clock of `performance.now`. */
  readonly at: number;
  readonly expire: () => void;
  /** Its place among those that wait. */
  index: number;
}

/** All that wait, in no order. A Set would be slower: V8 keeps what was in its outgrown tables for a while. */
const waiting: Deadline[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let timerEndsAt = Infinity;
let isTidying = false;

/** Timers take a longer time for none; 24 days have no other end here. */
const LONGEST_MILLISECONDS = 2 ** 31 - 1;

/**
 * Does something after so many seconds, unless it is called off by then.
 *
 * On Deno, one timer serves all that wait: to set and to clear one takes a tenth of the time of a small request there. On
 * other runtimes timers cost next to nothing, and on Cloudflare's they end with the event they were set in.
 *
 * @returns What calls it off. Where nothing waits any more, no timer is left a moment later.
 */
export function setDeadline(seconds: number, expire: () => void): () => void {
  const milliseconds = asTimeout(seconds * 1000);
  if (!isDeno()) {
    const own = setTimeout(expire, milliseconds);
    return () => clearTimeout(own);
  }
  const deadline = { at: performance.now() + milliseconds, expire, index: waiting.length };
  waiting.push(deadline);
  if (deadline.at < timerEndsAt) schedule(deadline.at);
  return () => void callOff(deadline);
}

/** A timeout that timers take as it is: they warn of others, and take them for one millisecond. */
function asTimeout(milliseconds: number): number {
  return Math.min(Math.max(0, milliseconds), LONGEST_MILLISECONDS);
}

/** @returns Whether it was still waiting. */
function callOff(deadline: Deadline): boolean {
  const { index } = deadline;
  if (waiting[index] !== deadline) return false;
  const last = waiting.pop()!;
  if (last !== deadline) {
    waiting[index] = last;
    last.index = index;
  }
  if (waiting.length === 0 && !isTidying) {
    // Not at once: in a loop of requests the next one sets its deadline before anything else has its turn.
    // Each turn of the event loop runs all immediates, and Deno's sanitizers look again after up to 16 turns, however long
    // one takes: so a timer that a test leaves behind belongs to a request that is still under way.
    isTidying = true;
    setImmediate(tidyUp);
  }
  return true;
}

/** Leaves no timer where nothing waits. */
function tidyUp(): void {
  isTidying = false;
  if (waiting.length > 0) return;
  clearTimeout(timer);
  timerEndsAt = Infinity;
}

function schedule(at: number): void {
  clearTimeout(timer);
  timerEndsAt = at;
  timer = setTimeout(expireAll, asTimeout(at - performance.now()));
}

function expireAll(): void {
  timerEndsAt = Infinity;
  const now = performance.now();
  const due = waiting.filter(({ at }) => at <= now).sort((one, other) => one.at - other.at);
  // One that expires may call off others that are due, and set new ones.
  for (const deadline of due) if (callOff(deadline)) deadline.expire();
  const next = waiting.reduce((soonest, { at }) => Math.min(soonest, at), Infinity);
  if (next < timerEndsAt) schedule(next);
}

interface DenoTimers {
  refTimer(id: number): void;
  unrefTimer(id: number): void;
}

/** What Node and Bun give for a timer; others give a number. */
type Timer = number | { ref(): void; unref(): void };

/**
 * A deadline for one wait after the other: to set and to clear a timer for each chunk of a body took a sixth of Node's time.
 * So its timer goes on between two waits, until the last one is over; but what nobody goes on with keeps no process alive.
 */
export class RepeatedDeadline {
  readonly #milliseconds: number;
  readonly #expire: () => void;
  #timer: Timer | undefined;
  /** When the wait under way is to end, on the clock of `performance.now`; infinite between two waits. */
  #at = Infinity;
  #keepsAlive = true;
  #isTidying = false;

  constructor(seconds: number, expire: () => void) {
    this.#milliseconds = asTimeout(seconds * 1000);
    this.#expire = expire;
  }

  /** A wait begins. */
  begin(): void {
    this.#at = performance.now() + this.#milliseconds;
    if (this.#timer === undefined) this.#schedule(this.#milliseconds);
    else if (!this.#keepsAlive) this.#hold(true);
  }

  /** A wait is over; another one may follow. */
  rest(): void {
    this.#at = Infinity;
    if (this.#timer === undefined || this.#isTidying) return;
    if (typeof this.#timer === "number" && !isDeno()) return this.end();
    // Not at once: whoever reads chunk after chunk begins the next wait before anything else has its turn.
    this.#isTidying = true;
    setImmediate(() => {
      this.#isTidying = false;
      if (this.#at === Infinity && this.#timer !== undefined) this.#hold(false);
    });
  }

  /** The last wait is over. */
  end(): void {
    this.#at = Infinity;
    clearTimeout(this.#timer as number | undefined);
    this.#timer = undefined;
  }

  #schedule(milliseconds: number): void {
    this.#keepsAlive = true;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const left = this.#at - performance.now();
      if (left === Infinity) return;
      if (left > 0) return this.#schedule(left);
      this.#at = Infinity;
      this.#expire();
    }, milliseconds) as Timer;
  }

  /** Says whether the timer keeps the process alive. */
  #hold(keepsAlive: boolean): void {
    this.#keepsAlive = keepsAlive;
    const timer = this.#timer!;
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
