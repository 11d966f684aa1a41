import { formatValue } from "../../kit/values/format_value.ts";
import { checkInteger, isInteger } from "../../kit/values/integer.ts";
import type { DownloadOptions, ReadOptions } from "../contract/options.ts";

/**
 * @param name The file's name, for errors.
 * @throws {RangeError} If the part does not have at least one byte.
 * @throws {TypeError} If options exclude each other, or `decompress` is not one of its values.
 */
export function checkPart(name: string, { start, end, decompress, spool, lazy }: ReadOptions): void {
  checkDecompress(name, decompress);
  const isPart = (start ?? end) !== undefined;
  if (lazy && (isPart || decompress || spool)) {
    throw new TypeError(`Cannot open '${name}': lazy cannot be combined with start, end, decompress or spool`);
  }
  if (!isPart) return;
  const [first, after] = [start ?? 0, end ?? Number.MAX_SAFE_INTEGER];
  if (!isInteger(first) || !isInteger(after, first + 1)) {
    throw new RangeError(
      `Cannot open '${name}': start and end must be integers, and end greater than start, got ${
        formatValue(start)
      } and ${formatValue(end)}`,
    );
  }
  if (decompress || spool) {
    throw new TypeError(`Cannot open '${name}': start and end cannot be combined with decompress or spool`);
  }
}

function checkDecompress(name: string, decompress: unknown = true): void {
  if (typeof decompress === "boolean" || decompress === "gzip") return;
  const got = formatValue(decompress);
  throw new TypeError(`Cannot read '${name}': decompress must be true, false or "gzip", got ${got}`);
}

/**
 * @throws {TypeError} If `decompress` is not one of its values.
 * @throws {RangeError} If the size or the number of ranges is not an integer of 1 or more.
 */
export function checkRanges(name: string, { partSize = 1, maxConcurrency = 1, decompress }: DownloadOptions): void {
  checkDecompress(name, decompress);
  checkInteger(`Cannot download '${name}': partSize`, partSize, 1);
  checkInteger(`Cannot download '${name}': maxConcurrency`, maxConcurrency, 1);
}
