import { invalidArgument } from "./errors.ts";

const encoder = new TextEncoder();

/**
 * Sets a header to text of a query or a form, encoded as UTF-8. Characters that could end the header are refused.
 */
export function setTextHeader(headers: Headers, name: string, text: string): void {
  const bytes = Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join("");
  try {
    headers.set(name, bytes);
  } catch {
    throw invalidArgument("Header value contains illegal character", name, text);
  }
}
