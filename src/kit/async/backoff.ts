import { onAbort } from "./on_abort.ts";
import { timerDelay } from "./timer_delay.ts";

/**
 * Returns a random wait between 0 and an exponentially growing bound ("full jitter"), so that clients that failed together
 * do not retry together.
 *
 * @param retry 0 for the wait before the first retry.
 * @param initial The bound of the first wait, in milliseconds.
 * @param most The upper limit of the bound, in milliseconds.
 * @returns Milliseconds.
 */
export function fullJitter(retry: number, initial: number, most: number, random = Math.random): number {
  return random() * Math.min(most, initial * 2 ** retry);
}

/**
 * Reads a Retry-After header (RFC 9110, section 10.2.3): seconds or a date.
 *
 * @returns Milliseconds from `now`, or `undefined` if the header is missing or malformed.
 */
export function retryAfterMilliseconds(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}

/** Waits for the given time; rejects with the signal's reason as soon as it is aborted. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      forget?.();
      resolve();
    }, timerDelay(milliseconds));
    const forget = signal && onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
