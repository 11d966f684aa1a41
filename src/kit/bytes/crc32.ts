/** The reflected polynomials of CRC-32 (Ethernet, zip) and CRC-32C (Castagnoli). */
export const CRC32_POLYNOMIAL = 0xedb88320;
export const CRC32C_POLYNOMIAL = 0x82f63b78;

const tables = new Map<number, Int32Array>();

/**
 * Computes a 32-bit cyclic redundancy check (RFC 1952, section 8; RFC 9260, appendix A), four bytes per step.
 *
 * @param polynomial {@linkcode CRC32_POLYNOMIAL} or {@linkcode CRC32C_POLYNOMIAL}.
 * @param before The check of the preceding bytes.
 * @returns The check of all bytes so far, as an unsigned number.
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

/** The checks of each byte, then those of each byte followed by one, two and three zeros. */
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
