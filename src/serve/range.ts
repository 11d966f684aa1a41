/** A part of a file: from `start` up to and without `end`. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** A requested range: `start` to `end`, or the last `suffix` bytes. */
type RequestedRange = { readonly start: number; readonly end: number } | { readonly suffix: number };

/** The most ranges. More are an attack, and RFC 9110, section 14.2, lets a server ignore them. */
const MAX_RANGES = 100;

/**
 * Parses a Range header; `undefined` if it is malformed or has another unit, so that it is ignored.
 *
 * Source: RFC 9110, section 14.1.
 */
export function parseRange(header: string | null): readonly RequestedRange[] | undefined {
  const set = /^bytes=(.*)$/i.exec(header?.trim() ?? "")?.[1];
  const listed = set?.split(",", MAX_RANGES + 1) ?? [];
  if (listed.length > MAX_RANGES) return undefined;
  const specs = listed.map((spec) => spec.trim()).filter((spec) => spec !== "");
  if (specs.length === 0) return undefined;
  const ranges: RequestedRange[] = [];
  for (const spec of specs) {
    const [, first, last] = /^(\d*)-(\d*)$/.exec(spec) ?? [];
    if (!first && !last) return undefined;
    if (!first) {
      ranges.push({ suffix: Number(last) });
      continue;
    }
    const [start, end] = [Number(first), last ? Number(last) + 1 : Infinity];
    if (last && end <= start) return undefined;
    ranges.push({ start, end });
  }
  return ranges;
}

/**
 * Chooses the part of a file to send.
 *
 * @returns The part; `undefined` for the whole file, also if several parts are requested, which RFC 9110, section 14.2,
 * allows; `"none"` if the file has none of them.
 */
export function choosePart(ranges: readonly RequestedRange[], size: number): Part | "none" | undefined {
  // The first or last bytes of an empty file. nginx asks for the first slice of any file, and passes on a 416.
  if (size === 0 && ranges.some((one) => "suffix" in one ? one.suffix > 0 : one.start === 0)) return undefined;
  const parts = ranges.map((one): Part =>
    "suffix" in one
      ? { start: Math.max(0, size - one.suffix), end: size }
      : { start: one.start, end: Math.min(one.end, size) }
  ).filter(({ start, end }) => start < end);
  if (parts.length === 0) return "none";
  return parts.length === 1 ? parts[0] : undefined;
}

/** The part to request before the size of the file is known; `undefined` if the size is needed first. */
export function partAhead(ranges: readonly RequestedRange[]): Part | undefined {
  const [only, ...others] = ranges;
  const isSafe = only !== undefined && "start" in only && Number.isSafeInteger(only.start);
  if (!isSafe || others.length > 0) return undefined;
  return { start: only.start, end: Number.isSafeInteger(only.end) ? only.end : Infinity };
}
