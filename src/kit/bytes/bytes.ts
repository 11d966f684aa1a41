/** Bytes backed by a plain buffer: what fetch and WebCrypto accept as they are. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** UTF-8 of a text. */
export function encodeUtf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Joins chunks into one array; a single chunk is returned as it is. */
export function concatBytes(chunks: readonly Uint8Array[]): Bytes {
  if (chunks.length === 1) return asBytes(chunks[0]!);
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}

/** The same bytes on a plain ArrayBuffer: a view where that is possible, a copy where the memory is shared. */
export function asBytes(bytes: Uint8Array): Bytes {
  return bytes.buffer instanceof ArrayBuffer ? bytes as Bytes : bytes.slice();
}

/** Base64 with padding (RFC 4648, section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Lower-case hexadecimal. */
export function encodeHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

/**
 * Decodes base64 (RFC 4648, section 4). White space is skipped, and padding may be missing.
 *
 * @throws {DOMException} If the text has any other character, or an impossible length.
 */
export function decodeBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
