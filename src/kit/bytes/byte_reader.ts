import { type Bytes, concatBytes } from "./bytes.ts";

/**
 * Says where a read ends: it is shown the bytes in order and returns how many bytes of this chunk still belong to the
 * read, or -1 if the read goes on beyond it.
 */
export type EndFinder = (chunk: Uint8Array) => number;

/** Finds the end of so many bytes, one at least. */
export function endAfter(length: number): EndFinder {
  let missing = length;
  return (chunk) => {
    const end = Math.min(missing, chunk.byteLength);
    missing -= end;
    return missing === 0 ? end : -1;
  };
}

/**
 * What bytes are read from chunk by chunk: as a stream's reader, without the stream, which takes longer than most chunks do.
 *
 * @example
 * ```ts
 * import type { ChunkReader } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const chunks = [new Uint8Array([1, 2])];
 * const reader: ChunkReader = {
 *   read: () => Promise.resolve(chunks.pop()),
 *   cancel: () => Promise.resolve(void (chunks.length = 0)),
 * };
 * assertEquals(await reader.read(), new Uint8Array([1, 2]));
 * ```
 */
export interface ChunkReader {
  /** The next chunk; `undefined` at the end. Calls do not overlap. */
  read(): Promise<Uint8Array | undefined>;
  /** Lets go of the source, also while a call of `read` waits. */
  cancel(reason?: unknown): Promise<void>;
}

/** A stream's reader; the stream stays locked to it. */
export function chunksOf(stream: ReadableStream<Uint8Array>): ChunkReader {
  const reader = stream.getReader();
  return { read: async () => (await reader.read()).value, cancel: (reason) => reader.cancel(reason) };
}

/** Reads a byte stream by amounts of the caller's choice, and holds no more than one chunk it has not handed out. */
export class ByteReader {
  readonly #chunks: ChunkReader;
  #rest: Uint8Array | undefined;

  /** @param source Where the bytes come from; a stream stays locked to this reader. */
  constructor(source: ReadableStream<Uint8Array> | ChunkReader) {
    this.#chunks = "read" in source ? source : chunksOf(source);
  }

  /** The next bytes, as many as are there; `undefined` at the end. Never an empty array. */
  readSome(): Promise<Uint8Array | undefined> {
    if (this.#rest === undefined) return this.#chunks.read().then(this.#unlessEmpty);
    const rest = this.#rest;
    this.#rest = undefined;
    return Promise.resolve(rest);
  }

  readonly #unlessEmpty = (chunk: Uint8Array | undefined): Uint8Array | undefined | Promise<Uint8Array | undefined> =>
    chunk?.byteLength === 0 ? this.readSome() : chunk;

  /**
   * The bytes up to where `findEnd` says, or to the end of the stream. The result is the caller's own copy; no chunk is
   * kept, as what a runtime decodes comes in chunks that are small views of large buffers.
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

  /** Lets go of the source. */
  async cancel(reason?: unknown): Promise<void> {
    this.#rest = undefined;
    await this.#chunks.cancel(reason);
  }
}
