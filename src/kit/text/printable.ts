import { unicodeEscape } from "./ascii_json.ts";

/**
 * What a terminal obeys, or what lets a text look like another one: control characters (C0, DEL and C1), separators of
 * lines and paragraphs, marks of bidirectional text, and characters without width that no script needs.
 */
// deno-lint-ignore no-control-regex -- just these are to be shown as what they are
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The most characters of a foreign text that a message shows. */
const MAX_CHARACTERS = 500;

/** What is shorter is no secret, and masking it would tear words apart. */
const LEAST_SECRET = 6;

/** The text with everything that cannot be shown escaped: `\u001b` for an escape character. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, unicodeEscape);
}

/**
 * What somebody else wrote, such as a server, fit to be part of a message: on one line, printable, of a limited length,
 * and without secrets.
 *
 * @param secrets Values that it may repeat; they are masked, also percent-encoded. So is what follows `Signature=`.
 */
export function foreignText(text: string, secrets: readonly (string | undefined)[] = []): string {
  for (const secret of secrets) {
    if (secret === undefined || secret.length < LEAST_SECRET) continue;
    text = text.replaceAll(secret, "******").replaceAll(encodeURIComponent(secret), "******");
  }
  text = printable(text.replace(/(Signature=)[^\s&,;"'<>]+/gi, "$1******").replace(/\s+/g, " ").trim());
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
