// deno-lint-ignore-file no-console -- this is a command: its output is the report
/**
 * Runs the conformance suite on the oldest and the newest versions of each runtime, and prints the table of README.
 *
 * `deno task versions [--write] [NAME…]` runs the rows named, or all. With `--write` it updates their counts in README.
 *
 * @module
 */
import type { CaseResult } from "../conformance/suite.ts";
import { ROOT } from "../offline/import_map.ts";
import { startMemoryServer } from "../servers/memory.ts";
import { bundle, suiteBundles } from "./bundle.ts";
import { chromiumVersion, runInChromium } from "./chromium.ts";
import { install, PINNED_VERSIONS, RuntimeUnavailableError } from "./install.ts";
import { runOnEdgeRuntime, runProcess, type SuiteEnvironment } from "./run_suite.ts";
import { type HowToRun, VERSION_COLUMNS, VERSION_ROWS, type VersionRow } from "./version_list.ts";
import { runInWorkerd } from "./workerd.ts";

/** Seconds without output after which a process counts as hanging; a case takes some seconds. */
const HANG_SECONDS = 60;

/** The same for edge-runtime, where single cases take minutes. */
const EDGE_HANG_SECONDS = 900;

/** The line that Node below 20.16 and Bun below 1.2.6 need. */
const LINE = new URL("./node_line.mjs", import.meta.url);

const TARGETS = ["memory-storage", "prefix-backend", "logging-backend", "in-memory-server", "in-memory-server-http"];

/** Whether the runtime has a disk, for `LocalStorage`. */
function hasDisk(how: HowToRun): boolean {
  return "binary" in how && how.binary !== "workerd";
}

/** Runs the suite on one row. */
export async function runRow({ how }: VersionRow, environment: SuiteEnvironment): Promise<CaseResult[]> {
  const text = JSON.stringify(environment);
  if ("edgeRuntime" in how) {
    return await runOnEdgeRuntime((await suiteBundles()).edge, text, { seconds: EDGE_HANG_SECONDS });
  }
  if ("chromium" in how) return await runInChromium(how.chromium, text);
  if (how.binary === "workerd") {
    return await runInWorkerd(
      await install("workerd", PINNED_VERSIONS.workerd),
      (await suiteBundles()).worker,
      text,
      how,
    );
  }
  const suite = await bundle("tests/runtimes/process.ts", "tests/.build/process.mjs");
  const path = await install(how.binary, how.release);
  await checkRelease(path, how.release);
  const args = {
    deno: ["run", "-A", "--no-config", "--no-lock"],
    bun: ["--preload", decodeURIComponent(LINE.pathname)],
    node: ["--import", LINE.href],
  }[how.binary];
  return await runProcess(path, [...args, suite, text], { seconds: HANG_SECONDS });
}

/** Checks that a binary is of its version: the package of Deno 2.3.0 on npm has that of 2.4.0. */
async function checkRelease(path: string, release: string): Promise<void> {
  const { stdout } = await new Deno.Command(path, { args: ["--version"] }).output();
  const printed = new TextDecoder().decode(stdout);
  if (!printed.split(/[\sv]+/).includes(release)) throw new Error(`${path} must be ${release}, got ${printed.trim()}`);
}

/** Runs the suite on one row against every storage and server; prints the failures. */
async function countRow(row: VersionRow): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "storages-versions-" });
  const server = await startMemoryServer();
  let [passed, all, crashes] = [0, 0, 0];
  try {
    const targets = hasDisk(row.how) ? [...TARGETS, "local-storage"] : TARGETS;
    for (const target of targets) {
      const { stop: _, ...environment } = server;
      const run = runRow(row, { ...environment, folder, servers: [target] });
      const results = await run.catch((error): CaseResult[] => {
        if (error instanceof RuntimeUnavailableError) throw error;
        crashes++;
        console.error(`${row.name}: ${target}: ${error.message}`);
        return [];
      });
      const failed = results.filter(({ ok }) => !ok);
      for (const { name, error } of failed) console.error(`${row.name}: ${target}: ${name}: ${error}`);
      passed += results.length - failed.length;
      all += results.length;
    }
  } finally {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
  return `${passed} of ${all}${crashes > 0 ? `, ${crashes} runs crashed` : ""}`;
}

/** The line of a row in the table. */
async function lineOf(row: VersionRow, counts: string): Promise<string> {
  const version = row.version ?? await chromiumVersion() ?? "";
  return `| ${[row.runtime, version, counts].join(" | ")} |`;
}

if (import.meta.main) {
  const write = Deno.args.includes("--write");
  const names = Deno.args.filter((arg) => !arg.startsWith("--"));
  const unknown = names.filter((name) => VERSION_ROWS.every((row) => row.name !== name));
  if (unknown.length > 0) {
    console.error(`Unknown row: ${unknown.join(", ")}. There are: ${VERSION_ROWS.map(({ name }) => name).join(", ")}`);
    Deno.exit(2);
  }
  for (const row of VERSION_ROWS) {
    if (names.length > 0 && !names.includes(row.name)) continue;
    const counts = await countRow(row).catch((error) => `error: ${error.message}`);
    const line = await lineOf(row, counts);
    console.log(line);
    if (write && /^\d/.test(counts)) await writeLine(row, line);
  }
}

/** Replaces the line of a row in README. */
async function writeLine(row: VersionRow, line: string): Promise<void> {
  const page = new URL("README.md", ROOT);
  const lines = (await Deno.readTextFile(page)).split("\n");
  const first = lines.findIndex((text) => text.startsWith(`| ${VERSION_COLUMNS[0]} `)) + 2;
  lines[first + VERSION_ROWS.indexOf(row)] = line;
  await Deno.writeTextFile(page, lines.join("\n"));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", "README.md"], cwd: ROOT }).output();
}
