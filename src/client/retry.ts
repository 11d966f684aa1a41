import { CredentialsTimeout } from "../credentials/time_limit.ts";
import { ConnectionError, type StorageError, TimeoutError } from "../errors.ts";
import type { S3Request } from "./request.ts";

/** Bounds of the random wait before a retry, in milliseconds, as in the AWS SDKs. */
export const INITIAL_MILLISECONDS = 100;
export const THROTTLED_INITIAL_MILLISECONDS = 500;
export const MAX_MILLISECONDS = 20_000;

/** The longest pause, in milliseconds, that a service may request with Retry-After. */
export const MAX_RETRY_AFTER_MILLISECONDS = 60_000;

/**
 * The retry budget, as in the AWS SDKs: 100 retries, earned back by 500 successes. It protects an overloaded service from
 * a storm of retries.
 */
export const BUDGET_TOKENS = 500;
export const TOKENS_PER_RETRY = 5;

/** The attempts at one request, or at all requests for one body. */
export interface RetryState {
  /** Consecutive failures. */
  failed: number;
  /** Tokens of the budget that were spent. */
  spent: number;
}

/** S3 codes of requests that the service rejected before it began. */
const REJECTED_CODES =
  /^(OperationAborted|ConditionalRequestConflict|RequestTimeout|ServiceUnavailable|SlowDown|Throttling(Exception)?|RequestLimitExceeded|TooManyRequests)$/;

/** S3 codes of other transient failures, whatever their status; damaged bodies were damaged in transit. */
const TRANSIENT_CODES = /^(InternalError|BadDigest|XAmzContentSHA256Mismatch)$/;

/** Whether a failed request may be retried. */
export function isRetryable(error: StorageError, { repeatable }: Partial<S3Request>): boolean {
  return isTransient(error) && (repeatable !== false || isRejection(error));
}

/** Whether a failure is temporary, so that a retry may succeed. */
export function isTransient(error: StorageError): boolean {
  if (error instanceof ConnectionError || error instanceof TimeoutError) return !(error instanceof CredentialsTimeout);
  if (TRANSIENT_CODES.test(error.s3Code ?? "") || REJECTED_CODES.test(error.s3Code ?? "")) return true;
  const status = error.status ?? 0;
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

/** Whether the service certainly did not act on the request. */
function isRejection(error: StorageError): boolean {
  if (error.status === 200) return true; // its document reports the failure
  if (error.s3Code !== undefined) return REJECTED_CODES.test(error.s3Code);
  return error.status === 429 || error.status === 503;
}
