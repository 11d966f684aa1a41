import { withoutHash } from "../hash.ts";
import type { Manifest } from "../manifest.ts";
import { withoutSiblingSuffix } from "../source/siblings.ts";
import type { Entry } from "../target.ts";

/** The hashed copies that the manifest no longer names. */
export interface StaleFiles {
  /** Copies to delete now. */
  readonly expired: readonly string[];
  /** Copies to delete later, with the time when they became stale. */
  readonly stale: ReadonlyMap<string, number>;
}

/** The input of `staleFiles`. */
export interface StaleSearch {
  /** The files at the target. */
  readonly entries: Iterable<readonly [string, Entry]>;
  /** The previous manifest. */
  readonly before: Manifest;
  /** When it was written. */
  readonly writtenAt: number;
  /** Whether a name is a current file of the site. An original may also look like a hashed copy. */
  readonly isCurrent: (name: string) => boolean;
  /** Whether a file of that name belongs to the site. Files of other sites may look like hashed copies. */
  readonly isOurs: (unhashed: string) => boolean;
  /** `undefined` to search for nothing, and only forget stale copies that are current again. */
  readonly graceMilliseconds: number | undefined;
  readonly now: number;
}

/**
 * Finds the hashed copies that the manifest no longer names. Their grace period begins when they left the manifest, not when
 * they were stored: pages that were rendered before may still request them.
 */
export function staleFiles(search: StaleSearch): StaleFiles {
  const { entries, before, writtenAt, isOurs, graceMilliseconds, now } = search;
  const isCurrent = (name: string): boolean => search.isCurrent(name) || search.isCurrent(withoutSiblingSuffix(name));
  if (graceMilliseconds === undefined) {
    return { expired: [], stale: new Map([...before.stale].filter(([name]) => !isCurrent(name))) };
  }
  const named = new Set(before.paths.values());
  const expired: string[] = [];
  const stale = new Map<string, number>();
  for (const [name, { etag, modified }] of entries) {
    if (isCurrent(name)) continue;
    const plain = withoutSiblingSuffix(name);
    // A name that ends in .gz may be the sibling of a copy, or the copy of a file whose own name ends in .gz.
    const readings = [withoutHash(name), withoutHash(plain)].filter((reading) => reading !== undefined);
    // An ETag that begins with the hash proves that the name is a hashed one.
    if (!readings.some(({ name, hash }) => isOurs(name) || etag.startsWith(`"${hash}`))) continue;
    const since = named.has(name) || named.has(plain) ? now : before.stale.get(name) ?? Math.max(writtenAt, modified);
    if (now - since >= graceMilliseconds) expired.push(name);
    else stale.set(name, since);
  }
  return { expired, stale };
}
