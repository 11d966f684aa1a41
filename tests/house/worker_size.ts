// deno-lint-ignore-file no-console -- the file is also a script, which prints a table
/**
 * Measures the smallest Worker as wrangler would upload it: one that saves a file, opens it and makes a URL. Wrangler writes
 * one file, into which it puts what other bundlers load on demand.
 */
import { npmPackages } from "../clients/npm_packages.ts";
import { ROOT } from "../offline/import_map.ts";
import { sizeOf } from "./bundle_size.ts";
import { readConfig } from "./source_files.ts";

/** Pinned, as each version bundles in its own way. */
const PACKAGES = ["wrangler@4.86.0", "aws4fetch@1.0.20", "fflate@0.8.3"];

/** The entries that a Worker may import the storage from. */
export const WORKER_ENTRIES = ["@storages/s3/edge", "@storages/s3"] as const;

/** The script of the Worker. */
const workerOf = (entry: string): string =>
  `import { S3Storage } from "${entry}";
export default {
  async fetch(request, env) {
    const storage = S3Storage.fromEnv(env);
    const name = await storage.save("a.txt", request);
    const file = await storage.open(name);
    return Response.json([name, (await file.read()).length, await storage.url(name)]);
  },
};
`;

/** A size by wrangler, with the options that it had. */
export interface WorkerSize {
  readonly entry: string;
  readonly options: string;
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
}

/** The files of the package and of what it imports, for the option \`alias\` of wrangler. */
async function aliases(modules: string): Promise<Record<string, string>> {
  const { name, exports } = await readConfig();
  const map = JSON.parse(await Deno.readTextFile(new URL("tests/offline/import_map.json", ROOT)));
  const imports = Object.entries<string>(map.imports).filter(([, path]) => path.startsWith("./"));
  const pathOf = (path: string): string => decodeURIComponent(new URL(path, ROOT).pathname);
  return {
    ...Object.fromEntries(Object.entries(exports).map(([entry, path]) => [name + entry.slice(1), pathOf(path)])),
    ...Object.fromEntries(imports.map(([name, path]) => [name, pathOf(`tests/offline/${path.slice(2)}`)])),
    aws4fetch: `${modules}/aws4fetch/dist/aws4fetch.esm.mjs`,
    fflate: `${modules}/fflate/esm/browser.js`,
  };
}

/** Bundles the Worker of each entry without minifying, with it, and with short names of functions. */
export async function workerSizes(): Promise<WorkerSize[] | { readonly skipped: string }> {
  const modules = await npmPackages(PACKAGES);
  if (typeof modules !== "string") return modules;
  const sizes: WorkerSize[] = [];
  for (const entry of WORKER_ENTRIES) sizes.push(...await sizesOf(entry, modules));
  return sizes;
}

async function sizesOf(entry: string, modules: string): Promise<WorkerSize[]> {
  const folder = await Deno.makeTempDir({ prefix: "storages-wrangler-" });
  try {
    await Deno.writeTextFile(`${folder}/worker.js`, workerOf(entry));
    const config = {
      name: "smallest",
      main: "worker.js",
      compatibility_date: "2026-11-01",
      alias: await aliases(modules),
    };
    const sizes: WorkerSize[] = [];
    for (
      const [options, keepNames, ...args] of [
        ["wrangler deploy", true],
        ["wrangler deploy --minify", true, "--minify"],
        ['wrangler deploy --minify, "keep_names": false', false, "--minify"],
      ] as const
    ) {
      await Deno.writeTextFile(`${folder}/wrangler.json`, JSON.stringify({ ...config, keep_names: keepNames }));
      const { success, stdout, stderr } = await new Deno.Command("node", {
        args: [`${modules}/wrangler/bin/wrangler.js`, "deploy", "--dry-run", "--outdir=out", ...args],
        cwd: folder,
        env: {
          WRANGLER_HIDE_BANNER: "true", // and no check for updates
          WRANGLER_SEND_METRICS: "false",
          WRANGLER_LOG_PATH: `${folder}/logs`,
          CI: "1",
          NO_COLOR: "1",
        },
        stdin: "null",
      }).output();
      const said = new TextDecoder();
      if (!success) throw new Error(`Cannot bundle with wrangler: ${said.decode(stdout)}${said.decode(stderr)}`);
      const { minifiedBytes, gzipBytes } = sizeOf(options, await Deno.readTextFile(`${folder}/out/worker.js`));
      sizes.push({ entry, options, minifiedBytes, gzipBytes });
    }
    return sizes;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const sizes = await workerSizes();
  if ("skipped" in sizes) console.log(sizes.skipped);
  else {
    for (const { entry, options, minifiedBytes, gzipBytes } of sizes) {
      console.log(`${entry}, ${options}: ${minifiedBytes} bytes, ${gzipBytes} bytes gzipped`);
    }
  }
}
