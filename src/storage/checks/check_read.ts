import { formatValue } from "../../kit/values/format_value.ts";
import { checkInteger, isInteger } from "../../kit/values/integer.ts";
import type { DownloadOptions, ReadOptions } from "../contract/options.ts";

/** The error for a mode that `open` does not have. */
export function wrongMode(name: string, mode: unknown): TypeError {
  return new TypeError(
    `Cannot open '${name}': mode must be "r" (text), "rb" (bytes), "w" or "wb" (write), got ${formatValue(mode)}`,
  );
}

/**
 * Checks the options of opening a file to read.
 *
 * @param name The file's name, for errors.
 * @throws {RangeError} If the part does not have at least one byte, or a size or a number is less than 1.
 * @throws {TypeError} If options exclude each other, or `decompress` is not one of its values.
 */
export function checkRead(name: string, options: ReadOptions): void {
  const { start, end, decompress, spool, lazy, partSize } = options;
  checkDownload("open", name, options);
  if (options.maxConcurrency !== undefined && partSize === undefined) {
    throw new TypeError(`Cannot open '${name}': maxConcurrency requires partSize`);
  }
  const isPart = (start ?? end) !== undefined;
  if (lazy && (isPart || decompress || spool || partSize !== undefined)) {
    throw new TypeError(
      `Cannot open '${name}': lazy cannot be combined with start, end, decompress, spool or partSize`,
    );
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
  if (decompress || spool || partSize !== undefined) {
    throw new TypeError(`Cannot open '${name}': start and end cannot be combined with decompress, spool or partSize`);
  }
}

/**
 * Checks the options that opening to read and downloading have in common.
 *
 * @throws {RangeError} If `partSize` or `maxConcurrency` is not an integer of 1 or more.
 * @throws {TypeError} If `decompress` is not one of its values.
 */
export function checkDownload(
  action: "open" | "download",
  name: string,
  { partSize = 1, maxConcurrency = 1, decompress = true }: DownloadOptions,
): void {
  if (typeof decompress !== "boolean" && decompress !== "gzip" && decompress !== "br") {
    const got = formatValue(decompress);
    throw new TypeError(`Cannot ${action} '${name}': decompress must be true, false, "gzip" or "br", got ${got}`);
  }
  checkInteger(`Cannot ${action} '${name}': partSize`, partSize, 1);
  checkInteger(`Cannot ${action} '${name}': maxConcurrency`, maxConcurrency, 1);
}
