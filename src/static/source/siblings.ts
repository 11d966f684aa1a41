/** The suffixes of compressed siblings by encoding. */
export const SIBLING_SUFFIXES = { gzip: ".gz", br: ".br" } as const;

/** The name of the file that a sibling belongs to; other names are returned unchanged. */
export function withoutSiblingSuffix(name: string): string {
  return isSiblingName(name) ? name.slice(0, -3) : name;
}

/** Whether a name ends with the suffix of a compressed sibling. */
export function isSiblingName(name: string): boolean {
  return /\.(?:gz|br)$/.test(name);
}
