import type { PreparedContent } from "../../../../src/storage/content/prepared_content.ts";

/** Text as chunks of a size; calls back for each one. */
export async function* chunksOfSize(text: string, size: number, onRead: () => void): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let start = 0; start < bytes.byteLength; start += size) {
    onRead();
    yield await Promise.resolve(bytes.subarray(start, start + size));
  }
}

/** A stream as content that is to be saved. */
export function streamOf(stream: AsyncIterable<Uint8Array>): PreparedContent {
  return { stream, stop: () => {} };
}
