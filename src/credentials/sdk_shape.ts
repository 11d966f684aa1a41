import { ConfigurationError } from "../errors.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkCredentials, type Credentials } from "../aws/credentials.ts";

/** Beyond it a number counts milliseconds: as seconds it is in the year 5138, as milliseconds in 1973. */
const MOST_SECONDS = 1e11;

/** A time with its zone (RFC 3339), as AWS writes them: without a zone it would mean another time on each machine. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;

/** The copy of each object that was given. */
const copies = new WeakMap<Credentials, Credentials>();

/**
 * What somebody's function gave, as a frozen copy: the same one for the same object, until that is changed. What is derived
 * from credentials is kept with the object, and a function may put new keys into the one it has.
 *
 * @throws {ConfigurationError} If it is no such thing. The message does not show it.
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

/** Whether they are the same in all parts. */
export function isSame(one: Credentials, other: Credentials): boolean {
  return one.accessKeyId === other.accessKeyId && one.secretAccessKey === other.secretAccessKey &&
    one.sessionToken === other.sessionToken && one.expiration?.getTime() === other.expiration?.getTime();
}

/**
 * When credentials expire: a Date, a text with a time zone, or seconds or milliseconds since 1970.
 *
 * @returns `undefined` for what is not there: such credentials last.
 * @throws {ConfigurationError} If it is none of these.
 */
export function readExpiration(value: unknown): Date | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const date = new Date(value instanceof Date ? value : milliseconds(value));
  if (!Number.isNaN(date.getTime())) return date;
  throw new ConfigurationError(
    `The expiration of credentials must be a Date, a time such as "2030-01-31T12:00:00Z", or seconds or milliseconds ` +
      `since 1970: current value is ${value instanceof Date ? "an invalid Date" : formatValue(value)}`,
  );
}

function milliseconds(value: unknown): number {
  if (typeof value === "string") return TIMESTAMP.test(value) ? Date.parse(value.replace(" ", "T")) : NaN;
  if (typeof value !== "number" || value <= 0) return NaN;
  return value < MOST_SECONDS ? value * 1000 : value;
}
