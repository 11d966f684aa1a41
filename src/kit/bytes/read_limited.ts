import { asBytes, type Bytes } from "./bytes.ts";
import { grow } from "./grow.ts";

/**
 * Reads a stream to its end, unless it has more bytes than the limit. However small the chunks are, this takes at most about
 * twice the limit of memory.
 *
 * @param stream Where the bytes come from. It is cancelled where it has too many.
 * @param maxBytes The most bytes it may have.
 * @param tooLarge Makes the error for a stream that has more. It is to name the limit.
 * @returns The bytes. They may be the stream's own chunk, not a copy.
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
