import { type Bytes, grow } from "../../kit/bytes/bytes.ts";

/** The initial size: a small file should not take the memory of a whole part. */
const FIRST_CAPACITY = 64 * 1024;

/** Collects the bytes of a part in one array that grows as needed, up to a limit. */
export class PartBuffer {
  #bytes: Bytes = new Uint8Array(0);
  #length = 0;
  /** Arrays that can be reused. */
  readonly #free: Bytes[] = [];

  /** The number of bytes in the buffer. */
  get length(): number {
    return this.#length;
  }

  /** Copies bytes until the buffer has `limit` of them; returns the number of bytes copied. */
  append(chunk: Uint8Array, limit: number): number {
    const taken = Math.min(chunk.byteLength, limit - this.#length);
    this.#reserve(this.#length + taken, limit);
    this.#bytes.set(taken === chunk.byteLength ? chunk : chunk.subarray(0, taken), this.#length);
    this.#length += taken;
    return taken;
  }

  /** Returns the bytes and empties the buffer. */
  take(): Bytes {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
    return bytes;
  }

  /** Reuses the memory of bytes that are no longer needed, so that it need not be garbage-collected. */
  recycle(bytes: Bytes): void {
    this.#free.push(new Uint8Array(bytes.buffer));
  }

  /** Passes the bytes on, then empties the buffer but keeps its memory. */
  async drain(use: (bytes: Bytes) => Promise<void>): Promise<void> {
    await use(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
  }

  #reserve(needed: number, limit: number): void {
    if (needed <= this.#bytes.byteLength) return;
    if (this.#length === 0) {
      for (let free = this.#free.pop(); free !== undefined; free = this.#free.pop()) {
        if (free.byteLength < limit) continue;
        this.#bytes = free;
        return;
      }
    }
    this.#bytes = grow(this.#bytes, this.#length, Math.min(limit, Math.max(needed, FIRST_CAPACITY)), limit);
  }
}
