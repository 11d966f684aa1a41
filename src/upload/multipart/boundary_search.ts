import { encodeUtf8 } from "../../kit/bytes/bytes.ts";

/** Finds the boundaries of a multipart body in its chunks: the line break before one, two dashes, and the boundary. */
export class BoundarySearch {
  readonly #needle: Uint8Array;
  /** How far to go on after a byte that ends no match (Boyer–Moore–Horspool). */
  readonly #skip: Uint8Array;

  /** @param boundary ASCII of at most 70 characters. */
  constructor(boundary: string) {
    this.#needle = encodeUtf8(`\r\n--${boundary}`);
    const last = this.#needle.byteLength - 1;
    this.#skip = new Uint8Array(256).fill(last + 1);
    for (let index = 0; index < last; index++) this.#skip[this.#needle[index]!] = last - index;
  }

  /** The size of the line break, the dashes and the boundary. */
  get byteLength(): number {
    return this.#needle.byteLength;
  }

  /** The index of the next boundary's line break; -1 for none. */
  indexIn(bytes: Uint8Array, start: number): number {
    const needle = this.#needle;
    const last = needle.byteLength - 1;
    for (let end = start + last; end < bytes.byteLength; end += this.#skip[bytes[end]!]!) {
      let offset = last;
      while (offset >= 0 && bytes[end - last + offset] === needle[offset]) offset--;
      if (offset < 0) return end - last;
    }
    return -1;
  }

  /** The index from which the bytes may be the start of a boundary that the next chunk completes; their length for none. */
  partialIn(bytes: Uint8Array, start: number): number {
    const { byteLength } = bytes;
    let index = Math.max(start, byteLength - this.byteLength + 1);
    for (; index < byteLength; index++) {
      let offset = 0;
      while (index + offset < byteLength && bytes[index + offset] === this.#needle[offset]) offset++;
      if (index + offset === byteLength) break;
    }
    return index;
  }
}
