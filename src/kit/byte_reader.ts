import { asBytes, type Bytes, concatBytes } from "./bytes.ts";

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

/** Reads a byte stream by amounts of the caller's choice, and holds no more than one chunk it has not handed out. */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array | undefined;

  /** @param stream The source; it stays locked to this reader. */
  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The next bytes, as many as are there; `undefined` at the end. Never an empty array. */
  async readSome(): Promise<Uint8Array | undefined> {
    if (this.#rest !== undefined) {
      const rest = this.#rest;
      this.#rest = undefined;
      return rest;
    }
    while (true) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      if (value.byteLength > 0) return value;
    }
  }

  /** The bytes up to where `findEnd` says, or to the end of the stream. The result is the caller's own copy. */
  async readUntil(findEnd: EndFinder): Promise<Bytes> {
    const chunks: Uint8Array[] = [];
    while (true) {
      const chunk = await this.readSome();
      if (chunk === undefined) break;
      const end = findEnd(chunk);
      if (end === -1) {
        chunks.push(chunk);
        continue;
      }
      if (end > 0) chunks.push(chunk.subarray(0, end));
      if (end < chunk.byteLength) this.#rest = chunk.subarray(end);
      break;
    }
    return chunks.length === 1 ? asBytes(chunks[0]!.slice()) : concatBytes(chunks);
  }

  /** Lets go of the source. */
  async cancel(reason?: unknown): Promise<void> {
    this.#rest = undefined;
    await this.#reader.cancel(reason);
  }
}
