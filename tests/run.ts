// deno-lint-ignore-file no-console -- this is a command: its output is the report
/**
 * Runs all tests and ends with the line `N passed, N failed`.
 *
 * `deno run -A tests/offline/run.ts run -A tests/run.ts [GROUP…]` runs only the groups named: unit, clients,
 * types, browser, house, runtimes, "examples in docs".
 *
 * @module
 */
import { runConformanceEverywhere } from "./run/conformance.ts";
import { runTestGroup, TEST_GROUPS } from "./run/deno_test.ts";
import { closingLine, succeeded, table, type Tally } from "./run/tally.ts";
import { bunPath } from "./runtimes/install.ts";

const RUNTIMES_GROUP = "runtimes";

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

const tallies: Tally[] = [];
function report(tally: Tally): void {
  console.log(table([tally]));
  tallies.push(tally);
}

if (isWanted("clients")) {
  // The tests of clients run the S3 client of Bun if BUN has its path.
  await bunPath().then((path) => Deno.env.set("BUN", path), (error) => console.log(`no Bun for clients: ${error}`));
}
for (const group of TEST_GROUPS) {
  if (isWanted(group.name)) report(await runTestGroup(group));
}
if (isWanted(RUNTIMES_GROUP)) await runConformanceEverywhere(report);

console.log(`\n${table(tallies.map((tally) => ({ ...tally, notes: [] })))}\n`);
console.log(closingLine(tallies));
Deno.exit(succeeded(tallies) ? 0 : 1);
