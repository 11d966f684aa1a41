import type { Bytes } from "../kit/bytes/bytes.ts";
import { isBun } from "./detect.ts";
import { PieceBlob } from "./transport/fetch_body.ts";

/**
 * The bytes of a Blob in memory as a stream. In Bun up to 1.3.14 the stream of a slice continues to the end of the whole
 * Blob, so there the slice is read piece by piece.
 */
export function blobStream(blob: Blob): ReadableStream<Bytes> {
  if (!isBun() || blob instanceof PieceBlob) return blob.stream() as ReadableStream<Bytes>;
  const read = async (start: number, end: number): Promise<Bytes> =>
    new Uint8Array(await blob.slice(start, end).arrayBuffer());
  return new PieceBlob(blob.size, read).stream();
}
