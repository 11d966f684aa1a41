import { ConnectionError, StorageError, TimeoutError } from "../errors.ts";
import { onAbort } from "../kit/async/on_abort.ts";
import { innermost } from "../kit/async/innermost.ts";
import { setDeadline } from "../runtime/deadlines.ts";
import type { S3Request } from "./request.ts";

/** A step of a request that waits for the network. */
export interface NetworkStep {
  readonly request: S3Request;
  /** The host, for errors. */
  readonly host: string;
  /** Whether the request is sent without TLS. @default false */
  readonly isPlain?: boolean;
  /** The timeout. */
  readonly seconds: number;
  /** The limit of the whole call, if it is the reason for the timeout. */
  readonly total?: number | undefined;
  /** What does not arrive if the time is over. @default {"response"} */
  readonly awaited?: string;
  /** The number of this attempt at the request, from 1 on. */
  readonly attempts?: number;
  /** The seconds by which the timeout is extended once it is over. */
  readonly secondsLeft?: (() => number) | undefined;
}

/**
 * Runs work that waits for the network, with a timeout and until the caller's signal is aborted, even if the work ignores
 * the signal. Network failures of the runtime become errors of this package.
 *
 * @param stop Aborted at the timeout, and with the signal.
 * @throws {TimeoutError} At the timeout.
 * @throws {ConnectionError} If the network failed.
 */
export function underDeadline<T>(step: NetworkStep, stop: AbortController, work: () => Promise<T>): Promise<T> {
  const { signal } = step.request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const settle = (): void => {
      cancelDeadline();
      unlisten?.();
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    const abort = (): void => {
      stop.abort(signal!.reason);
      fail(signal!.reason);
    };
    let { seconds } = step;
    const expire = (): void => {
      const left = step.secondsLeft?.() ?? 0;
      if (left > 0) {
        seconds += left;
        cancelDeadline = setDeadline(left, expire);
        return;
      }
      stop.abort();
      fail(timeoutOf({ ...step, seconds }, stop.signal.reason));
    };
    let cancelDeadline = setDeadline(seconds, expire);
    const unlisten = signal && onAbort(signal, abort);
    started(work).then((result) => {
      settle();
      resolve(result);
    }, (cause) => {
      if (signal?.aborted) return abort();
      const failure = failureOf(step, cause);
      if (failure === cause) return fail(cause);
      // Loaded on demand: most programs meet no such failure. If that fails too, the failure alone is thrown.
      import("./recovery/connection_advice.ts").then(
        ({ withAdvice }) => fail(withAdvice(failure as ConnectionError, innermost(cause), step.isPlain ?? false)),
        () => fail(failure),
      );
    });
  });
}

/** Starts the work. On Bun, reading a body throws before it returns a promise if the connection has failed meanwhile. */
function started<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** The error for a response that did not arrive in time. */
export function timeoutOf(
  { request: { operation, bucket, key }, seconds, total, awaited, attempts }: NetworkStep,
  cause: unknown,
): Error {
  const details = { cause, operation, bucket, key, attempts };
  const limit = total === undefined ? `${Number(seconds.toFixed(2))} s` : `callTimeout of ${total} s`;
  return new TimeoutError(`${operation} failed: no ${awaited ?? "response"} within ${limit}`, details);
}

/** Converts the failure of a step into an error of this package. */
export function failureOf(
  { request: { operation, bucket, key }, host, attempts }: NetworkStep,
  cause: unknown,
): unknown {
  // fetch has only one class for all network failures; errors that the work throws on purpose are ours already.
  if (!isNetworkFailure(cause)) return cause;
  const details = { cause, operation, bucket, key, attempts };
  return new ConnectionError(`${operation} failed: cannot reach ${host}: ${innermost(cause).message}`, details);
}

/** Whether the network failed: runtimes throw TypeError, except for Bun and workerd, which throw plain errors. */
function isNetworkFailure(error: unknown): error is Error {
  return error instanceof Error && (error instanceof TypeError || error.constructor === Error || "code" in error) &&
    !(error instanceof StorageError);
}
