import { type Bytes, encodeBase64 } from "../kit/bytes/bytes.ts";

/** Base64 as CloudFront has it in URLs and cookies: three characters are replaced, and not as in base64url. */
export function encodeUrlBase64(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~");
}

/** The bytes of base64, be it plain or CloudFront's; white space is skipped. */
export function decodeBase64(text: string): Bytes {
  const plain = text.replaceAll("-", "+").replaceAll("_", "=").replaceAll("~", "/");
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
}
