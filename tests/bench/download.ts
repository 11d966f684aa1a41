// deno-lint-ignore-file no-console -- it prints what it measured
/**
 * Measures a download in parallel ranges beside a single stream, where one connection is slower than the network:
 * `deno task bench download [RUNTIME…]`.
 */
import { bundle } from "../runtimes/bundle.ts";
import { RuntimeUnavailableError } from "../runtimes/install.ts";
import { runOnBun, runOnDeno, runOnNode } from "../runtimes/run_suite.ts";
import { DEFAULT, type DownloadBench, type DownloadTimes, SINGLE } from "./download_ways.ts";
import { ratio } from "./rounds.ts";
import { startSlowLine } from "./slow_line.ts";

const CLIENT = "tests/bench/download_client.ts";
const ROUNDS = 3;
const LINE = { sizeBytes: 256 * 1024 ** 2, latencyMilliseconds: 50, bytesPerSecond: 20_000_000 };

/** The minimum speed compared with a single stream. */
const LEAST = 4;

type Run = (text: string) => Promise<DownloadTimes[]>;

const bundled = (): Promise<string> => bundle(CLIENT, ".cache/bench/download_client.js");
const RUNTIMES: Readonly<Record<string, Run>> = {
  deno: (text) => runOnDeno(CLIENT, text),
  node: async (text) => await runOnNode(await bundled(), text),
  bun: async (text) => await runOnBun(await bundled(), text),
};

function report(runtime: string, times: readonly DownloadTimes[]): void {
  const measured = times.map(({ name, milliseconds }) => ({
    runtime,
    name,
    rates: milliseconds.map((time) => LINE.sizeBytes / 1000 / time),
  }));
  const find = (wanted: string): typeof measured[number] => measured.find(({ name }) => name === wanted)!;
  for (const { name, rates } of measured) {
    const shown = rates.map((rate) => rate.toFixed(1).padStart(7)).join("");
    const times = name === SINGLE ? "" : `, ${ratio(find(name), find(SINGLE)).toFixed(2)} times a single stream`;
    console.log(`${runtime.padEnd(6)} ${name.padEnd(24)}${shown} MB/s${times}`);
  }
  const value = ratio(find(DEFAULT), find(SINGLE));
  const verdict = value >= LEAST ? "ok" : "MISSED";
  console.log(`${runtime.padEnd(6)} ${DEFAULT}: ${value.toFixed(2)} times, at least ${LEAST}: ${verdict}`);
}

const wanted = Deno.args.length === 0 ? Object.keys(RUNTIMES) : Deno.args;
for (const runtime of wanted) {
  const run = RUNTIMES[runtime];
  if (run === undefined) {
    throw new TypeError(`There is no runtime "${runtime}": use ${Object.keys(RUNTIMES).join(", ")}`);
  }
  await using line = startSlowLine(LINE);
  const { sizeBytes } = LINE;
  const wish: DownloadBench = { endpointUrl: line.origin, sizeBytes, rounds: ROUNDS };
  try {
    report(runtime, await run(JSON.stringify(wish)));
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    console.log(`${runtime.padEnd(6)} not measured: ${error.message}`);
  }
}
