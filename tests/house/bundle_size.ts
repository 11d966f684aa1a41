// deno-lint-ignore-file no-console -- as a command it prints a table
/**
 * Weighs each entry as an edge service would ship it: bundled for browsers, minified, gzip level 9.
 *
 * `deno task bundle:size` prints the table.
 */
import { gzipSync } from "node:zlib";
import { ROOT } from "../offline/import_map.ts";
import { readConfig, runDeno, writeScratch } from "./source_files.ts";

export interface EntrySize {
  readonly entry: string;
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
}

/**
 * Only ever imported when it is needed, so no service carries it that does not use it. (The bundle has no chunks: what is
 * imported dynamically would be counted as if it were always loaded.)
 */
const LOADED_ON_DEMAND = ["@std/crypto", "fflate"];

/** Bundles the module at that URL and returns the text, minified. */
export async function bundle(specifier: string): Promise<string> {
  const output = new URL(await writeScratch("bundle.js", ""));
  const { code, stderr } = await runDeno([
    "bundle",
    "--platform=browser",
    "--format=esm",
    "--minify",
    ...LOADED_ON_DEMAND.map((name) => `--external=${name}`),
    `--output=${decodeURIComponent(output.pathname)}`,
    specifier,
  ]);
  if (code !== 0) throw new Error(`Cannot bundle ${specifier}: ${stderr}`);
  return await Deno.readTextFile(output);
}

export function sizeOf(entry: string, text: string): EntrySize {
  const bytes = new TextEncoder().encode(text);
  return { entry, minifiedBytes: bytes.length, gzipBytes: gzipSync(bytes, { level: 9 }).length };
}

/** The sizes of all entries of deno.json, under the names they are imported by. */
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
