/** What the names of compressed siblings end in, by encoding. */
export const SIBLING_SUFFIXES = { gzip: ".gz", br: ".br" } as const;

/** The name of the file that a sibling belongs to; other names as they are. */
export function withoutSiblingSuffix(name: string): string {
  return isSiblingName(name) ? name.slice(0, -3) : name;
}

/** Whether a name ends as that of a compressed sibling. */
export function isSiblingName(name: string): boolean {
  return /\.(?:gz|br)$/.test(name);
}
