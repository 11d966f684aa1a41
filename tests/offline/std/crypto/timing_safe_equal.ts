/** Stands in for `@std/crypto/timing-safe-equal` where JSR cannot be reached. */

/**
 * Whether two byte sequences of one length are equal, found out in a time that depends on that length alone.
 *
 * @throws {TypeError} If their lengths differ.
 */
export function timingSafeEqual(a: ArrayBufferView | ArrayBufferLike, b: ArrayBufferView | ArrayBufferLike): boolean {
  const [one, other] = [bytesOf(a), bytesOf(b)];
  if (one.byteLength !== other.byteLength) {
    throw new TypeError(
      `Cannot compare buffers of different byte lengths (${one.byteLength} vs ${other.byteLength})`,
    );
  }
  let difference = 0;
  for (let index = 0; index < one.byteLength; index++) difference |= one[index]! ^ other[index]!;
  return difference === 0;
}

function bytesOf(data: ArrayBufferView | ArrayBufferLike): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
