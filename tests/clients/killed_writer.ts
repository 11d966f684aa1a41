/**
 * Writes files in a folder on Deno, Bun and Node: saves one whole file, stalls in the middle of another one, and keeps a third
 * one open. Prints a line when all three are begun.
 *
 * Then it waits until it is killed; with the action `drop` it drops the two incomplete files, prints a line once garbage
 * collection has discarded them, and ends.
 */
import { LocalStorage } from "../../src/storage/mod.ts";
import type { WriteFile } from "../../src/storage/files/write_file.ts";

interface Globals {
  readonly process: {
    readonly argv: readonly string[];
    getBuiltinModule(name: "node:fs"): { readdirSync(path: string): string[] };
  };
  readonly gc?: () => void;
  readonly Bun?: { gc(isNow: boolean): void };
  /** What the process holds. */
  held: unknown[];
}

const globals = globalThis as unknown as Globals;
const [action, folder] = globals.process.argv.slice(-2) as [string, string];
const storage = new LocalStorage(folder);
globals.held = [];

async function stallInTheMiddle(): Promise<void> {
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => begin = resolve); // Node 20 has no Promise.withResolvers
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(200_000);
    begin(); // the first chunk was written
    await new Promise((resolve) => globals.held.push(resolve));
  }
  storage.save("stalled.bin", slow(), { metadata: { owner: "ada" } }).catch(() => {});
  await begun;
}

async function keepOpen(): Promise<WriteFile> {
  const file = await storage.open("open.bin", "wb");
  await file.write(new Uint8Array(1000));
  return file;
}

async function isDiscarded(): Promise<boolean> {
  globals.gc?.();
  globals.Bun?.gc(true);
  await new Promise((resolve) => setTimeout(resolve, 10));
  const names = globals.process.getBuiltinModule("node:fs").readdirSync(folder);
  return !names.some((name) => name.startsWith(".storages-"));
}

await storage.save("whole.txt", "whole", { metadata: { owner: "ada" } });
await stallInTheMiddle();
globals.held.push(await keepOpen());
// deno-lint-ignore no-console -- the test reads it
console.log("begun");
if (action === "drop") {
  globals.held = [];
  while (!await isDiscarded());
  // deno-lint-ignore no-console -- the test reads it
  console.log("discarded");
} else setInterval(() => {}, 1000); // keeps the process alive
