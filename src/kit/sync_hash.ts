/** Hashing text without waiting, which WebCrypto cannot do. */
export interface SyncHash {
  /** SHA-256, in hexadecimal. */
  sha256Hex(text: string): string;
  /** HMAC-SHA-256. */
  hmac(key: string | Uint8Array, text: string): Uint8Array;
  /** HMAC-SHA-256, in hexadecimal. */
  hmacHex(key: string | Uint8Array, text: string): string;
}
