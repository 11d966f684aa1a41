import { formatValue } from "./format_value.ts";

/** Whether a value is an integer from `least` to `most` that a number holds exactly. */
export function isInteger(value: unknown, least = 0, most = Infinity): value is number {
  return Number.isSafeInteger(value) && value as number >= least && value as number <= most;
}

/**
 * Refuses a value that is not an integer in a range.
 *
 * @param what Names the value in the message, after what fails if it helps: "Cannot sign URL: expiresIn".
 * @throws {RangeError} If it is not an integer from `least` to `most`.
 */
export function checkInteger(what: string, value: unknown, least: number, most?: number): asserts value is number {
  if (isInteger(value, least, most)) return;
  const range = most ? `from ${least} to ${most}` : `of ${least} or more`;
  throw new RangeError(`${what} must be an integer ${range}, got ${formatValue(value)}`);
}
