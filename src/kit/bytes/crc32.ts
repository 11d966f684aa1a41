/** The polynomials, reflected: that of Ethernet and zip, and Castagnoli's. */
export const CRC32_POLYNOMIAL = 0xedb88320;
export const CRC32C_POLYNOMIAL = 0x82f63b78;

const tables = new Map<number, Int32Array>();

/**
 * A cyclic redundancy check of 32 bits (RFC 1952, section 8; RFC 9260, appendix A), four bytes in a step.
 *
 * @param polynomial One of the above.
 * @param before The check of the bytes before these.
 * @returns The check of all of them, as a number from 0 on.
 */
export function crc32(polynomial: number, bytes: Uint8Array, before = 0): number {
  let table = tables.get(polynomial);
  if (table === undefined) tables.set(polynomial, table = makeTable(polynomial));
  let crc = ~before;
  let i = 0;
  for (const end = bytes.length - 3; i < end; i += 4) {
    crc ^= bytes[i]! | bytes[i + 1]! << 8 | bytes[i + 2]! << 16 | bytes[i + 3]! << 24;
    crc = table[768 | crc & 255]! ^ table[512 | crc >>> 8 & 255]! ^ table[256 | crc >>> 16 & 255]! ^ table[crc >>> 24]!;
  }
  for (; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 255]! ^ crc >>> 8;
  return ~crc >>> 0;
}

/** The checks of each byte, then those of each byte with one, two and three zeros behind it. */
function makeTable(polynomial: number): Int32Array {
  const table = new Int32Array(1024);
  for (let entry = 0; entry < 1024; entry++) {
    let crc = entry < 256 ? entry : table[entry - 256]!;
    if (entry >= 256) crc = table[crc & 255]! ^ crc >>> 8;
    else for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ polynomial : crc >>> 1;
    table[entry] = crc;
  }
  return table;
}
