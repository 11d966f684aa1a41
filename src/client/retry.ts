import { ConnectionError, type StorageError, TimeoutError } from "../errors.ts";
import type { S3Request } from "./request.ts";

/** Bounds of the random wait before a retry, in milliseconds; those of the AWS SDKs. */
export const INITIAL_MILLISECONDS = 100;
export const THROTTLED_INITIAL_MILLISECONDS = 500;
export const MAX_MILLISECONDS = 20_000;

/** A service that asks for a longer pause than this, in milliseconds, is not waited for. */
export const MAX_RETRY_AFTER_MILLISECONDS = 60_000;

/**
 * The retry budget, with the AWS SDKs' figures: a hundred retries, earned back by five hundred successes. It keeps a
 * service in trouble from being hit by a storm of retries.
 */
export const BUDGET_TOKENS = 500;
export const TOKENS_PER_RETRY = 5;

/** The tries of one request, or of all the requests that fetch one body. */
export interface RetryState {
  /** Failed ones in a row. */
  failed: number;
  /** Tokens of the budget that were spent on them. */
  spent: number;
}

/** S3 codes that say that the service did not even begin. */
const REFUSED_CODES =
  /^(OperationAborted|ConditionalRequestConflict|RequestTimeout|ServiceUnavailable|SlowDown|Throttling(Exception)?|RequestLimitExceeded|TooManyRequests)$/;

/** S3 codes of other failures that pass, whatever their status; damaged bodies were damaged on their way. */
const PASSING_CODES = /^(InternalError|BadDigest|XAmzContentSHA256Mismatch)$/;

/** Whether a failed request may, and is worth to, be sent again. */
export function isRetryable(error: StorageError, { repeatable }: Partial<S3Request>): boolean {
  return isPassing(error) && (repeatable !== false || isRefusal(error));
}

/** Whether a failure may be gone a moment later. */
export function isPassing(error: StorageError): boolean {
  if (error instanceof ConnectionError || error instanceof TimeoutError) return true;
  if (PASSING_CODES.test(error.s3Code ?? "") || REFUSED_CODES.test(error.s3Code ?? "")) return true;
  const status = error.status ?? 0;
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

/** Whether the service certainly did not act on the request. */
function isRefusal(error: StorageError): boolean {
  if (error.status === 200) return true; // it says itself, in a document, that it failed
  if (error.s3Code !== undefined) return REFUSED_CODES.test(error.s3Code);
  return error.status === 429 || error.status === 503;
}
