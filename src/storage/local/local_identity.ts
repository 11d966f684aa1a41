import type { Disk, DiskStats } from "../../runtime/files/disk.ts";

/** What tells the versions of files apart. */
type Identified = Pick<DiskStats, "ino" | "mtimeNs" | "size">;

const NANOSECONDS = 1_000_000n; // in a millisecond

/** When a file was last written to, in milliseconds since 1970. */
export function modifiedAt({ mtimeNs }: Pick<DiskStats, "mtimeNs">): number {
  return Number(mtimeNs / NANOSECONDS);
}

/**
 * The name of a version of a file: every write of a storage creates a new file, with its own inode number and time.
 *
 * It is the same on every runtime. Deno reports times in whole milliseconds, cut off towards 1970 as `modifiedAt` does, and
 * inode numbers as 64-bit floats; Bun and Node report both exactly.
 */
export function identityOf(stats: Identified): string {
  return [Number(stats.ino), modifiedAt(stats), Number(stats.size)].map((number) => number.toString(16)).join("-");
}

/** The ETag of a file. */
export function etagOf(stats: Identified): string {
  return `"${identityOf(stats)}"`;
}

/** Whether a file is still the same, as exactly as this runtime can tell: within a millisecond it may change again. */
export function isUnchanged(before: DiskStats, now: DiskStats): boolean {
  return before.dev === now.dev && before.ino === now.ino && before.mtimeNs === now.mtimeNs && before.size === now.size;
}

/** How many identities are remembered: more than a process can write in a millisecond. */
const MAX_GIVEN = 4096;

/** A file system without times must not stop a write: 2^12 ms are more than the two seconds of FAT. */
const MAX_ATTEMPTS = 12;

/** The identities that this process gave to files, oldest first. */
const given = new Set<string>();

/**
 * Gives a finished file an identity that no other file of this process had. File systems such as ext4 give the inode number of a
 * deleted file to the next new one: if both have the same size and were written within a millisecond, the time of the new one
 * is moved on.
 *
 * @returns The stats of the file.
 */
export async function identify(disk: Disk, path: string): Promise<DiskStats> {
  let stats = await disk.lstat(path, { bigint: true });
  const written = modifiedAt(stats);
  for (let attempt = 0; given.has(identityOf(stats)) && attempt < MAX_ATTEMPTS; attempt++) {
    const later = new Date(written + 2 ** attempt); // Node may set a microsecond less
    try {
      await disk.utimes(path, later, later);
    } catch {
      break; // the file system keeps its own times
    }
    stats = await disk.lstat(path, { bigint: true });
  }
  given.add(identityOf(stats));
  if (given.size > MAX_GIVEN) given.delete(given.values().next().value!);
  return stats;
}
