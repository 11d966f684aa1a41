/**
 * Compares texts by the bytes of their UTF-8, which is the order of code points and not that of UTF-16: so do S3 and
 * Python.
 *
 * @returns Less than, equal to or greater than 0.
 */
export function compareUtf8(one: string, other: string): number {
  for (let i = 0; i < one.length && i < other.length; i++) {
    const difference = utf8Rank(one.charCodeAt(i)) - utf8Rank(other.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** Surrogates stand for code points above all others, and so rank above the units from U+E000 on. */
function utf8Rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}
