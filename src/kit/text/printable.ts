import { unicodeEscape } from "./ascii_json.ts";

/**
 * Characters that control a terminal or disguise a text: control characters (C0, DEL and C1), line and paragraph separators,
 * marks of bidirectional text, and zero-width characters that no script needs.
 */
// deno-lint-ignore no-control-regex -- control characters are to be matched
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Escapes unprintable characters: `\u001b` for an escape character. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, unicodeEscape);
}
