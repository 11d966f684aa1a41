import { encodeBase64 } from "../../kit/bytes/bytes.ts";
import { crc32, CRC32_POLYNOMIAL, CRC32C_POLYNOMIAL } from "../../kit/bytes/crc32.ts";

/** The checksum algorithms of S3, by their names in `x-amz-checksum-…` headers. */
export const CHECKSUM_ALGORITHMS = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] as const;

/** One of {@linkcode CHECKSUM_ALGORITHMS}. */
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** Whether a checksum covers the whole object or the list of its parts' checksums. */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** A stored checksum. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
  readonly type: ChecksumType;
}

/** The XML element of a checksum, such as `ChecksumCRC32`. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm.toUpperCase()}`;
}

/** Reads an algorithm's name in any case, such as the `CRC32C` of `x-amz-checksum-algorithm`. */
export function parseChecksumAlgorithm(name: string): ChecksumAlgorithm | undefined {
  return CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === name.toLowerCase());
}

/** The raw checksum of bytes, big-endian. */
export async function checksumBytes(
  algorithm: ChecksumAlgorithm,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  switch (algorithm) {
    case "sha1":
      return new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
    case "sha256":
      return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    case "crc32":
      return bigEndian([crc32(CRC32_POLYNOMIAL, bytes)]);
    case "crc32c":
      return bigEndian([crc32(CRC32C_POLYNOMIAL, bytes)]);
    case "crc64nvme":
      return bigEndian(crc64nvme(bytes));
  }
}

/** The base64 checksum of bytes, as in headers. */
export async function checksumBase64(
  algorithm: ChecksumAlgorithm,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  return encodeBase64(await checksumBytes(algorithm, bytes));
}

let crc64Tables: { high: Uint32Array; low: Uint32Array } | undefined;

/** Two 32-bit halves; BigInt is about fifty times slower. */
function makeCrc64Tables(): { high: Uint32Array; low: Uint32Array } {
  const polynomialHigh = 0x9a6c9329, polynomialLow = 0xac4bc9b5;
  const high = new Uint32Array(256), low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let upper = 0, lower = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = lower & 1;
      lower = ((lower >>> 1) | (upper << 31)) >>> 0;
      upper >>>= 1;
      if (odd) {
        upper = (upper ^ polynomialHigh) >>> 0;
        lower = (lower ^ polynomialLow) >>> 0;
      }
    }
    high[byte] = upper;
    low[byte] = lower;
  }
  return { high, low };
}

function crc64nvme(bytes: Uint8Array): [number, number] {
  const { high, low } = crc64Tables ??= makeCrc64Tables();
  let upper = 0xffffffff, lower = 0xffffffff;
  for (let index = 0; index < bytes.length; index++) {
    const slot = (lower ^ bytes[index]!) & 0xff;
    lower = ((lower >>> 8) | (upper << 24)) ^ low[slot]!;
    upper = (upper >>> 8) ^ high[slot]!;
  }
  return [~upper >>> 0, ~lower >>> 0];
}

function bigEndian(words: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => view.setUint32(index * 4, word));
  return bytes;
}
