import { timerDelay } from "../kit/async/timer_delay.ts";
import { denoApi } from "./detect.ts";

/**
 * Calls a function after the given time, if the process still runs: it does not wait for this timer.
 *
 * @returns Clears the timer.
 */
export function setBackgroundTimer(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, timerDelay(milliseconds)) as number | { unref(): void };
  // A timer is an object on Node and Bun, and a number on Deno.
  if (typeof timer === "object") timer.unref();
  else denoApi<{ unrefTimer(timer: number): void }>()?.unrefTimer(timer);
  return () => clearTimeout(timer as number);
}

/**
 * Calls a function again and again, without keeping the process alive.
 *
 * @param seconds The time between two calls.
 * @returns Ends the calls.
 */
export function repeatInBackground(seconds: number, run: () => void): () => void {
  let clear: () => void;
  const schedule = (): void => {
    clear = setBackgroundTimer(seconds * 1000, () => {
      schedule();
      run();
    });
  };
  schedule();
  return () => clear();
}
