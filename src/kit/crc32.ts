/** The polynomials, reflected: that of Ethernet and zip, and Castagnoli's. */
export const CRC32_POLYNOMIAL = 0xedb88320;
export const CRC32C_POLYNOMIAL = 0x82f63b78;

const tables = new Map<number, Int32Array>();

/**
 * A cyclic redundancy check of 32 bits (RFC 1952, section 8; RFC 9260, appendix A).
 *
 * @param polynomial One of the above.
 * @param before The check of the bytes before these.
 * @returns The check of all of them, as a number from 0 on.
 */
export function crc32(polynomial: number, bytes: Uint8Array, before = 0): number {
  let table = tables.get(polynomial);
  if (table === undefined) tables.set(polynomial, table = makeTable(polynomial));
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 255]! ^ crc >>> 8;
  return ~crc >>> 0;
}

function makeTable(polynomial: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? byte >>> 1 ^ polynomial : byte >>> 1;
    return byte;
  });
}
