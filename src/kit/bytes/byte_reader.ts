import { type Bytes, concatBytes } from "./bytes.ts";
import { type ChunkReader, chunksOf } from "./chunk_reader.ts";

/**
 * Finds the end of a read: called with the chunks in order, it returns how many bytes of the chunk still belong to the read,
 * or -1 if the read continues beyond the chunk.
 */
export type EndFinder = (chunk: Uint8Array) => number;

/** Finds the end after `length` bytes, at least 1. */
export function endAfter(length: number): EndFinder {
  let missing = length;
  return (chunk) => {
    const end = Math.min(missing, chunk.byteLength);
    missing -= end;
    return missing === 0 ? end : -1;
  };
}

/** Reads a byte stream in amounts that the caller chooses; buffers at most one chunk. */
export class ByteReader {
  readonly #chunks: ChunkReader;
  #rest: Uint8Array | undefined;

  /** @param source The source of the bytes; a stream stays locked to this reader. */
  constructor(source: ReadableStream<Uint8Array> | ChunkReader) {
    this.#chunks = "read" in source ? source : chunksOf(source);
  }

  /** The next available bytes, at least one; `undefined` at the end. */
  readSome(): Promise<Uint8Array | undefined> {
    if (this.#rest === undefined) return this.#chunks.read().then(this.#unlessEmpty);
    const rest = this.#rest;
    this.#rest = undefined;
    return Promise.resolve(rest);
  }

  readonly #unlessEmpty = (chunk: Uint8Array | undefined): Uint8Array | undefined | Promise<Uint8Array | undefined> =>
    chunk?.byteLength === 0 ? this.readSome() : chunk;

  /**
   * Reads up to the end that `findEnd` reports, or to the end of the stream. The result is a copy, and no chunk is kept:
   * bodies that a runtime decodes arrive as small views of large buffers.
   */
  async readUntil(findEnd: EndFinder): Promise<Bytes> {
    const chunks: Uint8Array[] = [];
    while (true) {
      const chunk = await this.readSome();
      if (chunk === undefined) break;
      const end = findEnd(chunk);
      if (end === -1) {
        chunks.push(chunk.slice());
        continue;
      }
      if (end > 0) chunks.push(chunk.slice(0, end));
      if (end < chunk.byteLength) this.#rest = chunk.subarray(end);
      break;
    }
    return concatBytes(chunks);
  }

  /** Releases the source. */
  async cancel(reason?: unknown): Promise<void> {
    this.#rest = undefined;
    await this.#chunks.cancel(reason);
  }
}
