/** Reads the files of the repository; paths are relative to the root, with forward slashes. */
import { ROOT, withImportMap } from "../offline/import_map.ts";

/** Folders with generated or downloaded files. */
const NOT_WRITTEN = /(^|\/)(\.git|\.cache|\.build|node_modules)$/;

/** The sorted source files below `folder` ("" is the whole repository); none for a missing folder. */
export async function filesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  const base = new URL(folder === "" ? "." : `${folder}/`, ROOT);
  try {
    for await (const { name, isDirectory } of Deno.readDir(base)) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (NOT_WRITTEN.test(path)) continue;
      if (isDirectory) files.push(...await filesIn(path));
      else files.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files.sort();
}

/** The published sources: mod.ts and all files below src. */
export async function publishedSources(): Promise<string[]> {
  return ["mod.ts", ...(await filesIn("src")).filter((path) => path.endsWith(".ts"))];
}

export function readSource(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** The parts of deno.json that the tests use. */
export interface Config {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
}

export async function readConfig(): Promise<Config> {
  return JSON.parse(await readSource("deno.json")) as Config;
}

/** Runs deno in the root of the repository, with the import map if the subcommand takes one. */
export async function runDeno(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: await withImportMap(args),
    cwd: ROOT,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Writes a file to the cache folder, for input that deno only takes as a file. */
export async function writeScratch(name: string, text: string): Promise<string> {
  const folder = new URL(".cache/house/", ROOT);
  await Deno.mkdir(folder, { recursive: true });
  const file = new URL(name, folder);
  await Deno.writeTextFile(file, text);
  return file.href;
}
