import { withoutHash } from "../hash.ts";
import type { Manifest } from "../manifest.ts";
import { withoutSiblingSuffix } from "../source/siblings.ts";
import type { Entry } from "../target.ts";

/** What becomes of the hashed copies that the manifest no longer names. */
export interface StaleFiles {
  /** Those to remove now. */
  readonly expired: readonly string[];
  /** Those to remove later, and since when they are stale. */
  readonly stale: ReadonlyMap<string, number>;
}

/** Where stale files are looked for. */
export interface StaleSearch {
  /** What is at the target. */
  readonly entries: Iterable<readonly [string, Entry]>;
  /** The manifest until now. */
  readonly before: Manifest;
  /** When it was written. */
  readonly writtenAt: number;
  /** Whether that name is a file of ours as it is now. An original may look like a hashed copy too. */
  readonly isCurrent: (name: string) => boolean;
  /** Whether that name was made of one of our files; other files may look like hashed copies. */
  readonly isOurs: (unhashed: string) => boolean;
  /** `undefined` where nothing is looked for, and only what is current again counts no longer as stale. */
  readonly graceMilliseconds: number | undefined;
  readonly now: number;
}

/**
 * Finds the hashed copies that the manifest no longer names. Their grace begins when they left the manifest, not when they
 * were stored: pages that were made before may still ask for them.
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
    const unhashed = withoutHash(plain);
    if (unhashed === undefined) continue;
    // An ETag that begins with the hash proves that the name was made of the content.
    if (!isOurs(unhashed.name) && !etag.startsWith(`"${unhashed.hash}`)) continue;
    const since = named.has(name) || named.has(plain) ? now : before.stale.get(name) ?? Math.max(writtenAt, modified);
    if (now - since >= graceMilliseconds) expired.push(name);
    else stale.set(name, since);
  }
  return { expired, stale };
}
