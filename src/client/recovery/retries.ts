/** What happens between two attempts at a request. Loaded on demand: most requests succeed the first time. */
import { StorageError, ThrottledError } from "../../errors.ts";
import { fullJitter, retryAfterMilliseconds, sleep } from "../../kit/async/backoff.ts";
import type { Settings } from "../../settings/resolve.ts";
import { bodySeconds, type S3Request } from "../request.ts";
import { BUDGET_TOKENS, type RetryState, TOKENS_PER_RETRY } from "../retry.ts";
import { isUnanswered, isUnsent } from "./network_failure.ts";
import { CONFLICT, isTransient, REJECTED_CODES } from "./transient.ts";

/** The longest pause, in milliseconds, that a service may request with Retry-After. */
const MAX_RETRY_AFTER_MILLISECONDS = 60_000;

/** The first wait after a request to slow down, as a multiple of the usual one, as in the AWS SDKs. */
const THROTTLED_FACTOR = 5;

/** The most retries after failures of the network without progress worth a request; as many as the budget allows. */
const MAX_BREAKS = BUDGET_TOKENS / TOKENS_PER_RETRY;

/** The budget that the requests to a service share. */
export interface RetryBudget {
  retryTokens: number;
}

/** A failed attempt. */
export interface FailedAttempt {
  readonly error: unknown;
  readonly request: Partial<S3Request>;
  readonly retries: RetryState;
  /** When the first attempt began, on the clock of `performance.now`; `undefined` if no call is waiting for it. */
  readonly startedAt?: number | undefined;
}

/** Whether a failed request may be retried. */
export function isRetryable(error: StorageError, { repeatable, operation }: Partial<S3Request>): boolean {
  // S3 has ended the upload. Source: the S3 API reference, CompleteMultipartUpload.
  if (error.s3Code === CONFLICT && operation === "CompleteMultipartUpload") return false;
  return isTransient(error) && (repeatable !== false || isUnsent(error) || isRejection(error));
}

/** Whether the service certainly did not act on the request. */
function isRejection(error: StorageError): boolean {
  if (error.status === 200) return true; // its document reports the failure
  if (error.s3Code !== undefined) return REJECTED_CODES.test(error.s3Code);
  return error.status === 429 || error.status === 503;
}

/**
 * Counts a failed attempt and waits before the next one; throws the failure if there may be no other attempt.
 *
 * Attempts that no server answered are limited by time: a server that is away for some seconds should not fail a request.
 * Those that a server answered are limited by their number, and by the budget. The random waits spread the requests that
 * failed together.
 *
 * @param now The time, for the dates in Retry-After.
 */
export async function pauseBeforeRetry(
  { clientConfig }: Settings,
  budget: RetryBudget,
  now: Date,
  { error, request, retries, startedAt }: FailedAttempt,
): Promise<void> {
  if (!(error instanceof StorageError) || !isRetryable(error, request)) throw error;
  if (request.unsentSignal?.aborted) throw error;
  const at = performance.now();
  if (retries.failed++ === 0) {
    retries.since = at;
    retries.answered = 0;
  }
  const { maxAttempts, maxNetworkAttempts, retryTimeout, callTimeout } = clientConfig;
  const isAnswered = !isUnanswered(error);
  if (isAnswered) retries.answered++;
  else retries.breaks++;
  const { failed, answered, breaks, since } = retries;
  if (isAnswered ? answered >= maxAttempts : failed - answered >= maxNetworkAttempts) throw error;
  if (failed >= Math.max(maxAttempts, maxNetworkAttempts)) throw error;
  if (isAnswered ? budget.retryTokens < TOKENS_PER_RETRY : breaks > Math.max(MAX_BREAKS, maxNetworkAttempts)) {
    throw error;
  }
  const pause = pauseBefore(clientConfig, failed, error, now);
  if (pause === undefined || at + pause > since + retryTimeout * 1000) throw error;
  if (startedAt !== undefined && at + pause >= startedAt + (callTimeout + bodySeconds(request)) * 1000) throw error;
  if (isAnswered) {
    budget.retryTokens -= TOKENS_PER_RETRY;
    retries.spent += TOKENS_PER_RETRY;
  }
  await sleep(pause, request.unsentSignal ?? request.signal);
}

/** The time to wait in milliseconds; `undefined` if the service requests too long a pause. */
function pauseBefore(
  { initialBackoff, maxBackoff }: Settings["clientConfig"],
  failed: number,
  error: StorageError,
  now: Date,
): number | undefined {
  const initial = initialBackoff * (error instanceof ThrottledError ? THROTTLED_FACTOR : 1);
  const jitter = fullJitter(failed - 1, initial * 1000, maxBackoff * 1000);
  const requested = retryAfterMilliseconds(error.response?.headers.get("retry-after") ?? null, now) ?? 0;
  return requested > MAX_RETRY_AFTER_MILLISECONDS ? undefined : Math.max(requested, jitter);
}
