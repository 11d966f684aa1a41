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

/** A longer time a timer takes for none; that of 24 days has no other end here. */
const LONGEST_MILLISECONDS = 2 ** 31 - 1;

/**
 * Does something after so many seconds, unless it is called off by then.
 *
 * On Deno, one timer serves all that wait: to set and to clear one takes a tenth of the time of a small request there. On
 * other runtimes timers cost next to nothing, and on Cloudflare's they end with the event they were set in.
 *
 * @returns What calls it off. Where nothing waits any more, no timer is left.
 */
export function setDeadline(seconds: number, expire: () => void): () => void {
  const milliseconds = Math.min(seconds * 1000, LONGEST_MILLISECONDS);
  if (!("Deno" in globalThis)) {
    const own = setTimeout(expire, milliseconds);
    return () => clearTimeout(own);
  }
  const deadline = { at: performance.now() + milliseconds, expire, index: waiting.length };
  waiting.push(deadline);
  if (deadline.at < timerEndsAt) schedule(deadline.at);
  return () => callOff(deadline);
}

function callOff(deadline: Deadline): void {
  const { index } = deadline;
  if (waiting[index] !== deadline) return;
  const last = waiting.pop()!;
  if (last !== deadline) {
    waiting[index] = last;
    last.index = index;
  }
  if (waiting.length > 0) return;
  clearTimeout(timer);
  timerEndsAt = Infinity;
}

function schedule(at: number): void {
  clearTimeout(timer);
  timerEndsAt = at;
  timer = setTimeout(expireAll, at - performance.now());
}

function expireAll(): void {
  timerEndsAt = Infinity;
  const now = performance.now();
  for (const deadline of waiting.toSorted((one, other) => one.at - other.at)) {
    if (deadline.at > now) {
      if (deadline.at < timerEndsAt) schedule(deadline.at);
      return;
    }
    callOff(deadline);
    deadline.expire();
  }
}
