import { closest } from "../text/closest.ts";
import { formatValue } from "./format_value.ts";
import { isRecord } from "./record.ts";

/** Options that are functions. */
const CALLBACK = /^(on(Progress|Omitted)|waitUntil)$/;

/**
 * Checks the options of a call: a misspelt option would be ignored silently.
 *
 * @param action What the call does, for the message: `sign a URL for 'a.txt'`.
 * @param known The names of all options.
 * @param more Further names.
 * @param synonyms Names of other libraries, as in `NameAdvice`.
 * @throws {TypeError} If the options are not an object, one of them is unknown, or the signal or a callback is of another kind.
 */
export function checkOptions(
  action: string,
  options: unknown,
  known: readonly string[],
  more: readonly string[] = [],
  synonyms?: string,
): void {
  if (!isRecord(options) || Symbol.iterator in options) {
    refuse(action, "options must be an object", options);
  }
  for (const name in options) {
    const value = options[name];
    if (value === undefined) continue;
    if (known.includes(name) || more.includes(name)) {
      if (name === "signal" && typeof (Object(value) as Partial<AbortSignal>).throwIfAborted !== "function") {
        refuse(action, "signal must be an AbortSignal, such as controller.signal", value);
      }
      if (CALLBACK.test(name) && typeof value !== "function") refuse(action, `${name} must be a function`, value);
      continue;
    }
    const all = [...known, ...more];
    const near = closest(name, all, synonyms);
    const advice = near === undefined ? "" : ` Did you mean ${near}?`;
    throw new TypeError(`Cannot ${action}: unknown option '${name}'.${advice} Known are ${all.join(", ")}`);
  }
}

function refuse(action: string, right: string, value: unknown): never {
  throw new TypeError(`Cannot ${action}: ${right}, got ${formatValue(value)}`);
}
