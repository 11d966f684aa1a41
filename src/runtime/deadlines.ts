/** What is done if it is not called off in time. */
interface Deadline {
  /** On the clock of `performance.now`. */
  readonly at: number;
  readonly expire: () => void;
}

/** All that wait. Most wait equally long, so that the first one in is the first to end. */
const waiting = new Set<Deadline>();
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
  const deadline = { at: performance.now() + milliseconds, expire };
  waiting.add(deadline);
  if (deadline.at < timerEndsAt) schedule(deadline.at);
  return () => {
    waiting.delete(deadline);
    if (waiting.size > 0) return;
    clearTimeout(timer);
    timerEndsAt = Infinity;
  };
}

function schedule(at: number): void {
  clearTimeout(timer);
  timerEndsAt = at;
  timer = setTimeout(expireAll, at - performance.now());
}

function expireAll(): void {
  timerEndsAt = Infinity;
  const now = performance.now();
  let next = Infinity;
  for (const deadline of waiting) {
    if (deadline.at > now) {
      next = Math.min(next, deadline.at);
      continue;
    }
    waiting.delete(deadline);
    deadline.expire();
  }
  if (next < timerEndsAt) schedule(next);
}
