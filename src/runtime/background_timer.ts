import { denoApi } from "./detect.ts";

/**
 * Calls a function again and again, without keeping the process alive.
 *
 * @param seconds The time between two calls.
 * @returns Ends the calls.
 */
export function repeatInBackground(seconds: number, run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const schedule = (): void => {
    timer = setTimeout(() => {
      schedule();
      run();
    }, seconds * 1000);
    // A timer is an object on Node and Bun, and a number on Deno.
    if (typeof timer === "object") (timer as { unref(): void }).unref();
    else denoApi<{ unrefTimer(id: number): void }>()?.unrefTimer(timer);
  };
  schedule();
  return () => clearTimeout(timer);
}
