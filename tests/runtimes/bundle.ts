/** Bundles the entries of the suite for runtimes that cannot load TypeScript from the repository. */
import { ROOT, withImportMap } from "../offline/import_map.ts";

export interface SuiteBundles {
  /** For Bun and Node. */
  readonly process: string;
  /** For workerd. */
  readonly worker: string;
  /** For workerd, with the parts that the entry for edge runtimes has. */
  readonly edgeWorker: string;
  /** For Vercel's edge runtime. */
  readonly edge: string;
}

let made: Promise<SuiteBundles> | undefined;

/** Bundles all entries once; later calls return the same result or error. */
export function suiteBundles(): Promise<SuiteBundles> {
  return made ??= makeBundles();
}

async function makeBundles(): Promise<SuiteBundles> {
  return {
    process: await bundle("tests/runtimes/process.ts", "tests/.build/process.js"),
    worker: await bundle("tests/runtimes/worker.ts", "tests/.build/worker.js"),
    edgeWorker: await bundle("tests/runtimes/edge_worker.ts", "tests/.build/edge_worker.js"),
    edge: await bundle("tests/runtimes/edge.ts", "tests/.build/edge.js", "browser", "iife"),
  };
}

/** The last bundle at each path, by the options that made it. */
const bundles = new Map<string, { readonly options: string; readonly path: Promise<string> }>();

/**
 * Bundles an entry and returns the absolute path of the bundle. The bundle of a file of the repository is made once;
 * generated files may change.
 *
 * @param output The path of the bundle, from the root of the repository.
 * @param platform With `browser` the bundle uses nothing of Node, so that it runs in workerd.
 * @param format With `iife` the bundle is a script for runtimes that load no modules.
 */
export function bundle(
  entry: string,
  output: string,
  platform: "browser" | "deno" = "browser",
  format: "esm" | "iife" = "esm",
): Promise<string> {
  const options = `${platform} ${format} ${entry}`;
  const made = bundles.get(output);
  if (made?.options === options && !/^[./]/.test(entry)) return made.path;
  const path = makeBundle(entry, output, [`--platform=${platform}`, `--format=${format}`]);
  bundles.set(output, { options, path });
  return path;
}

async function makeBundle(entry: string, output: string, options: readonly string[]): Promise<string> {
  const url = new URL(output, ROOT);
  await Deno.mkdir(new URL(".", url), { recursive: true });
  const path = decodeURIComponent(url.pathname);
  // Written elsewhere and moved: another process may be running this bundle. Deno needs the extension to map `require`.
  const fresh = path.replace(/(?=\.\w+$)/, `.${crypto.randomUUID()}`);
  await denoBundle(entry, [...options, `--output=${fresh}`]);
  await Deno.rename(fresh, path);
  return path;
}

/**
 * Bundles an entry for workerd in modules, which keeps its dynamic imports, and returns the paths of the modules, the entry
 * first.
 *
 * @param output The path of a folder, from the root of the repository.
 */
export async function bundleInModules(entry: string, output: string): Promise<string[]> {
  const folder = decodeURIComponent(new URL(output, ROOT).pathname);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await denoBundle(entry, ["--platform=browser", "--format=esm", "--code-splitting", `--outdir=${folder}`]);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  const own = entry.slice(entry.lastIndexOf("/") + 1).replace(/\.ts$/, ".js");
  return [own, ...names.filter((name) => name !== own)].map((name) => `${folder}/${name}`);
}

async function denoBundle(entry: string, options: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: await withImportMap(["bundle", ...options, entry]),
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr).trim()}`);
}
