/**
 * Chooses the source of `@std/*` for this process and its children: JSR, or an import map.
 *
 * - `STORAGES_IMPORT_MAP=file` names a custom map, such as one to a checkout of the standard library. Packages that it does
 *   not map (npm) are taken from deno.json.
 * - otherwise JSR is requested once, and `import_map.json` beside this file is used if it does not answer.
 */

/** The repository's root, with a slash at its end. */
export const ROOT: URL = new URL("../../", import.meta.url);

/** How a launch tells the launches inside it what was decided; the empty string means JSR itself. */
const DECIDED = "STORAGES_IMPORT_MAP_DECIDED";

/** JSR responds in well under a second; a network that swallows packets must not hold up every task for longer. */
const PROBE_LIMIT_MILLISECONDS = 5_000;

/** The subcommands of deno that resolve imports. */
const RESOLVING: ReadonlySet<string> = new Set(
  ["bench", "bundle", "cache", "check", "compile", "coverage", "doc", "eval", "info", "repl", "run", "serve", "test"],
);

/** The import map in force, or undefined when JSR answers. Decided once, also for every process started from here. */
export async function importMap(): Promise<string | undefined> {
  const decided = Deno.env.get(DECIDED) ?? await decide();
  Deno.env.set(DECIDED, decided);
  return decided === "" ? undefined : decided;
}

/**
 * Many tests import modules of the sources without an entry, which sets what only machines have: the import of this module
 * before the tests does that.
 */
const PRELOADED = pathOf(new URL("src/s3/entry/machine.ts", ROOT));

/** The arguments for deno with `--import-map` where the subcommand takes one; `test` gets what tests need besides. */
export async function withImportMap(args: readonly string[]): Promise<string[]> {
  const [subcommand, ...rest] = args;
  if (subcommand === undefined || !RESOLVING.has(subcommand)) return [...args];
  const map = await importMap();
  const options = [
    ...map === undefined ? [] : [`--import-map=${map}`],
    ...subcommand === "test" ? [`--preload=${PRELOADED}`] : [],
  ];
  return [subcommand, ...options, ...rest];
}

async function decide(): Promise<string> {
  const own = Deno.env.get("STORAGES_IMPORT_MAP");
  if (own !== undefined && own !== "") {
    say(`imports come from ${own}`);
    return await writeMerged(own);
  }
  if (await jsrAnswers()) return "";
  say("JSR does not answer: @std comes from the stand-ins in tests/offline");
  return pathOf(new URL("tests/offline/import_map.json", ROOT));
}

function say(what: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`[offline] ${what}\n`));
}

/** Asks through deno itself, so that the proxies, certificates and caches it uses count here too. */
async function jsrAnswers(): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "jsr:@std/assert@^1.0.19"],
    cwd: Deno.env.get("TMPDIR") ?? "/",
    stdin: "null",
    stderr: "null",
    signal: AbortSignal.timeout(PROBE_LIMIT_MILLISECONDS),
  });
  try {
    const { success, stdout } = await command.output();
    if (!success) return false;
    const graph = JSON.parse(new TextDecoder().decode(stdout)) as { modules: { error?: string }[] };
    return graph.modules.length > 0 && graph.modules.every((module) => module.error === undefined);
  } catch {
    return false;
  }
}

/** Merges a custom map with that of deno.json, which `--import-map` would disable. */
async function writeMerged(path: string): Promise<string> {
  const own = new URL(path, `file://${Deno.cwd()}/`);
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT))) as { imports: Record<string, string> };
  const imports: Record<string, string> = {};
  for (const [name, target] of Object.entries(config.imports)) {
    if (!target.startsWith("jsr:")) imports[name] = new URL(target, ROOT).href;
  }
  const map = JSON.parse(await Deno.readTextFile(own)) as { imports: Record<string, string> };
  for (const [name, target] of Object.entries(map.imports)) imports[name] = new URL(target, own).href;
  const folder = new URL(".cache/", ROOT);
  await Deno.mkdir(folder, { recursive: true });
  const merged = new URL("import_map.json", folder);
  await Deno.writeTextFile(merged, JSON.stringify({ imports }, null, 2));
  return pathOf(merged);
}

function pathOf(url: URL): string {
  return decodeURIComponent(url.pathname);
}
