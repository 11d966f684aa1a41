import { TimeoutError } from "../errors.ts";
import type { RefreshableProvider } from "../aws/credentials.ts";
import { settledWithin } from "../runtime/deadlines.ts";

/** A source of credentials did not answer in time. The request is not retried, as its next attempt would wait as long. */
export class CredentialsTimeout extends TimeoutError {}

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
