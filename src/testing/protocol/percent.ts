import { encodeUtf8 } from "../../kit/bytes/bytes.ts";

/** The characters that SigV4 does not escape; all other bytes become %XX. */
const UNRESERVED = new Uint8Array(256);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") {
  UNRESERVED[character.charCodeAt(0)] = 1;
}

const ESCAPES: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => UNRESERVED[byte] ? String.fromCharCode(byte) : "%" + byte.toString(16).toUpperCase().padStart(2, "0"),
);

/** Percent-encodes text as SigV4 does. The characters in `keep` are not escaped, such as "/" in a path. */
export function percentEncode(text: string, keep = ""): string {
  return encodeBytes(encodeUtf8(text), keep);
}

/**
 * Normalizes a raw piece of a URL to the form that is signed: decodes it once and encodes it as SigV4 does.
 * A client may send "(" or "%28"; both are signed as "%28".
 */
export function canonicalise(raw: string, options: { keep?: string; plusIsSpace?: boolean } = {}): string {
  return encodeBytes(rawBytes(raw, options.plusIsSpace ?? false), options.keep ?? "");
}

/** Decodes percent escapes as UTF-8; `undefined` when they are malformed. */
export function percentDecode(raw: string, plusIsSpace = false): string | undefined {
  try {
    return decodeURIComponent(plusIsSpace ? raw.replaceAll("+", " ") : raw);
  } catch {
    return undefined;
  }
}

function encodeBytes(bytes: Uint8Array, keep: string): string {
  let encoded = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    encoded += keep.includes(character) ? character : ESCAPES[byte];
  }
  return encoded;
}

function rawBytes(raw: string, plusIsSpace: boolean): Uint8Array {
  const source = encodeUtf8(raw);
  const bytes = new Uint8Array(source.length);
  let length = 0;
  for (let index = 0; index < source.length; index++) {
    const byte = source[index]!;
    const pair = byte === 0x25 ? String.fromCharCode(source[index + 1] ?? 0, source[index + 2] ?? 0) : "";
    if (/^[0-9a-fA-F]{2}$/.test(pair)) {
      bytes[length++] = parseInt(pair, 16);
      index += 2;
    } else {
      bytes[length++] = plusIsSpace && byte === 0x2b ? 0x20 : byte;
    }
  }
  return bytes.subarray(0, length);
}
