import { assertEquals, assertNotEquals } from "@std/assert";
import * as fs from "node:fs/promises";
import type { Disk, DiskStats } from "../../../../src/runtime/files/disk.ts";
import { etagOf, identify, identityOf, isUnchanged, modifiedAt } from "../../../../src/storage/local/local_identity.ts";
import { inTempFolder } from "../../temp_folder.ts";

const EXACT = { ino: 2n ** 53n + 1n, mtimeNs: 1_796_065_267_040_551_129n, size: 3n };
/** What Deno reports of the same file. */
const CUT = { ino: 2n ** 53n, mtimeNs: 1_796_065_267_040_000_000n, size: 3n };

Deno.test("an identity is the same of exact times and inode numbers, and of those that Deno reports", () => {
  assertEquals([identityOf(EXACT), etagOf(EXACT)], [identityOf(CUT), etagOf(CUT)]);
  assertEquals(modifiedAt(EXACT), 1_796_065_267_040);
  const before1970 = (mtimeNs: bigint): string => identityOf({ ...EXACT, mtimeNs });
  assertEquals(before1970(-999_300_000n), before1970(-999_000_000n));
  assertEquals(before1970(-700_000n), before1970(0n));
});

Deno.test("an identity changes with the inode number, the millisecond and the size", () => {
  for (const change of [{ ino: 7n }, { size: 4n }, { mtimeNs: CUT.mtimeNs + 1_000_000n }]) {
    assertNotEquals(identityOf({ ...CUT, ...change }), identityOf(CUT));
  }
});

Deno.test("isUnchanged() notices a change within the millisecond, and another file system", () => {
  const stats = { ...EXACT, dev: 1n } as DiskStats;
  assertEquals(isUnchanged(stats, { ...stats }), true);
  for (const change of [{ mtimeNs: EXACT.mtimeNs + 1n }, { dev: 2n }, { ino: EXACT.ino + 1n }, { size: 4n }]) {
    assertEquals(isUnchanged(stats, { ...stats, ...change }), false);
  }
});

interface Stage {
  readonly disk: Disk;
  readonly path: string;
  /** The calls of `utimes`. */
  readonly moved: number[];
  /** Sets the time of the file back, as if a new file had got its inode number within the millisecond. */
  repeat(): Promise<void>;
}

let time = 1_796_065_267_040;

/** Runs with a file whose time no other one has, as they may have the same inode number. */
async function withFile(replace: Partial<Disk>, run: (stage: Stage) => Promise<void>): Promise<void> {
  await inTempFolder(async (_names, folder) => {
    const path = `${folder}/a.txt`;
    const written = new Date(time += 10_000);
    const moved: number[] = [];
    const disk = {
      ...fs,
      utimes: async (path: string, accessed: Date, modified: Date) => {
        moved.push(modified.getTime() - written.getTime());
        await (replace.utimes ?? fs.utimes)(path, accessed, modified);
      },
      lstat: replace.lstat ?? fs.lstat,
    } as unknown as Disk;
    await Deno.writeTextFile(path, "hello");
    const repeat = (): Promise<void> => fs.utimes(path, written, written);
    await repeat();
    await run({ disk, path, moved, repeat });
    await Deno.remove(path);
  });
}

Deno.test("identify() gives no identity twice, also if an inode number is used again within a millisecond", async () => {
  await withFile({}, async ({ disk, path, moved, repeat }) => {
    const identities = new Set<string>();
    for (let version = 0; version < 4; version++) {
      await repeat();
      const stats = await identify(disk, path);
      assertEquals(identityOf(stats), identityOf(await disk.lstat(path, { bigint: true })));
      identities.add(identityOf(stats));
    }
    assertEquals([identities.size, moved], [4, [1, 1, 2, 1, 2, 4]]);
  });
});

Deno.test("identify() moves the time on by as much as the file system can tell", async () => {
  const lstat: Disk["lstat"] = async (path, options) => {
    const stats = await fs.lstat(path, options) as unknown as DiskStats;
    return { ...stats, mtimeNs: stats.mtimeNs / 2_000_000_000n * 2_000_000_000n }; // as FAT does
  };
  await withFile({ lstat }, async ({ disk, path, repeat }) => {
    const first = await identify(disk, path);
    await repeat();
    assertNotEquals(identityOf(await identify(disk, path)), identityOf(first));
  });
});

Deno.test("identify() does not fail on a file system that keeps its own times", async () => {
  const refuse = () => Promise.reject(Object.assign(new Error("EPERM"), { code: "EPERM" }));
  for (const [utimes, calls] of [[refuse, 1], [() => Promise.resolve(), 12]] as const) {
    await withFile({ utimes }, async ({ disk, path, moved }) => {
      const first = await identify(disk, path);
      assertEquals([identityOf(await identify(disk, path)), moved.length], [identityOf(first), calls]);
    });
  }
});
