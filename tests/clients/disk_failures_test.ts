/** Disks that really fail, under Deno, Bun and Node: full, protected, missing, and without free descriptors. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";
import type { DiskFailureReport } from "./disk_probe.ts";

/** The user without rights, on every Linux. */
const NOBODY = 65_534;

const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;

const RUNTIMES: Readonly<Record<string, () => Promise<string[]>>> = {
  deno: () => Promise.resolve([Deno.execPath(), "run", "-A", "--no-lock"]),
  node: async () => [await nodePath()],
  bun: async () => [await bunPath()],
};

interface Run {
  readonly action: string;
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The most open files. */
  readonly descriptors?: number;
  /** The user that the process becomes. */
  readonly uid?: number;
}

/** Runs the probe in a process of its own. */
async function report(
  command: readonly string[],
  { action, folder, env = {}, descriptors, uid }: Run,
): Promise<DiskFailureReport> {
  const probe = await readableProbe();
  const limited = descriptors === undefined
    ? [...command]
    : ["sh", "-c", `ulimit -n ${descriptors}; exec "$@"`, "sh", ...command];
  const [program, ...args] = [...limited, probe, action, folder, `${uid ?? ""}`];
  const { stdout, stderr } = await new Deno.Command(program!, {
    args,
    cwd: "/",
    env: { NO_COLOR: "1", HOME: "/nonexistent", DENO_DIR: `${probe}.cache`, ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(text.startsWith("{"), text + new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

let copied: Promise<string> | undefined;

/** The probe as one file that every user may read. */
function readableProbe(): Promise<string> {
  return copied ??= (async () => {
    const path = await bundle("tests/clients/disk_probe.ts", "tests/.build/disk_probe.js");
    const folder = await Deno.makeTempDir({ prefix: "storages-probe-" });
    await Deno.chmod(folder, 0o755);
    await Deno.copyFile(path, `${folder}/disk_probe.mjs`);
    await Deno.mkdir(`${folder}/disk_probe.mjs.cache`);
    await Deno.chmod(`${folder}/disk_probe.mjs.cache`, 0o777);
    globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
    return `${folder}/disk_probe.mjs`;
  })();
}

/** A folder that every user may enter. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "storages-disk-" });
  await Deno.chmod(folder, 0o755);
  try {
    await Deno.writeTextFile(`${folder}/a.txt`, "storage contents");
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Mounts a disk of one MiB; `undefined` if this process may not. */
async function mountSmallDisk(): Promise<{ folder: string } & AsyncDisposable | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "storages-small-" });
  const run = async (command: string, ...args: string[]): Promise<boolean> =>
    await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()
      .then(({ success }) => success, () => false);
  if (!isRoot || !await run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)) {
    await Deno.remove(folder);
    return undefined;
  }
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await run("umount", folder);
      await Deno.remove(folder);
    },
  };
}

const small = await mountSmallDisk();
const canMount = small !== undefined;
await small?.[Symbol.asyncDispose]();

for (const [runtime, find] of Object.entries(RUNTIMES)) {
  let command: string[] = [];
  let missing: string | undefined = Deno.build.os === "windows" ? "no Windows" : undefined;
  try {
    command = await find();
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    missing = error.message;
  }
  const test = (name: string, reason: string | undefined, fn: () => Promise<void>): void => {
    const skipped = missing ?? reason;
    Deno.test({
      name: `${runtime}: ${name}${skipped === undefined ? "" : ` (skipped: ${skipped})`}`,
      ignore: skipped !== undefined,
      fn,
    });
  };

  test(
    "a missing file and a missing folder are NotFoundError and DiskError",
    undefined,
    () =>
      inFolder(async (folder) => {
        const read = await report(command, { action: "read", folder: `${folder}/no` });
        assertEquals([read.name, read.message], ["NotFoundError", "File does not exist: a.txt"]);
        const download = await report(command, { action: "download", folder: `${folder}/no` });
        assertEquals([download.name, download.code], ["DiskError", "ENOENT"]);
        assertEquals(
          download.message,
          `Cannot write '${folder}/no/film.mp4': the path does not exist (ENOENT). Create its folder first`,
        );
        const env = { FILE_UPLOAD_TEMP_DIR: `${folder}/no` };
        const spool = await report(command, { action: "spool", folder, env });
        assertEquals([spool.name, spool.code], ["DiskError", "ENOENT"]);
        assertStringIncludes(
          spool.message,
          `Cannot create a temporary file in '${folder}/no': ENOENT`,
        );
      }),
  );

  test("without free descriptors a DiskError says so", undefined, () =>
    inFolder(async (folder) => {
      for (const action of ["open many", "spool many"]) {
        const env = { FILE_UPLOAD_TEMP_DIR: folder };
        const { name, code, message } = await report(command, { action, folder, env, descriptors: 100 });
        assertEquals([name, code], ["DiskError", "EMFILE"], action);
        assertStringIncludes(message, action === "spool many" ? "EMFILE" : "too many open files (EMFILE). Close files");
      }
    }));

  test("a full disk is a DiskError", canMount ? undefined : "no disk can be mounted", async () => {
    await using disk = (await mountSmallDisk())!;
    const { folder } = disk;
    for (const action of ["save", "download", "spool"]) {
      const { name, code, message } = await report(command, { action, folder, env: { FILE_UPLOAD_TEMP_DIR: folder } });
      assertEquals([name, code], ["DiskError", "ENOSPC"], action);
      assertStringIncludes(message, action === "spool" ? "Set FILE_UPLOAD_TEMP_DIR" : "the disk is full (ENOSPC)");
    }
  });

  test(
    "a protected folder is a PermissionDeniedError of a storage, and a DiskError of a target",
    isRoot ? undefined : "not root",
    () =>
      inFolder(async (folder) => {
        await Deno.chmod(`${folder}/a.txt`, 0o600);
        for (const action of ["save", "read", "delete"]) {
          const { name, code, message } = await report(command, { action, folder, uid: NOBODY });
          assertEquals([name, code], ["PermissionDeniedError", "EACCES"], action);
          assertStringIncludes(message, `Cannot ${{ save: "write 'a.bin'" }[action] ?? `${action} 'a.txt'`}`);
        }
        const download = await report(command, { action: "download", folder, uid: NOBODY });
        assertEquals([download.name, download.code], ["DiskError", "EACCES"]);
        assertStringIncludes(download.message, `Cannot write '${folder}/film.mp4': the system denies access (EACCES)`);
        await Deno.chmod(folder, 0o700);
        assertEquals((await report(command, { action: "list", folder, uid: NOBODY })).name, "PermissionDeniedError");
      }),
  );
}
