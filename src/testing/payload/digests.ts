import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { encodeHex, encodeUtf8 } from "../../kit/bytes/bytes.ts";

/** Decodes padded standard base64; returns `undefined` for any other text. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Decodes hexadecimal text of an even length. */
export function decodeHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** The bytes of a text in hexadecimal, with a space between them, as S3's errors show what was signed. */
export function spacedHex(text: string): string {
  return encodeHex(encodeUtf8(text)).replace(/..(?=.)/g, "$& ");
}

/** The lower-case hexadecimal SHA-256 of text or bytes. */
export async function sha256Hex(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === "string" ? encodeUtf8(data) : data;
  return encodeHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** Compares without stopping at the first difference, so that timing does not reveal how much of a signature is right. */
export function equalInConstantTime(given: string, expected: string): boolean {
  const [one, other] = [encodeUtf8(given), encodeUtf8(expected)];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
