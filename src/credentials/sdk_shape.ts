import { ConfigurationError } from "../errors.ts";
import { shown } from "../settings/checks.ts";
import { checkCredentials, type Credentials } from "./provider.ts";

/** Beyond it a number counts milliseconds: as seconds it is in the year 5138, as milliseconds in 1973. */
const MOST_SECONDS = 1e11;

/** A time with its zone (RFC 3339), as AWS writes them: without a zone it would mean another time on each machine. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;

/**
 * What somebody's function gave, as credentials: the same object, unless its expiration has to be understood first.
 *
 * @throws {ConfigurationError} If it is no such thing. The message does not show it.
 */
export function readCredentials(given: unknown): Credentials {
  const credentials = checkCredentials(given as Credentials);
  const expiration = readExpiration(credentials.expiration);
  return expiration === credentials.expiration ? credentials : Object.freeze({ ...credentials, expiration });
}

/**
 * When credentials expire: a Date, a text with a time zone, or seconds or milliseconds since 1970.
 *
 * @returns `undefined` for what is not there: such credentials last.
 * @throws {ConfigurationError} If it is none of these.
 */
export function readExpiration(value: unknown): Date | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const date = value instanceof Date ? value : new Date(milliseconds(value));
  if (!Number.isNaN(date.getTime())) return date;
  throw new ConfigurationError(
    `The expiration of credentials must be a Date, a time such as "2030-01-31T12:00:00Z", or seconds or milliseconds ` +
      `since 1970: current value is ${value instanceof Date ? "an invalid Date" : shown(value)}`,
  );
}

function milliseconds(value: unknown): number {
  if (typeof value === "string") return TIMESTAMP.test(value) ? Date.parse(value.replace(" ", "T")) : NaN;
  if (typeof value !== "number" || value <= 0) return NaN;
  return value < MOST_SECONDS ? value * 1000 : value;
}
