import { TimeoutError } from "../../errors.ts";
import { abortWith } from "../../kit/async/on_abort.ts";
import { timerDelay } from "../../kit/async/timer_delay.ts";
import type { Settings } from "../../settings/resolve.ts";
import { bodySize, MIN_BYTES_PER_SECOND, type S3Request } from "../request.ts";

/** A limit of the client delayed a request until its call had no time left. It is not retried: the call is over. */
export class WaitTimeout extends TimeoutError {}

/** The least bytes per second at which a body makes progress: those of a usable line, or the limit of its storage. */
export function leastRate({ transferConfig: { maxBandwidth = Infinity } }: Settings): number {
  return Math.min(MIN_BYTES_PER_SECOND, maxBandwidth);
}

/** When a call ends, on the clock of `performance.now`: after `callTimeout`, and the time to send its body. */
export function endOfCall(startedAt: number, settings: Settings, request: Partial<S3Request>): number {
  return startedAt + (settings.clientConfig.callTimeout + bodySize(request) / leastRate(settings)) * 1000;
}

/**
 * Waits for a limit of the client, but not after the end of the call.
 *
 * @param limit What the request waits for, for the error.
 * @param end On the clock of `performance.now`.
 * @param wait Its signal is aborted with that of the call, and at the end.
 * @throws {WaitTimeout} At the end of the call.
 */
export async function waitInTime(
  { operation, bucket, key, signal, unsentSignal = signal }: S3Request,
  limit: string,
  end: number,
  wait: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const unlink = abortWith(stop, unsentSignal);
  const message = `${operation} failed: it waited for ${limit} until callTimeout was over`;
  const expire = (): void => stop.abort(new WaitTimeout(message, { operation, bucket, key }));
  const timer = setTimeout(expire, timerDelay(end - performance.now()));
  try {
    await wait(stop.signal);
  } finally {
    clearTimeout(timer);
    unlink();
  }
}
