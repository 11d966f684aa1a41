/** 24 days, which are as good as no limit. */
const MAX_MILLISECONDS = 2 ** 31 - 1;

/**
 * Limits a time to what timers accept. They replace longer times and negative ones with 1 ms, and Deno and Node warn of that.
 *
 * Each delay that a program computes needs this: a time that was left may be over, and an option may be `Infinity`.
 */
export function timerDelay(milliseconds: number): number {
  return milliseconds > 0 ? Math.min(milliseconds, MAX_MILLISECONDS) : 0;
}
