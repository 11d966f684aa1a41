import { checkCredentials, type Credentials } from "../aws/credentials.ts";
import { readExpiration } from "./expiration.ts";

/** The frozen copy of each object. */
const copies = new WeakMap<Credentials, Credentials>();

/**
 * Checks the result of a credential function and returns a frozen copy: the same copy for the same object, until the
 * object changes. Signing keys are cached by object, and a function may put new keys into its old object.
 *
 * @throws {ConfigurationError} If it is malformed. The message does not show it.
 */
export function readCredentials(given: unknown): Credentials {
  const credentials = checkCredentials(given as Credentials);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const expiration = readExpiration(credentials.expiration);
  const before = copies.get(credentials);
  const copy = Object.freeze({ accessKeyId, secretAccessKey, sessionToken, expiration });
  if (before !== undefined && isSame(before, copy)) return before;
  copies.set(credentials, copy);
  return copy;
}

/** Whether all parts of two credentials are equal. */
export function isSame(one: Credentials, other: Credentials): boolean {
  return one.accessKeyId === other.accessKeyId && one.secretAccessKey === other.secretAccessKey &&
    one.sessionToken === other.sessionToken && one.expiration?.getTime() === other.expiration?.getTime();
}
