import { isInteger } from "../../kit/values/integer.ts";
import type { ReadOptions } from "./options.ts";

/**
 * @returns Whether only a part is to be read.
 * @throws {RangeError} If it is not of at least one byte.
 * @throws {TypeError} If something is asked for that takes the whole.
 */
export function checkPart({ start, end, decompress, spool }: ReadOptions): boolean {
  if (start === undefined && end === undefined) return false;
  const [first, after] = [start ?? 0, end ?? Number.MAX_SAFE_INTEGER];
  if (!isInteger(first) || !isInteger(after, first + 1)) {
    throw new RangeError(
      `start and end must be integers, and end greater than start, got ${start} and ${end}`,
    );
  }
  if (decompress || spool) {
    throw new TypeError("A part of a file cannot be decompressed or spooled");
  }
  return true;
}
