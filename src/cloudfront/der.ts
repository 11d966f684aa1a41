import { type Bytes, concatBytes } from "../kit/bytes/bytes.ts";

/** The ASN.1 tags in keys and signatures. */
export const INTEGER = 0x02;
export const OCTET_STRING = 0x04;
export const SEQUENCE = 0x30;

/** Writes one DER element with the given bytes as its content. */
export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Bytes {
  const content = concatBytes(contents);
  const length = content.length;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes([Uint8Array.of(tag, ...size), content]);
}

/** Writes an unsigned number, given as big-endian bytes, as an INTEGER in its shortest form. */
export function writeUnsigned(bytes: Uint8Array): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  return writeDer(INTEGER, new Uint8Array(bytes[start]! >> 7), bytes.subarray(start));
}
