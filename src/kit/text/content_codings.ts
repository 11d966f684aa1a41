/**
 * Removes a coding from the value of a `Content-Encoding` header, whatever its case and place.
 *
 * @returns The other codings; `undefined` if there are none.
 */
export function withoutCoding(codings: string | null | undefined, removed: string): string | undefined {
  return codings?.split(/[\s,]+/).filter((coding) => coding && coding.toLowerCase() !== removed).join() || undefined;
}
