/**
 * Rehearses publishing, JSR or not: `deno run -A tests/offline/publish.ts`.
 *
 * `deno publish` takes no import map. Where JSR does not answer, what would be published is copied to a temporary folder
 * together with whatever stands in for `@std`, under a deno.json that says so; there the same checks are made, of types
 * that are slow to read above all.
 *
 * @module
 */
import { importMap, ROOT } from "./import_map.ts";

interface Config {
  imports: Record<string, string>;
  publish: { include: string[] };
}

/** Where the stand-ins lie in the temporary folder. */
const STAND_INS = "std_offline";

/** What the rehearsal came to; `files` are those that would be published. */
export interface Rehearsal {
  readonly code: number;
  readonly output: string;
  readonly files: readonly string[];
}

/** @param root The package's folder: another one than this repository's for trying the rehearsal itself. */
export async function rehearsePublish(root: URL = ROOT): Promise<Rehearsal> {
  if (await importMap() === undefined) return await dryRun(root);
  const folder = await Deno.makeTempDir({ prefix: "storages-publish-" });
  try {
    const copy = new URL(`file://${folder}/`);
    await layOut(root, copy);
    return await dryRun(copy);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Also where another map is in force: a checkout of the standard library is no part of the package either way. */
async function layOut(root: URL, copy: URL): Promise<void> {
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", root))) as Config;
  for (const path of config.publish.include) await copyTree(new URL(path, root), new URL(path, copy));
  const map = await Deno.readTextFile(new URL("tests/offline/import_map.json", ROOT));
  config.imports = (JSON.parse(map.replaceAll("./std/", `./${STAND_INS}/`)) as Config).imports;
  await copyTree(new URL("tests/offline/std", ROOT), new URL(STAND_INS, copy));
  config.publish.include.push(STAND_INS);
  await Deno.writeTextFile(new URL("deno.json", copy), JSON.stringify(config, null, 2));
}

async function copyTree(from: URL, to: URL): Promise<void> {
  const info = await Deno.stat(from).catch(() => undefined);
  if (info === undefined) return;
  if (!info.isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) {
    await copyTree(new URL(`${directory(from)}${name}`), new URL(`${directory(to)}${name}`));
  }
}

function directory(url: URL): string {
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

async function dryRun(folder: URL): Promise<Rehearsal> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty"],
    cwd: folder,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  const files = [...output.matchAll(/^\s+(file:\S+) \([\d.]+[KM]?i?B\)$/gm)]
    .map(([, url]) => decodeURIComponent(url!.slice(url!.indexOf(folder.href) + folder.href.length)))
    .filter((path) => !path.startsWith(`${STAND_INS}/`));
  return { code, output, files };
}

if (import.meta.main) {
  const { code, output } = await rehearsePublish();
  await Deno.stderr.write(new TextEncoder().encode(output));
  Deno.exit(code);
}
