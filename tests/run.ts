// deno-lint-ignore-file no-console -- this is a command: its output is the report
/**
 * Runs all tests and ends with the line `N passed, N failed`.
 *
 * `deno run -A tests/offline/run.ts run -A tests/run.ts [GROUP…]` runs only the groups named: unit, clients,
 * types, browser, house, runtimes, "examples in docs".
 *
 * @module
 */
import { ROOT, withImportMap } from "./offline/import_map.ts";
import { CONFORMANCE_RUNS } from "./run/conformance.ts";
import { runTestGroup, TEST_GROUPS, type TestGroup } from "./run/test_group.ts";
import { joined, partsOf } from "./run/parts.ts";
import { closingLine, crashed, succeeded, table, type Tally } from "./run/tally.ts";
import { Workers } from "./run/workers.ts";
import { bunPath, workerdPath } from "./runtimes/install.ts";

const RUNTIMES_GROUP = "runtimes";

/** Many tests wait for processes and servers, so there is one more than processors. */
const workers = new Workers(Math.min(navigator.hardwareConcurrency, 7) + 1);

const wanted = Deno.args;
const known = [...TEST_GROUPS.map((group) => group.name), RUNTIMES_GROUP];
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`Unknown group of tests: ${unknown.join(", ")}. There are: ${known.join(", ")}`);
  Deno.exit(2);
}

function isWanted(name: string): boolean {
  return wanted.length === 0 || wanted.includes(name);
}

/** Checks the types of all that the divided groups import, once instead of in each part. */
async function checkTypes(groups: readonly TestGroup[]): Promise<Tally[]> {
  // All paths are those of the task "check", whose result Deno has kept if it ran before.
  const paths = wanted.length === 0
    ? ["mod.ts", "src", "tests", "examples"]
    : groups.flatMap(({ args }) => args.filter((arg) => !arg.startsWith("--")));
  if (paths.length === 0) return [];
  const args = await withImportMap(["check", "--quiet", ...paths]);
  const options = { args, cwd: ROOT, env: { NO_COLOR: "1" }, stdin: "null", stdout: "null" } as const;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { ...options, stderr: "piped" }).output();
  return success ? [] : [crashed("types of the tests", new TextDecoder().decode(stderr).trim())];
}

async function runGroup(group: TestGroup): Promise<Tally[]> {
  const parts = await partsOf(group);
  const unchecked = (part: TestGroup): TestGroup => ({ ...part, args: ["--no-check", ...part.args] });
  const run = (part: TestGroup): Promise<Tally> => runTestGroup(group.divided ? unchecked(part) : part);
  const tallies = await Promise.all(parts.map((part) => workers.run(() => run(part))));
  const tally = joined(group.name, tallies);
  console.log(table([tally]));
  return [tally];
}

async function runConformance(): Promise<Tally[]> {
  const tallies = await Promise.all(CONFORMANCE_RUNS.map((runs) => workers.run(() => Array.fromAsync(runs()))));
  console.log(table(tallies.flat()));
  return tallies.flat();
}

const groups = TEST_GROUPS.filter(({ name }) => isWanted(name));
if (isWanted("clients") || isWanted(RUNTIMES_GROUP)) {
  // Installed before the parts, which would do so at the same time. A part that needs one tells why it is missing.
  await workerdPath().catch(() => {});
  // The tests of clients run the S3 client of Bun if BUN has its path.
  await bunPath().then((path) => Deno.env.set("BUN", path), (error) => console.log(`no Bun for clients: ${error}`));
}
const tallies = await checkTypes(groups.filter(({ divided }) => divided));
// The parts of divided groups are short, so they fill the gaps at the end.
const running = new Map<string, Promise<Tally[]>>();
for (const group of groups.filter(({ divided }) => !divided)) running.set(group.name, runGroup(group));
if (isWanted(RUNTIMES_GROUP)) running.set(RUNTIMES_GROUP, runConformance());
for (const group of groups.filter(({ divided }) => divided)) running.set(group.name, runGroup(group));
for (const name of known) tallies.push(...await running.get(name) ?? []);

console.log(`\n${table(tallies.map((tally) => ({ ...tally, notes: [] })))}\n`);
console.log(closingLine(tallies));
Deno.exit(succeeded(tallies) ? 0 : 1);
