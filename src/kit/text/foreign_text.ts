import { printable } from "./printable.ts";

/** The longest foreign text in a message, in characters. */
const MAX_CHARACTERS = 500;

/** A shorter value is not a secret, and masking it would break words. */
const MIN_SECRET_LENGTH = 6;

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
