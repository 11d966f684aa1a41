import type { Bytes } from "../../kit/bytes/bytes.ts";
import { grow } from "../../kit/bytes/grow.ts";

/** A small file should not cost the memory of a part. */
const FIRST_CAPACITY = 64 * 1024;

/** Collects the bytes of a part in one array that grows as needed, up to a limit. */
export class PartBuffer {
  #bytes: Bytes = new Uint8Array(0);
  #length = 0;
  /** Arrays that were handed out and came back. */
  readonly #free: Bytes[] = [];

  /** How many bytes it holds. */
  get length(): number {
    return this.#length;
  }

  /** Copies bytes in until it holds `limit` of them; returns how many it took. */
  append(chunk: Uint8Array, limit: number): number {
    const taken = Math.min(chunk.byteLength, limit - this.#length);
    this.#reserve(this.#length + taken, limit);
    this.#bytes.set(taken === chunk.byteLength ? chunk : chunk.subarray(0, taken), this.#length);
    this.#length += taken;
    return taken;
  }

  /** Hands out what it holds, and starts anew. */
  take(): Bytes {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
    return bytes;
  }

  /** Takes back what it handed out and nobody reads any more: memory that is used again need not be collected. */
  giveBack(bytes: Bytes): void {
    this.#free.push(new Uint8Array(bytes.buffer));
  }

  /** Has what it holds used up, and starts anew in the same memory. */
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
