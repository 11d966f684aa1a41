import { asBytes, type Bytes, grow } from "./bytes.ts";

/**
 * Reads a stream to its end, unless it has more bytes than the limit. Memory stays below about twice the limit, however
 * small the chunks are.
 *
 * @param stream The stream; it is cancelled if it has too many bytes.
 * @param maxBytes The most bytes that the stream may have.
 * @param tooLarge Creates the error for a stream that has more; the message should name the limit.
 * @returns The bytes, possibly the stream's own chunk instead of a copy.
 */
export async function readLimited(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<Bytes> {
  const reader = stream.getReader();
  let bytes: Bytes | undefined;
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes?.subarray(0, length) ?? new Uint8Array(0);
    const end = length + value.byteLength;
    if (end > maxBytes) {
      const error = tooLarge();
      await reader.cancel(error).catch(() => {}); // it may have failed already
      throw error;
    }
    if (bytes === undefined || length === 0) bytes = asBytes(value);
    else {
      if (end > bytes.byteLength) bytes = grow(bytes, length, end, maxBytes);
      bytes.set(value, length);
    }
    length = end;
  }
}
