import { timerDelay } from "../kit/async/timer_delay.ts";
import { denoApi } from "./detect.ts";

/** A timer is an object on Node and Bun, and a number on other runtimes. */
type Timer = number | { unref(): void };

/**
 * Calls a function after the given time, if the process still runs: it does not wait for this timer.
 *
 * @returns Clears the timer.
 */
export function setBackgroundTimer(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, timerDelay(milliseconds));
  const own = timer as Timer;
  if (typeof own === "object") own.unref();
  else denoApi<{ unrefTimer(timer: number): void }>()?.unrefTimer(own);
  return () => clearTimeout(timer);
}
