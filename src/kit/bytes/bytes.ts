/** Bytes on a plain ArrayBuffer, as fetch and WebCrypto accept them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/**
 * Encodes a string as UTF-8. All text of users is encoded here.
 *
 * Bun below 1.4 returns one byte too few if a string of more than 1024 characters has only Latin-1 characters and ends in
 * ASCII ones and one other: the last byte is then whatever was in memory. So no text is encoded with such a character last.
 */
export function encodeUtf8(text: string): Bytes {
  const last = text.charCodeAt(text.length - 1);
  return last > 0x7f && last < 0x100 ? encoder.encode(text + "\n").slice(0, -1) : encoder.encode(text);
}

/** Joins chunks into one array; a single chunk is returned without a copy. */
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

/** Returns the bytes on a plain ArrayBuffer: without a copy, unless their memory is shared. */
export function asBytes(bytes: Uint8Array): Bytes {
  return bytes.buffer instanceof ArrayBuffer ? bytes as Bytes : bytes.slice();
}

/** Encodes bytes as base64 with padding (RFC 4648, section 4). */
export function encodeBase64(bytes: Iterable<number>): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * The bytes of base64 (RFC 4648, section 4), whose padding may be missing; white space is skipped.
 *
 * @throws {DOMException} If the text has any other character, or an impossible length.
 */
export function decodeBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Encodes bytes as lower-case hexadecimal. */
export function encodeHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

/**
 * A longer array for bytes that arrive piece by piece: at least twice as long, so that each byte is copied about once.
 *
 * @param bytes The array, of which the first `length` bytes are kept.
 * @param needed The least length of the new one.
 * @param most Its greatest length, at least `needed`.
 */
export function grow(bytes: Uint8Array, length: number, needed: number, most: number): Bytes {
  const grown = new Uint8Array(Math.min(most, Math.max(needed, bytes.byteLength * 2)));
  grown.set(bytes.subarray(0, length));
  return grown;
}
