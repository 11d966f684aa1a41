import { withoutHash } from "./hash.ts";
import type { Manifest } from "./manifest.ts";
import type { Entry } from "./target.ts";

/** What becomes of the hashed copies that the manifest no longer names. */
export interface StaleFiles {
  /** Those to remove now. */
  readonly expired: readonly string[];
  /** Those to remove later, and since when they are stale. */
  readonly stale: ReadonlyMap<string, number>;
}

/**
 * Finds the hashed copies that no manifest names any more. Their grace begins when they left the manifest, not when they
 * were stored: pages that were made before may still ask for them.
 *
 * @param entries What is at the target.
 * @param before The manifest until now, and when it was written.
 * @param isCurrent Whether that name is a file of ours as it is now. An original may look like a hashed copy too.
 * @param isOurs Whether that name was made of one of our files; other files may look like hashed copies.
 */
export function staleFiles(
  entries: Iterable<readonly [string, Entry]>,
  before: Manifest,
  writtenAt: number,
  isCurrent: (name: string) => boolean,
  isOurs: (unhashed: string) => boolean,
  graceMilliseconds: number,
  now: number,
): StaleFiles {
  const named = new Set(before.paths.values());
  const expired: string[] = [];
  const stale = new Map<string, number>();
  for (const [name, { etag, modified }] of entries) {
    const plain = name.replace(/\.(?:gz|br)$/, ""); // of a compressed sibling
    if (isCurrent(name) || isCurrent(plain)) continue;
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
