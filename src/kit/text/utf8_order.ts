/**
 * Compares strings by their bytes in UTF-8, which is the order of code points and not of UTF-16. Python and storage services
 * order names this way.
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

/** Surrogates encode code points above all others, so they rank above the units from U+E000 on. */
function utf8Rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}

/** Whether a text comes after another one in the order of their UTF-8 bytes; without another one, it does. */
export function isAfter(text: string, other: string | undefined): boolean {
  return other === undefined || compareUtf8(text, other) > 0;
}
