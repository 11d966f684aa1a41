import { printable } from "../text/printable.ts";
import { formatValue } from "./format_value.ts";

/**
 * Compiles only if a list of option names has them all:
 * `type _All = NoneMissing<Exclude<keyof Options, typeof NAMES[number]>>`.
 */
export type NoneMissing<Missing extends never> = Missing;

/**
 * Makes the error for an argument of another kind, or with text that is not valid.
 *
 * @param action What failed, after "Cannot": `sign URL for 'a.txt'`.
 * @param right What the argument must be: `a Date`.
 * @param value The value given. Text in it is shown, so it must not be a secret.
 */
export function invalidArgument(
  action: string,
  name: string,
  right: string,
  value: unknown,
  ErrorClass: new (message: string) => Error = TypeError,
): Error {
  return new ErrorClass(printable(`Cannot ${action}: ${name} must be ${right}, got ${formatValue(value)}`));
}

/** Makes the error for an argument that is not a valid number: `RangeError` if it is a number, else `TypeError`. */
export function invalidNumber(action: string, name: string, right: string, value: unknown): Error {
  return invalidArgument(action, name, right, value, typeof value === "number" ? RangeError : TypeError);
}

/**
 * Checks a date. Dates of other realms count, such as those of a test runner.
 *
 * @param right What it must be: `a date from 1970 on`.
 * @param least The first valid time, in milliseconds since 1970.
 * @param most The last valid time; by default, the last that a `Date` can hold.
 * @returns The time, in milliseconds since 1970.
 * @throws {TypeError} If it is not a date.
 * @throws {RangeError} If it is invalid or out of range.
 */
export function checkTime(
  action: string,
  name: string,
  right: string,
  date: unknown,
  least: number = 0,
  most: number = 8.64e15,
): number {
  const time = (date as Date | null | undefined)?.getTime?.();
  if (time === undefined) throw invalidArgument(action, name, right, date);
  if (time >= least && time <= most) return time;
  throw invalidArgument(action, name, right, String(date), RangeError);
}
