/** What happens between two attempts at a request. Loaded on demand: most requests succeed the first time. */
import { StorageError, ThrottledError } from "../../errors.ts";
import { fullJitter, retryAfterMilliseconds, sleep } from "../../kit/async/backoff.ts";
import type { Settings } from "../../settings/resolve.ts";
import { endOfCall, WaitTimeout } from "../flow/wait_limit.ts";
import type { S3Request } from "../request.ts";
import { BUDGET_TOKENS, type RetryState, TOKENS_PER_RETRY } from "../retry.ts";
import { isAmbiguous, isCertificateRefused, isOutage, isUnsent } from "./network_failure.ts";
import { CONFLICT, isTransient, REJECTED_CODES } from "./transient.ts";

/** The longest pause, in milliseconds, that a service may request with Retry-After. */
const MAX_RETRY_AFTER_MILLISECONDS = 60_000;

/** The first wait after a request to slow down, as a multiple of the usual one, as in the AWS SDKs. */
const THROTTLED_FACTOR = 5;

/** The most retries after failures of the network without progress worth a request; as many as the budget allows. */
const MAX_BREAKS = BUDGET_TOKENS / TOKENS_PER_RETRY;

/** The most retries in a second after 503 of a gateway, of all requests to a service together. */
const AMBIGUOUS_RETRIES_PER_SECOND = 20;

/** The limits that the requests to a service share. */
export interface RetryBudget {
  retryTokens: number;
  /** When the next retry after 503 of a gateway may be sent, on the clock of `performance.now`. */
  ambiguousRetryAt?: number;
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
  if (error instanceof WaitTimeout) return false;
  return isTransient(error) && !isCertificateRefused(error) &&
    (repeatable !== false || isUnsent(error) || isRejection(error));
}

/**
 * Whether the service certainly did not act on the request: S3 says so, or a gateway that limits requests. That happens before
 * a request is passed on, and 429 has no other meaning (RFC 6585). A gateway also sends 503 if the connection to the server
 * broke after the request was passed on: "upstream connect error" of Envoy, with "reset reason: connection termination".
 */
function isRejection({ status, s3Code }: StorageError): boolean {
  if (status === 200) return true; // its document reports the failure
  return s3Code === undefined ? status === 429 : REJECTED_CODES.test(s3Code);
}

/**
 * Counts a failed attempt and waits before the next one; throws the failure if there may be no other attempt.
 *
 * Failures of an outage are limited by time: a server that is away for some seconds should not fail a request. After 503 of a
 * gateway, which may only be throttling, all requests together are also limited to a rate. Other failures are limited by their
 * number, and by the budget. The random waits spread the requests that failed together.
 *
 * @param now The time, for the dates in Retry-After.
 */
export async function pauseBeforeRetry(
  settings: Settings,
  budget: RetryBudget,
  now: Date,
  { error, request, retries, startedAt }: FailedAttempt,
): Promise<void> {
  if (!(error instanceof StorageError) || !isRetryable(error, request)) throw error;
  if (request.unsentSignal?.aborted) throw error;
  const at = performance.now();
  if (retries.failed++ === 0) {
    retries.since = at;
    retries.counted = 0;
  }
  const { clientConfig } = settings;
  const { maxAttempts, maxNetworkAttempts, retryTimeout } = clientConfig;
  const isCounted = !isOutage(error);
  if (isCounted) retries.counted++;
  else retries.breaks++;
  const { failed, counted, breaks, since } = retries;
  if (isCounted ? counted >= maxAttempts : failed - counted >= maxNetworkAttempts) throw error;
  if (failed >= Math.max(maxAttempts, maxNetworkAttempts)) throw error;
  if (isCounted ? budget.retryTokens < TOKENS_PER_RETRY : breaks > Math.max(MAX_BREAKS, maxNetworkAttempts)) {
    throw error;
  }
  const turn = isAmbiguous(error) ? Math.max(at, budget.ambiguousRetryAt ?? 0) : at;
  const pause = Math.max(turn - at, pauseBefore(clientConfig, failed, error, now));
  if (at + pause > since + retryTimeout * 1000) throw error;
  if (startedAt !== undefined && at + pause >= endOfCall(startedAt, settings, request)) throw error;
  if (isAmbiguous(error)) budget.ambiguousRetryAt = turn + 1000 / AMBIGUOUS_RETRIES_PER_SECOND;
  if (isCounted) {
    budget.retryTokens -= TOKENS_PER_RETRY;
    retries.spent += TOKENS_PER_RETRY;
  }
  await sleep(pause, request.unsentSignal ?? request.signal);
}

/** The time to wait in milliseconds; infinite if the service requests too long a pause. */
function pauseBefore(
  { initialBackoff, maxBackoff }: Settings["clientConfig"],
  failed: number,
  error: StorageError,
  now: Date,
): number {
  const initial = initialBackoff * (error instanceof ThrottledError ? THROTTLED_FACTOR : 1);
  const jitter = fullJitter(failed - 1, initial * 1000, maxBackoff * 1000);
  const requested = retryAfterMilliseconds(error.response?.headers.get("retry-after") ?? null, now) ?? 0;
  return requested > MAX_RETRY_AFTER_MILLISECONDS ? Infinity : Math.max(requested, jitter);
}
