// deno-lint-ignore-file no-console -- it prints what it measured
/**
 * Begins many saves, opens and lists while the port of a server on loopback is closed, with this package on each runtime,
 * with boto3 (retry mode "standard") and with the AWS SDK: `deno task bench outages [SECONDS] [CALLS] [CLIENT…]`, where
 * SECONDS and CALLS are numbers with commas, `1,2,4,8` and `40,200` by default. It takes about a quarter of an hour, and
 * exits with 1 if a target is missed.
 */
import { pythonWithBoto3 } from "../clients/fault_storage.ts";
import { OUTAGE_CALLS, type OutageTask } from "../clients/outage_tasks.ts";
import { OutageClient, type OutageRound } from "../clients/outages.ts";
import { withImportMap } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";

const CLIENT = "tests/clients/outage_client.ts";
const BOTO3 = "tests/bench/outages_boto3.py";

/** The most requests in the second after the return, as a multiple of those that the same calls send without an outage. */
const MOST_REQUESTS = 2;

/** The width of a column for one outage. */
const CELL_WIDTH = 27;

interface Contender {
  readonly isOurs: boolean;
  /** @throws {RuntimeUnavailableError} If the client is not available. */
  command(): Promise<string[]>;
}

const CONTENDERS: Readonly<Record<string, Contender>> = {
  deno: {
    isOurs: true,
    command: async () => [Deno.execPath(), ...await withImportMap(["run", "-A", CLIENT])],
  },
  bun: {
    isOurs: true,
    command: async () => [await bunPath(), "run", await bundle(CLIENT, "tests/.build/outage_client.js")],
  },
  node: {
    isOurs: true,
    command: async () => [await nodePath(), await bundle(CLIENT, "tests/.build/outage_client.js")],
  },
  boto3: {
    isOurs: false,
    command: async () => {
      const python = await pythonWithBoto3();
      if (python !== undefined) return [python, BOTO3, RESULTS_MARKER];
      throw new RuntimeUnavailableError("boto3 is not installed: apt-get install python3-boto3");
    },
  },
  "aws-sdk": {
    isOurs: false,
    command: async () => [
      await nodePath(),
      await bundle("tests/bench/outages_sdk_client.ts", ".cache/bench/outages_sdk_client.mjs", "deno"),
    ],
  },
};

function numbers(arg: string | undefined, other: readonly number[]): readonly number[] {
  return arg === undefined ? other : arg.split(",").map(Number);
}

const isNumeric = (arg: string): boolean => /^[\d.,]+$/.test(arg);
const [secondsArg, callsArg] = Deno.args.filter(isNumeric);
const outages = numbers(secondsArg, [1, 2, 4, 8]);
const counts = numbers(callsArg, [40, 200]);
const named = Deno.args.filter((arg) => !isNumeric(arg));
const unknown = named.find((name) => !Object.hasOwn(CONTENDERS, name));
if (unknown !== undefined) {
  throw new TypeError(`There is no client "${unknown}": use ${Object.keys(CONTENDERS).join(", ")}`);
}
const wanted = named.length > 0 ? named : Object.keys(CONTENDERS);

const missed: string[] = [];

/**
 * The result of one outage in the table.
 *
 * @param usual The number of requests that the same calls send without an outage.
 */
function cell({ failures, longestMilliseconds, requestsInSecond }: OutageRound, usual: number): string {
  const multiple = (requestsInSecond / usual).toFixed(2);
  return `${failures} failed  ${multiple}x  ${(longestMilliseconds / 1000).toFixed(1)} s`.padEnd(CELL_WIDTH);
}

async function measure(name: string, client: OutageClient, task: OutageTask, isOurs: boolean): Promise<void> {
  const calm = await client.round(task, 0);
  const usual = calm.requests;
  let line = `${name.padEnd(8)} ${String(task.count).padStart(4)} ${task.call.padEnd(5)} ${cell(calm, usual)}`;
  const errors = new Set<string>();
  for (const seconds of [0, ...outages]) {
    const round = seconds === 0 ? calm : await client.round(task, seconds);
    if (seconds > 0) line += cell(round, usual);
    if (round.error !== undefined) errors.add(round.error);
    if (isOurs && (round.failures > 0 || round.requestsInSecond > usual * MOST_REQUESTS)) {
      missed.push(
        `${name}, ${task.count} ${task.call}, away ${seconds} s: ${cell(round, usual).trim()}; ` +
          `at most 0 failed, ${MOST_REQUESTS}x`,
      );
    }
  }
  console.log(line.trimEnd());
  for (const error of errors) console.log(`         ${error.slice(0, 200)}`);
}

console.log(
  "Failed calls; requests in the second after the return as a multiple of those that the same calls send without an\n" +
    "outage (without one: in the first second); the longest call\n",
);
console.log(
  `${"client".padEnd(13)} ${"call".padEnd(5)} ${"no outage".padEnd(CELL_WIDTH)}` +
    outages.map((seconds) => `away ${seconds} s`.padEnd(CELL_WIDTH)).join("").trimEnd(),
);
const start = performance.now();
for (const name of wanted) {
  const { isOurs, command } = CONTENDERS[name]!;
  try {
    await using client = new OutageClient(await command());
    for (const count of counts) {
      for (const call of OUTAGE_CALLS) await measure(name, client, { call, count }, isOurs);
    }
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    console.log(`${name.padEnd(8)} skipped: ${error.message}`);
  }
}
console.log(`\n${((performance.now() - start) / 60_000).toFixed(1)} minutes`);
console.log(missed.length === 0 ? "All targets are met" : `MISSED:\n${missed.join("\n")}`);
Deno.exit(missed.length === 0 ? 0 : 1);
