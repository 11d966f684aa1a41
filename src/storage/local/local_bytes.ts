import type { DiskHandle } from "../../runtime/files/disk.ts";

/** Bytes read per step. */
const PIECE_BYTES = 256 * 1024;

/** Writes a chunk at a position. Returns the position after it. */
export async function writeAll(handle: DiskHandle, chunk: Uint8Array, position: number): Promise<number> {
  for (let offset = 0; offset < chunk.byteLength;) {
    offset += (await handle.write(chunk, offset, chunk.byteLength - offset, position + offset)).bytesWritten;
  }
  return position + chunk.byteLength;
}

async function readPiece(handle: DiskHandle, start: number, end: number): Promise<Uint8Array> {
  const piece = new Uint8Array(Math.min(PIECE_BYTES, end - start));
  const { bytesRead } = await handle.read(piece, 0, piece.length, start);
  return piece.subarray(0, bytesRead);
}

/** Reads the bytes of a file up to `size`, or up to its end, and closes it. */
export async function readAll(handle: DiskHandle, size: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const bytes = new Uint8Array(size);
    let length = 0;
    for (let read = 1; read > 0 && length < size; length += read) {
      read = (await handle.read(bytes, length, size - length, length)).bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

/** Copies the bytes of a file up to `size`, or up to its end, to another file. */
export async function copyBytes(
  source: DiskHandle,
  target: DiskHandle,
  size: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let position = 0; position < size;) {
    signal?.throwIfAborted();
    const piece = await readPiece(source, position, size);
    if (piece.byteLength === 0) return; // the file was truncated meanwhile
    position = await writeAll(target, piece, position);
  }
}

/**
 * The bytes from `start` to `size`. The file is closed when the stream ends, fails or is cancelled.
 *
 * @param failure Converts an error of the system.
 */
export function streamOf(
  handle: DiskHandle,
  start: number,
  size: number,
  failure: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  let position = start;
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const piece = await readPiece(handle, position, size);
        position += piece.byteLength;
        if (piece.byteLength > 0) controller.enqueue(piece);
        if (piece.byteLength > 0 && position < size) return;
      } catch (error) {
        await handle.close();
        throw failure(error);
      }
      await handle.close();
      controller.close();
    },
    cancel: () => position < size ? handle.close() : undefined,
  }, { highWaterMark: 0 });
}
