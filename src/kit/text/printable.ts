import { unicodeEscape } from "./ascii_json.ts";

/**
 * Characters that control a terminal or disguise a text: control characters (C0, DEL and C1), line and paragraph separators,
 * marks of bidirectional text, and zero-width characters that no script needs.
 */
// deno-lint-ignore no-control-regex -- control characters are to be matched
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The longest foreign text in a message, in characters. */
const MAX_CHARACTERS = 500;

/** A shorter value is not a secret, and masking it would break words. */
const MIN_SECRET_LENGTH = 6;

/** Escapes unprintable characters: `\u001b` for an escape character. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, unicodeEscape);
}

/**
 * Prepares foreign text, such as that of a server, for a message: on one line, printable, of a limited length and without
 * secrets.
 *
 * @param secrets Values to mask, also where they are percent-encoded. What follows `Signature=` is masked too.
 */
export function foreignText(text: string, secrets: readonly (string | undefined)[] = []): string {
  for (const secret of secrets) {
    if (secret === undefined || secret.length < MIN_SECRET_LENGTH) continue;
    text = text.replaceAll(secret, "******").replaceAll(encodeURIComponent(secret), "******");
  }
  text = printable(text.replace(/(Signature=)[^\s&,;"'<>]+/gi, "$1******").replace(/\s+/g, " ").trim());
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
