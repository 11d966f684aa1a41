/** Disks that fold names: a real one where it can be mounted, and a simulated one. */
import * as fs from "node:fs/promises";

/** A folder on a disk that folds case. */
export interface FoldingMount {
  readonly folder: string;
  readonly kind: string;
  unmount(): Promise<void>;
}

export const MOUNT_HINT = "no disk that folds case can be mounted: as root, with Linux's ext4 and CONFIG_UNICODE, or " +
  "apt-get install ntfs-3g";

async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  try {
    const child = new Deno.Command(command, { args, stdin: "null", stdout: "null", stderr: "null" });
    return (await child.output()).success;
  } catch {
    return false;
  }
}

/** Gives a folder a short name, as Windows would; false if that is impossible: it requires NTFS and Python. */
export async function nameShort(path: string, short: string): Promise<boolean> {
  const script = "import os, sys; os.setxattr(sys.argv[1], 'system.ntfs_dos_name', sys.argv[2].encode())";
  return await succeeds("python3", "-c", script, path, short);
}

/** Mounts a file as a disk that folds case: ext4 with casefold, else NTFS; `undefined` if neither is possible. */
export async function mountFoldingDisk(): Promise<FoldingMount | undefined> {
  const around = await Deno.makeTempDir({ prefix: "storages-folding-" });
  const [image, mount, folder] = [`${around}/image`, `${around}/mount`, `${around}/mount/folder`];
  await Deno.mkdir(mount);
  const unmount = async (): Promise<void> => {
    await succeeds("umount", mount);
    await Deno.remove(around, { recursive: true });
  };
  const makers = {
    "ext4 with casefold": async () =>
      await succeeds("mkfs.ext4", "-q", "-O", "casefold", "-E", "encoding=utf8", image) &&
      await succeeds("mount", "-o", "loop", image, mount) &&
      await Deno.mkdir(folder).then(() => succeeds("chattr", "+F", folder)),
    "NTFS with ignore_case": async () =>
      await succeeds("mkntfs", "-Q", "-F", "-q", image) &&
      await succeeds("lowntfs-3g", "-o", "ignore_case,permissions", image, mount) &&
      await Deno.mkdir(folder).then(() => true),
  };
  for (const [kind, make] of Object.entries(makers)) {
    await Deno.writeFile(image, new Uint8Array(0));
    await Deno.truncate(image, 32 * 1024 * 1024);
    if (await make()) return { folder, kind, unmount };
    await succeeds("umount", mount);
  }
  await unmount();
  return undefined;
}

/** How a simulated disk folds: names with the same result are equal. `short` returns the short name. */
export interface Folding {
  readonly fold: (name: string) => string;
  readonly short?: (name: string) => string | undefined;
}

/** The foldings of file systems, and one that no known file system has. */
export const FOLDINGS = {
  /** APFS, vfat. */
  case: { fold: (name) => name.toLowerCase() },
  /** HFS+, ext4: case by Unicode's full folding, without invisible characters. */
  unicode: {
    fold: (name) =>
      name.normalize("NFD").replace(/[\u200b-\u200f\u2060-\u206f\ufeff\u00ad]/g, "").toUpperCase().toLowerCase()
        .replaceAll("ſ", "s"),
  },
  /** NTFS, as Windows opens it. */
  windows: {
    fold: (name) => name.toLowerCase().replace(/[. ]+$/, ""),
    short: (name) => name.toLowerCase() === ".storages" ? "STORAG~1" : undefined,
  },
  /** Code pages: the nearest letter. */
  unknown: { fold: (name) => name.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ø", "o").toLowerCase() },
} satisfies Record<string, Folding>;

/** Node's file functions on a disk that folds the names below a folder. */
function foldingFs(root: string, { fold, short }: Folding): Record<string, unknown> {
  const find = async (path: string): Promise<string> => {
    if (!path.startsWith(`${root}/`)) return path;
    let at = root;
    for (const name of path.slice(root.length + 1).split("/")) {
      const entries = await fs.readdir(at).catch(() => []);
      const same = entries.find((entry) => fold(entry) === fold(name) || short?.(entry) === name.toUpperCase());
      at += `/${same ?? name}`;
    }
    return at;
  };
  const calls = ["lstat", "stat", "readdir", "mkdir", "open", "writeFile", "chmod", "rm", "rmdir", "readFile"];
  const one = calls.map((name) => {
    const call = fs[name as "lstat"] as (path: string, ...rest: unknown[]) => Promise<unknown>;
    return [name, async (path: string, ...rest: unknown[]) => await call(await find(path), ...rest)] as const;
  });
  const two = ["rename", "link", "copyFile"].map((name) => {
    const call = fs[name as "rename"];
    return [name, async (from: string, to: string) => await call(await find(from), await find(to))] as const;
  });
  // As on Linux, the real path has the spelling of the request.
  return { ...Object.fromEntries([...one, ...two]), realpath: fs.realpath };
}

/** Runs with a disk that folds the names below a folder. */
export async function onFoldingDisk(root: string, folding: Folding, run: () => Promise<void>): Promise<void> {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
  const before = process.getBuiltinModule;
  const folded = foldingFs(root, folding);
  process.getBuiltinModule = (name) => name === "node:fs/promises" ? folded : before.call(process, name);
  try {
    await run();
  } finally {
    process.getBuiltinModule = before;
  }
}
