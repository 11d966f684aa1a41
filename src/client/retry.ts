import { ConnectionError, type StorageError, TimeoutError } from "../errors.ts";

/**
 * The retry budget, as in the AWS SDKs: 100 retries, earned back by 500 successes. It protects an overloaded service from
 * a storm of retries. Failures of the network do not spend it: no request of them reached a service that works.
 */
export const BUDGET_TOKENS = 500;
export const TOKENS_PER_RETRY = 5;

/** The attempts at one request, or at all requests for one body. */
export interface RetryState {
  /** Consecutive failures. */
  failed: number;
  /** Those of them that a server answered. */
  answered: number;
  /** When the first of them happened, on the clock of `performance.now`. */
  since: number;
  /** Failures of the network since the request began, or since the body last delivered enough bytes. */
  breaks: number;
  /** Tokens of the budget that were spent. */
  spent: number;
}

/** The state before the first failure. */
export function noFailures(): RetryState {
  return { failed: 0, answered: 0, since: 0, breaks: 0, spent: 0 };
}

/** The S3 code of a conditional write that met another write of the object in progress. */
export const CONFLICT = "ConditionalRequestConflict";

/** S3 codes of requests that the service rejected before it began. */
export const REJECTED_CODES =
  /^(OperationAborted|ConditionalRequestConflict|RequestTimeout|ServiceUnavailable|SlowDown|Throttling(Exception)?|RequestLimitExceeded|TooManyRequests)$/;

/** S3 codes of other transient failures, whatever their status; damaged bodies were damaged in transit. */
const TRANSIENT_CODES = /^(InternalError|BadDigest|XAmzContentSHA256Mismatch)$/;

/** Whether a failure is temporary, so that a retry may succeed. */
export function isTransient(error: StorageError): boolean {
  if (error instanceof ConnectionError || error instanceof TimeoutError) return true;
  if (TRANSIENT_CODES.test(error.s3Code ?? "") || REJECTED_CODES.test(error.s3Code ?? "")) return true;
  // The response of a captive portal or a proxy says nothing of the service.
  if (error.status === undefined && error.response !== undefined) return true;
  const status = error.status ?? 0;
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}
