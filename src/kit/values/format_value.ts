/**
 * A value as messages show it: text as JSON, other simple values as they are, and objects, which may hold secrets, by
 * type.
 */
export function formatValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return Object(value) === value ? `a value of type ${typeof value}` : String(value);
}
