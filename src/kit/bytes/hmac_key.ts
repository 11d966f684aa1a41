/** A key that makes HMAC-SHA-256 codes of texts, which it takes as UTF-8, without waiting. */
export interface HmacKey {
  /** The code of a text, as 32 bytes. */
  sign(text: string): Uint8Array;
  /**
   * Makes codes, in hexadecimal, of texts that are `head` and then the SHA-256 of another text, in hexadecimal. Of that
   * other text it is given the start; what follows is always `ending`. What depends on `head` and `ending` alone is
   * computed once.
   */
  overDigests(head: string, ending: string): (start: string) => string;
}

/** Makes a key of a secret: of text as UTF-8, or of bytes. What depends on it alone is computed once. */
export type MakeHmacKey = (secret: string | Uint8Array) => HmacKey;
