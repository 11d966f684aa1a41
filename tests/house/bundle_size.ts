// deno-lint-ignore-file no-console -- the file is also a script, which prints a table
/**
 * Measures each entry as an edge service would ship it: bundled for browsers, minified, gzip level 9.
 *
 * `deno task bundle:size` prints the table.
 */
import { gzipSync } from "node:zlib";
import { npmPackages } from "../clients/npm_packages.ts";
import { ROOT } from "../offline/import_map.ts";
import { readConfig, runDeno, writeScratch } from "./source_files.ts";

export interface EntrySize {
  readonly entry: string;
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
}

/**
 * Bundles the module at a URL and returns the minified text of all chunks that are loaded with it. Dynamic imports are
 * loaded later, and not included.
 */
export async function bundle(specifier: string): Promise<string> {
  const folder = new URL(`bundle_${crypto.randomUUID()}/`, await writeScratch("bundles", ""));
  const path = decodeURIComponent(folder.pathname);
  try {
    const { code, stderr } = await runDeno([
      "bundle",
      "--platform=browser",
      "--format=esm",
      "--minify",
      "--code-splitting",
      `--outdir=${path}`,
      specifier,
    ]);
    if (code !== 0) throw new Error(`Cannot bundle ${specifier}: ${stderr}`);
    const entry = specifier.split("/").at(-1)!.replace(/\.ts$/, ".js");
    return (await chunksFrom(path, entry)).join("\n");
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** Bundles the module at a URL, and returns the minified text. */
export type Bundle = (specifier: string) => Promise<string>;

/**
 * Installs esbuild, and returns a function that bundles with it as projects do: without a `sideEffects` flag.
 */
export async function findEsbuild(): Promise<Bundle | { skipped: string }> {
  const modules = await npmPackages(["esbuild@0.25.5"]);
  if (typeof modules !== "string") return modules;
  const [platform] = await Array.fromAsync(Deno.readDir(`${modules}/@esbuild`)); // only that of this machine
  const program = `${modules}/@esbuild/${platform!.name}/bin/esbuild`;
  return async (specifier) => {
    const args = [
      "--bundle",
      "--format=esm",
      "--minify",
      "--log-level=error",
      decodeURIComponent(new URL(specifier).pathname),
    ];
    const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
    if (!success) throw new Error(`Cannot bundle ${specifier}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  };
}

/** The text of a chunk and its static imports. */
async function chunksFrom(folder: string, entry: string): Promise<string[]> {
  const texts = new Map<string, string>();
  const read = async (name: string): Promise<void> => {
    if (texts.has(name)) return;
    const text = await Deno.readTextFile(`${folder}/${name}`);
    texts.set(name, text);
    for (const [, imported] of text.matchAll(/\b(?:from|import)\s*"\.\/([^"]+)"/g)) await read(imported!);
  };
  await read(entry);
  return [...texts.values()];
}

export function sizeOf(entry: string, text: string): EntrySize {
  const bytes = new TextEncoder().encode(text);
  return { entry, minifiedBytes: bytes.length, gzipBytes: gzipSync(bytes, { level: 9 }).length };
}

/** The sizes of all entries of deno.json, by their import names. */
export async function entrySizes(): Promise<EntrySize[]> {
  const { name, exports } = await readConfig();
  const sizes: EntrySize[] = [];
  for (const [entry, path] of Object.entries(exports)) {
    sizes.push(sizeOf(name + entry.slice(1), await bundle(new URL(path, ROOT).href)));
  }
  return sizes;
}

if (import.meta.main) {
  for (const { entry, minifiedBytes, gzipBytes } of await entrySizes()) {
    console.log(`${entry}: ${minifiedBytes} bytes minified, ${gzipBytes} bytes minified and gzipped`);
  }
}
