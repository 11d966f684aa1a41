/** Kills processes that write to a LocalStorage, on each runtime, and deletes what they leave. */
import { assertEquals } from "@std/assert";
import { LocalStorage } from "../../src/storage/mod.ts";
import { bundle } from "../runtimes/bundle.ts";
import { lifetime } from "../runtimes/ending.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";

const RUNTIMES: Readonly<Record<string, () => Promise<string[]>>> = {
  Deno: () => Promise.resolve([Deno.execPath(), "run", "-A", "--quiet", "--no-lock", "--v8-flags=--expose-gc"]),
  Node: async () => [await nodePath(), "--expose-gc"],
  Bun: async () => [await bunPath()],
};

const LONG_AGO = new Date("2020-01-01T00:00:00Z");

let bundled: Promise<string> | undefined;

async function writer([program, ...args]: string[], action: "stay" | "drop", folder: string): Promise<Deno.Command> {
  const script = await (bundled ??= bundle("tests/clients/killed_writer.ts", "tests/.build/killed_writer.mjs"));
  const options = { stdin: "null", stdout: "piped", stderr: "piped", signal: lifetime() } as const;
  return new Deno.Command(program!, { ...options, args: [...args, script, action, folder] });
}

/** Starts a writer, and waits until it has begun all of its files. */
async function startWriter(command: string[], folder: string): Promise<Deno.ChildProcess> {
  const child = (await writer(command, "stay", folder)).spawn();
  await child.stderr.cancel();
  const reader = child.stdout.getReader();
  assertEquals(new TextDecoder().decode((await reader.read()).value).trim(), "begun");
  await reader.cancel();
  return child;
}

async function temporary(folder: string): Promise<string[]> {
  const all = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return all.filter((name) => name.startsWith(".storages-")).map((name) => `${folder}/${name}`).sort();
}

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "storages-killed-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [runtime, find] of Object.entries(RUNTIMES)) {
  const command = await find().catch((error) => {
    if (error instanceof RuntimeUnavailableError) return undefined;
    throw error;
  });
  Deno.test({
    name: `the files of a killed writer on ${runtime} are deleted after a day, and those of a living one are kept`,
    ignore: command === undefined,
    fn: () =>
      withFolder(async (folder) => {
        const storage = new LocalStorage(folder);
        const killed = await startWriter(command!, folder);
        killed.kill("SIGKILL");
        assertEquals((await killed.status).signal, "SIGKILL");
        const left = await temporary(folder);
        assertEquals(left.length, 2);
        const living = await startWriter(command!, folder);
        try {
          assertEquals((await temporary(folder)).length, 4);
          assertEquals(await storage.deleteIncomplete(), [], "all files are young");
          for (const path of left) await Deno.utime(path, LONG_AGO, LONG_AGO);
          const deleted = await storage.deleteIncomplete();
          assertEquals(deleted.map(({ path }) => path).sort(), left);
          assertEquals(deleted.map(({ size }) => size).sort(), [1000, 200_000]);
          assertEquals((await temporary(folder)).length, 2);
        } finally {
          living.kill("SIGKILL");
          await living.status;
        }
        assertEquals([await storage.listdir(), await storage.readText("whole.txt")], [[[], ["whole.txt"]], "whole"]);
      }),
  });

  Deno.test({
    name: `writers that were dropped without an end leave no file on ${runtime}, and no warning`,
    ignore: command === undefined || runtime === "Bun", // its collector keeps them for an unknown time
    fn: () =>
      withFolder(async (folder) => {
        const { success, stdout, stderr } = await (await writer(command!, "drop", folder)).output();
        const [printed, warnings] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
        assertEquals([success, printed, warnings], [true, "begun\ndiscarded\n", ""]);
        assertEquals(await temporary(folder), []);
      }),
  });
}
