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
  /** Those of them that are limited by their number. */
  counted: number;
  /** When the first of them happened, on the clock of `performance.now`. */
  since: number;
  /** Failures of the network since the request began, or since the body last delivered enough bytes. */
  breaks: number;
  /** Tokens of the budget that were spent. */
  spent: number;
}

/** The state before the first failure. */
export function noFailures(): RetryState {
  return { failed: 0, counted: 0, since: 0, breaks: 0, spent: 0 };
}
