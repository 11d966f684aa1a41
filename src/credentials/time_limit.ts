import { TimeoutError } from "../errors.ts";
import type { RefreshableProvider } from "../aws/credentials.ts";
import { setDeadline } from "../runtime/deadlines.ts";

/** A source of credentials did not answer in time. The request is not retried, as its next attempt would wait as long. */
export class CredentialsTimeout extends TimeoutError {}

/**
 * Returns the result of the work, or that of `late` once the time is over, even if the work never settles. Its timer
 * keeps the process alive: Node would end it with exit code 13 while it waits for nothing but a promise.
 */
export function settledWithin<T>(seconds: number, work: Promise<T>, late: () => T | Promise<T>): Promise<T> {
  if (seconds === Infinity) return work;
  return new Promise((resolve, reject) => {
    const cancel = setDeadline(seconds, () => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    });
    work.then(resolve, reject).finally(cancel);
  });
}

/**
 * Waits for credentials, but not longer than the limit.
 *
 * @param provider Their provider, which the error names.
 * @throws {CredentialsTimeout} If they did not come in time.
 */
export function credentialsInTime<T>(seconds: number, provided: Promise<T>, provider: RefreshableProvider): Promise<T> {
  return settledWithin(seconds, provided, () => {
    const source = provider.source?.() ?? "the option credentials";
    throw new CredentialsTimeout(
      `Cannot get credentials: ${source} did not answer within ${seconds} s (clientConfig.credentialsTimeout)`,
    );
  });
}
