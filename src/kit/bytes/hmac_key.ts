/** A key that computes HMAC-SHA-256 codes of strings, encoded as UTF-8, synchronously. */
export interface HmacKey {
  /** Computes the code of a string: 32 bytes. */
  sign(text: string): Uint8Array;
  /**
   * Returns a function that computes, in hexadecimal, the code of `head` followed by the hexadecimal SHA-256 of
   * `start + ending`. What depends on `head` and `ending` alone is computed once.
   */
  overDigests(head: string, ending: string): (start: string) => string;
}

/** Creates a key from a secret, given as bytes or as a string, which is encoded as UTF-8. */
export type MakeHmacKey = (secret: string | Uint8Array) => HmacKey;
