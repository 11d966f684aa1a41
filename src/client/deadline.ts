import { ConnectionError, StorageError, TimeoutError } from "../errors.ts";
import { anySignal } from "../kit/any_signal.ts";
import { unlessAborted } from "../kit/unless_aborted.ts";
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
 * runtimes throw told as ours.
 *
 * @throws {TimeoutError} If it took too long.
 * @throws {ConnectionError} If the network failed.
 */
export async function underDeadline<T>(step: NetworkStep, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { request, host, seconds, attempts } = step;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), seconds * 1000);
  const signal = anySignal(request.signal, deadline.signal);
  try {
    return await unlessAborted(signal, () => work(signal));
  } catch (cause) {
    if (request.signal?.aborted) throw request.signal.reason;
    const { operation, bucket, key } = request;
    const details = { cause, operation, bucket, key, attempts };
    if (deadline.signal.aborted) {
      throw new TimeoutError(`${operation} got no answer within ${Number(seconds.toFixed(2))} seconds`, details);
    }
    // fetch has but one class for every failure of the network; what the work throws on purpose is an error of ours.
    if (!isNetworkFailure(cause)) throw cause;
    throw new ConnectionError(`${operation} could not reach ${host}: ${innermost(cause).message}`, details);
  } finally {
    clearTimeout(timer);
  }
}

/** What runtimes throw when the network fails: TypeError, except for Bun and workerd, which throw plain errors. */
function isNetworkFailure(error: unknown): error is Error {
  return error instanceof Error && (error instanceof TypeError || error.constructor === Error || "code" in error) &&
    !(error instanceof StorageError);
}

/** Runtimes wrap what the network said, more than once, in errors that say no more than that fetch failed. */
function innermost(error: Error): Error {
  let inner = error;
  for (let depth = 0; depth < 5 && inner.cause instanceof Error; depth++) inner = inner.cause;
  return inner;
}
