/** The folder of a LocalStorage, written on each runtime and read on each other one. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";
import { runOnBun, runOnDeno, runOnNode } from "../runtimes/run_suite.ts";
import type { FolderTask, SeenFile } from "./local_folder_probe.ts";

const PROBE = "tests/clients/local_folder_probe.ts";

interface Runtime {
  path(): Promise<string>;
  run(task: string): Promise<SeenFile[]>;
}

let bundled: Promise<string> | undefined;
const script = (): Promise<string> => bundled ??= bundle(PROBE, "tests/.build/local_folder_probe.mjs");

const RUNTIMES: Readonly<Record<string, Runtime>> = {
  Deno: { path: () => Promise.resolve(Deno.execPath()), run: (task) => runOnDeno(PROBE, task) },
  Node: { path: nodePath, run: async (task) => await runOnNode(await script(), task) },
  Bun: { path: bunPath, run: async (task) => await runOnBun(await script(), task) },
};

async function on(runtime: string, action: FolderTask["action"], folder: string): Promise<SeenFile[]> {
  return await RUNTIMES[runtime]!.run(JSON.stringify({ action, folder, writer: runtime } satisfies FolderTask));
}

/** The permissions of all files and folders, by path. */
async function permissions(folder: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    found.push((await Deno.lstat(`${folder}/${name}`)).mode! & 0o7777);
    if (isDirectory) found.push(...await permissions(`${folder}/${name}`));
  }
  return found.sort();
}

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "storages-folder-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const available: string[] = [];
for (const [name, { path }] of Object.entries(RUNTIMES)) {
  try {
    await path();
    available.push(name);
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
  }
}

for (const writer of Object.keys(RUNTIMES)) {
  const others = available.filter((name) => name !== writer);
  Deno.test({
    name: `a folder written on ${writer} has the same files, attributes and ETags on all runtimes`,
    ignore: !available.includes(writer) || others.length === 0,
    fn: () =>
      withFolder(async (folder) => {
        const written = await on(writer, "write", folder);
        assertEquals(written.length, 14);
        const described = written.find(({ name }) => name === "copied.dat")!;
        const { contentType, cacheControl, etag } = described.stat as Record<string, string>;
        assertEquals([contentType, cacheControl], ["application/vnd.example+json", "max-age=60"]);
        assertMatch(etag!, /^"[\da-f]+-[\da-f]+-[\da-f]+"$/);
        for (const reader of others) {
          assertEquals(await on(reader, "read", folder), written, `read on ${reader}`);
        }
      }),
  });

  Deno.test({
    name: `files written on ${writer} are replaced on the other runtimes together with their attributes`,
    ignore: !available.includes(writer) || others.length === 0,
    fn: () =>
      withFolder(async (folder) => {
        const written = await on(writer, "write", folder);
        for (const other of others) {
          const replaced = await on(other, "replace", folder);
          assertEquals(replaced.map(({ name }) => name), written.map(({ name }) => name));
          assert(replaced.every(({ text }) => text.endsWith(` of ${other}`)));
          assertEquals(await Array.fromAsync(Deno.readDir(`${folder}/.storages`)), []);
          await on(writer, "write", folder);
        }
      }),
  });
}

Deno.test({
  name: "all runtimes give files, folders and attributes the same permissions",
  ignore: available.length < 2 || Deno.build.os === "windows",
  fn: async () => {
    const found: number[][] = [];
    for (const writer of available) {
      await withFolder(async (folder) => {
        await on(writer, "write", folder);
        found.push(await permissions(folder));
      });
    }
    for (const other of found) assertEquals(other, found[0]);
  },
});
