import { ConfigurationError } from "../errors.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkCredentials, type Credentials } from "../aws/credentials.ts";

/** Larger numbers are milliseconds: this is the year 5138 in seconds, and 1973 in milliseconds. */
const MAX_SECONDS = 1e11;

/** A time with its zone (RFC 3339), as AWS writes them. Without a zone it would be a local time. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;

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

/**
 * Reads the expiration of credentials: a Date, a text with a time zone, or seconds or milliseconds since 1970.
 *
 * @returns `undefined` if there is none: the credentials do not expire.
 * @throws {ConfigurationError} If it has another form.
 */
export function readExpiration(value: unknown): Date | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const date = new Date(value instanceof Date ? value : milliseconds(value));
  if (!Number.isNaN(date.getTime())) return date;
  throw new ConfigurationError(
    `The expiration of credentials must be a Date, a time such as "2030-01-31T12:00:00Z", or seconds or milliseconds ` +
      `since 1970, got ${value instanceof Date ? "an invalid Date" : formatValue(value)}`,
  );
}

function milliseconds(value: unknown): number {
  if (typeof value === "string") return TIMESTAMP.test(value) ? Date.parse(value.replace(" ", "T")) : NaN;
  if (typeof value !== "number" || value <= 0) return NaN;
  return value < MAX_SECONDS ? value * 1000 : value;
}
