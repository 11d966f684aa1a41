import { ConnectionError, StorageError, TimeoutError } from "../errors.ts";
import { innermost } from "../kit/async/innermost.ts";
import { setDeadline } from "../runtime/deadlines.ts";
import type { S3Request } from "./request.ts";

/** A step of a request that waits for the network. */
export interface NetworkStep {
  readonly request: S3Request;
  /** Whom it waits for, for errors. */
  readonly host: string;
  /** How long it waits at the most. */
  readonly seconds: number;
  /** Which try of the request it is, from 1 on. */
  readonly attempts?: number;
}

/**
 * Does what waits for the network: not longer than it may, not beyond the caller's signal, and with the failures that
 * runtimes throw told as ours. Whoever does the work may not mind the signal, or have nothing to say for a long time.
 *
 * @param stop Is aborted when it took too long.
 * @throws {TimeoutError} If it took too long.
 * @throws {ConnectionError} If the network failed.
 */
export function underDeadline<T>(step: NetworkStep, stop: AbortController, work: () => Promise<T>): Promise<T> {
  const { signal } = step.request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const settle = (): void => {
      callOff();
      signal?.removeEventListener("abort", giveUp);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    const giveUp = (): void => fail(signal!.reason);
    const callOff = setDeadline(step.seconds, () => {
      stop.abort();
      fail(timeoutOf(step, stop.signal.reason));
    });
    signal?.addEventListener("abort", giveUp);
    work().then((result) => {
      settle();
      resolve(result);
    }, (cause) => {
      if (signal?.aborted) return giveUp();
      fail(failureOf(step, cause));
    });
  });
}

/** What to say of an answer that did not come in time. */
export function timeoutOf(
  { request: { operation, bucket, key }, seconds, attempts }: NetworkStep,
  cause: unknown,
): Error {
  const details = { cause, operation, bucket, key, attempts };
  return new TimeoutError(`${operation} got no answer within ${Number(seconds.toFixed(2))} seconds`, details);
}

/** The error of ours for what a step failed with. */
export function failureOf(
  { request: { operation, bucket, key }, host, attempts }: NetworkStep,
  cause: unknown,
): unknown {
  // fetch has but one class for every failure of the network; what the work throws on purpose is an error of ours.
  if (!isNetworkFailure(cause)) return cause;
  const details = { cause, operation, bucket, key, attempts };
  return new ConnectionError(`${operation} could not reach ${host}: ${innermost(cause).message}`, details);
}

/** What runtimes throw when the network fails: TypeError, except for Bun and workerd, which throw plain errors. */
function isNetworkFailure(error: unknown): error is Error {
  return error instanceof Error && (error instanceof TypeError || error.constructor === Error || "code" in error) &&
    !(error instanceof StorageError);
}
