import type { ReadOptions } from "./options.ts";

/**
 * @returns Whether only a part is to be read.
 * @throws {RangeError} If it is not of at least one byte.
 * @throws {TypeError} If something is asked for that takes the whole.
 */
export function checkPart({ start, end, decompress, spool }: ReadOptions): boolean {
  if (start === undefined && end === undefined) return false;
  const [first, after] = [start ?? 0, end ?? Number.MAX_SAFE_INTEGER];
  if (!(Number.isSafeInteger(first) && Number.isSafeInteger(after) && 0 <= first && first < after)) {
    throw new RangeError(
      `start and end must be whole numbers, end the greater: current values are ${start} and ${end}`,
    );
  }
  if (decompress || spool) {
    throw new TypeError("A part of a file cannot be decompressed or spooled");
  }
  return true;
}
