import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { invalidArgument } from "./errors.ts";

/**
 * Sets a header to text of a query or a form, encoded as UTF-8. Characters that could end the header are refused.
 */
export function setTextHeader(headers: Headers, name: string, text: string): void {
  const bytes = Array.from(encodeUtf8(text), (byte) => String.fromCharCode(byte)).join("");
  setLatinHeader(headers, name, bytes, text);
}

/**
 * Sets a header to text in ISO 8859-1. Characters that could end the header are refused.
 *
 * @param shown The text to show in the error.
 */
export function setLatinHeader(headers: Headers, name: string, text: string, shown = text): void {
  try {
    headers.set(name, text);
  } catch {
    throw invalidArgument("Header value contains illegal character", name, shown);
  }
}
