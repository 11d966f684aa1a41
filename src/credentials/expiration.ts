import { ConfigurationError } from "../errors.ts";
import { formatValue } from "../kit/values/format_value.ts";

/** Larger numbers are milliseconds: this is the year 5138 in seconds, and 1973 in milliseconds. */
const MAX_SECONDS = 1e11;

/** ISO 8601 and RFC 3339, with separators or without: `2030-01-31T12:00:00Z`, `20300131T120000Z`. */
const ISO = /^(\d{4})-?(\d\d)-?(\d\d)[T ](.{4,60})$/i;

/** RFC 822 and RFC 1123: `Thu, 31 Jan 2030 12:00:00 GMT`, `31-Jan-2030 12:00 +0100`. */
const RFC_822 = /^(?:[a-z]{3,9},? )?(\d{1,2})[ -]([a-z]{3})[ -](\d{4}) (.{4,60})$/i;

/** The output of `date`: `Thu Jan 31 12:00:00 UTC 2030`. */
const DATE_PROGRAM = /^[a-z]{3} ([a-z]{3}) {1,2}(\d{1,2}) (.{4,60}) (\d{4})$/i;

/** A time of day. The zone is required, as in boto3: without it the time would be a local one. */
const TIME = /^(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,18}))?)?\s?(Z|UTC|GMT|UT|[+-]\d\d(?::?\d\d)?)$/i;

/** Seconds or milliseconds since 1970. */
const NUMBER = /^\d{1,16}(\.\d{1,9})?$/;

const MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";

/**
 * Reads the expiration of credentials from any source, in the forms that the AWS SDKs accept: a Date, ISO 8601 and RFC
 * 3339 in all their spellings, the date of mails and of HTTP, and seconds or milliseconds since 1970. Services that replace
 * those of AWS write `2030-01-31T12:00:00UTC` and others.
 *
 * Source: botocore, dateutil.parser; Smithy, timestampFormat.
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
  if (typeof value === "string") {
    const text = value.trim();
    return NUMBER.test(text) ? milliseconds(Number(text)) : parseTime(text);
  }
  if (typeof value !== "number" || value <= 0) return NaN;
  return value < MAX_SECONDS ? value * 1000 : value;
}

/** Returns the milliseconds since 1970; `NaN` if it is no time with its zone. */
export function parseTime(text: string): number {
  return parseIso(text) ?? parseRfc822(text) ?? parseDateProgram(text) ?? NaN;
}

function parseIso(text: string): number | undefined {
  const [all, year, month, day, time] = ISO.exec(text) ?? [];
  return all === undefined ? undefined : timeOf(Number(year), Number(month), Number(day), time!);
}

function parseRfc822(text: string): number | undefined {
  const [all, day, month, year, time] = RFC_822.exec(text) ?? [];
  return all === undefined ? undefined : timeOf(Number(year), monthOf(month!), Number(day), time!);
}

function parseDateProgram(text: string): number | undefined {
  const [all, month, day, time, year] = DATE_PROGRAM.exec(text) ?? [];
  return all === undefined ? undefined : timeOf(Number(year), monthOf(month!), Number(day), time!);
}

/** Returns the number of a month by the first letters of its English name; 0 if there is none. */
function monthOf(name: string): number {
  const at = MONTHS.indexOf(name.toLowerCase());
  return at % 3 === 0 ? at / 3 + 1 : 0;
}

/** Returns the milliseconds since 1970; `undefined` if the calendar has no such time. */
function timeOf(year: number, month: number, day: number, time: string): number | undefined {
  const [all, hour, minute, second = "0", fraction = "0", zone] = TIME.exec(time) ?? [];
  if (all === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const date = Date.UTC(year, month - 1, day);
  const isDate = new Date(date).getUTCMonth() === month - 1;
  if (!isDate) return undefined;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return date + seconds * 1000 + Math.floor(Number(`0.${fraction}`) * 1000) - offsetOf(zone!);
}

/** Returns how far a zone is ahead of UTC, in milliseconds. */
function offsetOf(zone: string): number {
  const [, sign, hours, minutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
