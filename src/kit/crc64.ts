/** The polynomial of NVMe, reflected. Source: NVM Express, "NVM Command Set Specification", 64b CRC. */
const POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

let tables: readonly [high: Int32Array, low: Int32Array] | undefined;

/** A check of 64 bits as two halves: BigInt would take some fifty times as long. */
export type Crc64 = readonly [high: number, low: number];

/**
 * The cyclic redundancy check CRC-64/NVME.
 *
 * @param before The check of the bytes before these.
 * @returns The check of all of them; each half is a signed number.
 */
export function crc64(bytes: Uint8Array, before: Crc64 = [0, 0]): Crc64 {
  const [highs, lows] = tables ??= makeTables();
  let high = ~before[0];
  let low = ~before[1];
  for (let i = 0; i < bytes.length; i++) {
    const slot = (low ^ bytes[i]!) & 255;
    low = (low >>> 8 | high << 24) ^ lows[slot]!;
    high = high >>> 8 ^ highs[slot]!;
  }
  return [~high, ~low];
}

function makeTables(): readonly [Int32Array, Int32Array] {
  const entries = Array.from({ length: 256 }, (_, byte) => {
    let entry = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) entry = entry & 1n ? entry >> 1n ^ POLYNOMIAL : entry >> 1n;
    return entry;
  });
  return [
    Int32Array.from(entries, (entry) => Number(entry >> 32n)),
    Int32Array.from(entries, (entry) => Number(entry & 0xffffffffn)),
  ];
}
