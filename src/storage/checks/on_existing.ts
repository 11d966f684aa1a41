import { formatValue } from "../../kit/values/format_value.ts";
import type { OnExisting, WriteOptions } from "../contract/options.ts";

const VALUES: readonly unknown[] = ["replace", "rename", "refuse"] satisfies OnExisting[];

/**
 * What a write does if a file of its name exists. With a condition, the condition decides.
 *
 * @param action What the call does, for the message.
 * @param fileOverwrite The storage's setting.
 * @param otherwise The default if the setting is false.
 * @throws {TypeError} If the option is unknown, or combined with a condition.
 */
export function onExistingOf(
  action: string,
  { onExisting, ifMatch, ifNoneMatch }: Pick<WriteOptions, "onExisting" | "ifMatch" | "ifNoneMatch">,
  fileOverwrite: boolean,
  otherwise: OnExisting,
): OnExisting {
  if (onExisting !== undefined && !VALUES.includes(onExisting)) {
    throw new TypeError(
      `Cannot ${action}: onExisting must be "replace", "rename" or "refuse", got ${formatValue(onExisting)}`,
    );
  }
  if ((ifMatch ?? ifNoneMatch) === undefined) return onExisting ?? (fileOverwrite ? "replace" : otherwise);
  if (onExisting === undefined || onExisting === "replace") return "replace";
  throw new TypeError(`Cannot ${action}: onExisting "${onExisting}" cannot be combined with ifMatch or ifNoneMatch`);
}
