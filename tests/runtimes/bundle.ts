/** Bundles the suite's entries for the runtimes that cannot load TypeScript from the repository. */
import { ROOT, withImportMap } from "../offline/import_map.ts";

export interface SuiteBundles {
  /** For Bun and Node. */
  readonly process: string;
  /** For workerd. */
  readonly worker: string;
}

let made: Promise<SuiteBundles> | undefined;

/** Bundles both entries once; later calls share the outcome, also when it is an error. */
export function suiteBundles(): Promise<SuiteBundles> {
  return made ??= makeBundles();
}

async function makeBundles(): Promise<SuiteBundles> {
  return {
    process: await bundle("tests/runtimes/process.ts"),
    worker: await bundle("tests/runtimes/worker.ts"),
  };
}

/**
 * Bundles an entry and returns the path of the bundle.
 *
 * `--platform browser`: nothing of Node may be assumed, as the same text runs in workerd.
 */
export async function bundle(entry: string): Promise<string> {
  const folder = decodeURIComponent(new URL("tests/.build/", ROOT).pathname);
  await Deno.mkdir(folder, { recursive: true });
  const output = `${folder}${entry.split("/").at(-1)!.replace(/\.ts$/, ".js")}`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: await withImportMap(["bundle", "--platform=browser", "--format=esm", `--output=${output}`, entry]),
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr).trim()}`);
  return output;
}
