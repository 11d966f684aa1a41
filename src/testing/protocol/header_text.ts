import { invalidArgument } from "./errors.ts";

const encoder = new TextEncoder();

/**
 * Sets a header to text that came from a query or a form. A header carries bytes, so the text goes as UTF-8; what could
 * end the header early is refused.
 */
export function setTextHeader(headers: Headers, name: string, text: string): void {
  const bytes = Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join("");
  try {
    headers.set(name, bytes);
  } catch {
    throw invalidArgument("Header value contains illegal character", name, text);
  }
}
