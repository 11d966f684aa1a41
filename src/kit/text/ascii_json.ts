/** Escapes a UTF-16 code unit as JSON and JavaScript do: `\u00fc`. */
export function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Converts a value to JSON in printable ASCII, as Python's `json` does. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\x7f-\uffff]/g, unicodeEscape);
}
