/** A part of a file: from `start` up to and without `end`. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** One asked for: `start` to `end`, or the last `suffix` bytes. */
type Asked = { readonly start: number; readonly end: number } | { readonly suffix: number };

/** More are those of an attack: RFC 9110, section 14.2, lets a server ignore them. */
const MOST_RANGES = 100;

/**
 * The parts that a Range header asks for; `undefined` where it is none that is understood, which then does not count.
 *
 * Source: RFC 9110, section 14.1.
 */
export function parseRange(header: string | null): readonly Asked[] | undefined {
  const set = /^bytes=(.*)$/i.exec(header?.trim() ?? "")?.[1];
  const listed = set?.split(",", MOST_RANGES + 1) ?? [];
  if (listed.length > MOST_RANGES) return undefined;
  const specs = listed.map((spec) => spec.trim()).filter((spec) => spec !== "");
  if (specs.length === 0) return undefined;
  const asked: Asked[] = [];
  for (const spec of specs) {
    const [, first, last] = /^(\d*)-(\d*)$/.exec(spec) ?? [];
    if (!first && !last) return undefined;
    if (!first) {
      asked.push({ suffix: Number(last) });
      continue;
    }
    const [start, end] = [Number(first), last ? Number(last) + 1 : Infinity];
    if (last && end <= start) return undefined;
    asked.push({ start, end });
  }
  return asked;
}

/**
 * What is sent of a file of that size.
 *
 * @returns The part; `undefined` for all of it, also where several parts are asked for, which RFC 9110, section 14.2,
 * leaves to the server; `"none"` where the file has none of them.
 */
export function choosePart(asked: readonly Asked[], size: number): Part | "none" | undefined {
  if (size === 0 && asked.some((one) => "suffix" in one && one.suffix > 0)) return undefined; // the end of nothing
  const parts = asked.map((one): Part =>
    "suffix" in one
      ? { start: Math.max(0, size - one.suffix), end: size }
      : { start: one.start, end: Math.min(one.end, size) }
  ).filter(({ start, end }) => start < end);
  if (parts.length === 0) return "none";
  return parts.length === 1 ? parts[0] : undefined;
}

/** The part to ask a storage for, before it is known how large the file is; `undefined` where that must be known. */
export function partAhead(asked: readonly Asked[]): Part | undefined {
  const [only, ...others] = asked;
  const isSafe = only !== undefined && "start" in only && Number.isSafeInteger(only.start);
  if (!isSafe || others.length > 0) return undefined;
  return { start: only.start, end: Number.isSafeInteger(only.end) ? only.end : Infinity };
}
