import { closest } from "../text/closest.ts";
import { formatValue } from "./format_value.ts";
import { isRecord } from "./record.ts";

/**
 * Checks the options of a call: a misspelt option would be ignored silently.
 *
 * @param action What the call does, for the message: `sign a URL for 'a.txt'`.
 * @param known The names of all options.
 * @param more Further names.
 * @throws {TypeError} If the options are not an object, or one of them is unknown.
 */
export function checkOptions(
  action: string,
  options: unknown,
  known: readonly string[],
  more: readonly string[] = [],
): void {
  if (!isRecord(options) || Symbol.iterator in options) {
    throw new TypeError(`Cannot ${action}: options must be an object, got ${formatValue(options)}`);
  }
  for (const name in options) {
    if (options[name] === undefined || known.includes(name) || more.includes(name)) continue;
    const all = [...known, ...more];
    const near = closest(name, all);
    const advice = near === undefined ? "" : ` Did you mean ${near}?`;
    throw new TypeError(`Cannot ${action}: unknown option '${name}'.${advice} Known are ${all.join(", ")}`);
  }
}
