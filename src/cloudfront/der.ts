import { type Bytes, concatBytes } from "../kit/bytes.ts";

/** The tags of ASN.1 that keys are made of. */
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const SEQUENCE = 0x30;

/** One element of DER: its tag, what it holds, and the two together as they were written. */
export interface DerElement {
  readonly tag: number;
  readonly content: Bytes;
  readonly whole: Bytes;
}

/**
 * Reads the elements that follow one another in `bytes`.
 *
 * @throws {RangeError} If a length points past the end. The message holds no byte of what was read.
 */
export function readDer(bytes: Bytes): DerElement[] {
  const elements: DerElement[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const first = bytes[offset + 1] ?? 0;
    let start = offset + 2;
    let length = first;
    if (first > 0x7f) {
      length = 0;
      // A key is some kilobytes long, so more than three bytes of length (or none) are no key, and fail below.
      for (let left = first & 0x7f; left > 0 && length < 0x10000; left--) length = length * 256 + (bytes[start++] ?? 0);
    }
    const end = start + length;
    if (end > bytes.length || first === 0x80) throw new RangeError("Cannot read DER, as it ends too early");
    elements.push({ tag: bytes[offset]!, content: bytes.subarray(start, end), whole: bytes.subarray(offset, end) });
    offset = end;
  }
  return elements;
}

/** Writes one element that holds the given bytes, one after another. */
export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Bytes {
  const content = concatBytes(contents);
  const length = content.length;
  const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes([new Uint8Array([tag, ...header]), content]);
}

/** An unsigned number, given as big-endian bytes, as an INTEGER: shortest form, never negative. */
export function writeUnsigned(bytes: Uint8Array): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const shortest = bytes.subarray(start);
  return shortest[0]! > 0x7f ? writeDer(INTEGER, new Uint8Array(1), shortest) : writeDer(INTEGER, shortest);
}
