import { type Bytes, decodeBase64, encodeBase64 } from "../kit/bytes/bytes.ts";

/** Base64 as CloudFront writes it in URLs and cookies: three characters are replaced, and not as in base64url. */
export function encodeUrlBase64(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~");
}

/** Decodes plain or CloudFront base64; white space is skipped. */
export function decodeUrlBase64(text: string): Bytes {
  return decodeBase64(text.replaceAll("-", "+").replaceAll("_", "=").replaceAll("~", "/"));
}
