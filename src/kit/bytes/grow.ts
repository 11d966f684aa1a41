import type { Bytes } from "./bytes.ts";

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
