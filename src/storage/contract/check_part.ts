import { isInteger } from "../../kit/values/integer.ts";
import type { ReadOptions } from "./options.ts";

/**
 * @returns Whether only a part of the file is read.
 * @throws {RangeError} If the part does not have at least one byte.
 * @throws {TypeError} If it is combined with an option that needs the whole file.
 */
export function checkPart({ start, end, decompress, spool }: ReadOptions): boolean {
  if (start === undefined && end === undefined) return false;
  const [first, after] = [start ?? 0, end ?? Number.MAX_SAFE_INTEGER];
  if (!isInteger(first) || !isInteger(after, first + 1)) {
    throw new RangeError(`start and end must be integers, and end greater than start, got ${start} and ${end}`);
  }
  if (decompress || spool) {
    throw new TypeError("start and end cannot be combined with decompress or spool");
  }
  return true;
}
