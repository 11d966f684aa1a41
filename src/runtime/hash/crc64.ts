/** The reflected polynomial of NVMe. Source: NVM Express, "NVM Command Set Specification", 64b CRC. */
const POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

let tables: readonly [high: Int32Array, low: Int32Array] | undefined;

/** A 64-bit check as two halves: BigInt would take about fifty times as long. */
export type Crc64 = readonly [high: number, low: number];

/**
 * Computes the cyclic redundancy check CRC-64/NVME, four bytes per step.
 *
 * @param before The check of the preceding bytes.
 * @returns The check of all bytes so far; each half is a signed number.
 */
export function crc64(bytes: Uint8Array, before: Crc64 = [0, 0]): Crc64 {
  const [highs, lows] = tables ??= makeTables();
  let high = ~before[0];
  let low = ~before[1];
  let i = 0;
  for (const end = bytes.length - 3; i < end; i += 4) {
    low ^= bytes[i]! | bytes[i + 1]! << 8 | bytes[i + 2]! << 16 | bytes[i + 3]! << 24;
    const [a, b, c, d] = [768 | low & 255, 512 | low >>> 8 & 255, 256 | low >>> 16 & 255, low >>> 24];
    low = high ^ lows[a]! ^ lows[b]! ^ lows[c]! ^ lows[d]!;
    high = highs[a]! ^ highs[b]! ^ highs[c]! ^ highs[d]!;
  }
  for (; i < bytes.length; i++) {
    const slot = (low ^ bytes[i]!) & 255;
    low = (low >>> 8 | high << 24) ^ lows[slot]!;
    high = high >>> 8 ^ highs[slot]!;
  }
  return [~high, ~low];
}

/** The checks of each byte, then those of each byte followed by one, two and three zeros. */
function makeTables(): readonly [Int32Array, Int32Array] {
  const entries: bigint[] = [];
  for (let slot = 0; slot < 1024; slot++) {
    let entry = slot < 256 ? BigInt(slot) : entries[slot - 256]!;
    if (slot >= 256) entry = entries[Number(entry & 255n)]! ^ entry >> 8n;
    else for (let bit = 0; bit < 8; bit++) entry = entry & 1n ? entry >> 1n ^ POLYNOMIAL : entry >> 1n;
    entries.push(entry);
  }
  return [
    Int32Array.from(entries, (entry) => Number(BigInt.asIntN(32, entry >> 32n))),
    Int32Array.from(entries, (entry) => Number(BigInt.asIntN(32, entry))),
  ];
}
