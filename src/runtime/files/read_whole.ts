import { grow } from "../../kit/bytes/bytes.ts";

/** Reads bytes of a file into the array at the same offset; returns their number, 0 at the end. */
export type ReadAt = (bytes: Uint8Array, offset: number) => number | Promise<number>;

/**
 * Reads all bytes of a file, unless it has more than the limit.
 *
 * @param size The expected size in bytes.
 * @param tooLarge Creates the error for a file that has more; the message should name the limit.
 */
export async function readWhole(
  readAt: ReadAt,
  size: number,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<Uint8Array<ArrayBuffer>> {
  if (size > maxBytes) throw tooLarge();
  let bytes = new Uint8Array(size + 1); // one byte more shows whether the file has grown
  for (let length = 0;;) {
    const reading = readAt(bytes, length);
    const bytesRead = typeof reading === "number" ? reading : await reading;
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
    if (length > maxBytes) throw tooLarge();
    if (length === bytes.byteLength) bytes = grow(bytes, length, length + 1, maxBytes + 1);
  }
}
