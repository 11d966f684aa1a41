// deno-lint-ignore-file no-console -- it prints what it measured
/**
 * Measures uploads and downloads of large objects beside peers: `deno task bench transfer [RUNTIME…]`.
 * Every transfer runs in a new process, and all of them take turns in the same rounds.
 *
 * Over plain HTTP this library, lib-storage and s3-lite-client sign the payload, which costs a hash; the others do not. So
 * this library runs with and without, and each peer is compared with the same amount of work.
 */
import { RuntimeUnavailableError } from "../runtimes/install.ts";
import { ratio } from "./rounds.ts";
import { type RuntimeName, startNullServer, transferBundle, transferOn, wantedRuntimes } from "./transfer_run.ts";
import {
  BARE,
  BUN,
  DOWN,
  LIB_STORAGE,
  PEERS,
  SIGNING_PEERS,
  type TransferFigures,
  UP,
  UP_UNSIGNED,
} from "./transfer_ways.ts";

const ROUNDS = 5;
const SIZE_BYTES = 512 * 1024 ** 2;
const WARM_UP_BYTES = 48 * 1024 ** 2;

interface Measured {
  readonly runtime: RuntimeName;
  readonly name: string;
  readonly figures: TransferFigures[];
  /** MiB per second. */
  readonly rates: number[];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function peak({ figures }: Measured): number {
  return median(figures.map(({ peakMebibytes }) => peakMebibytes));
}

function show({ runtime, name, figures, rates }: Measured): void {
  const cpu = median(figures.map(({ cpuMilliseconds }) => cpuMilliseconds));
  const memory = median(figures.map(({ peakMebibytes }) => peakMebibytes));
  const spread = `${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)}`;
  console.log(
    `${runtime.padEnd(5)} ${name.padEnd(26)} ${median(rates).toFixed(0).padStart(6)} MiB/s (${spread}), ` +
      `${cpu.toFixed(0)} ms of CPU, peak ${memory.toFixed(0)} MiB`,
  );
}

function judge(runtime: RuntimeName, measured: readonly Measured[]): void {
  const find = (wanted: string): Measured => measured.find(({ name }) => name === wanted)!;
  const row = (what: string, value: number, isOk: boolean, wanted: string): void =>
    console.log(`${runtime.padEnd(5)} ${what.padEnd(58)} ${value.toFixed(2)}, ${wanted}: ${isOk ? "ok" : "MISSED"}`);
  for (const name of runtime === "bun" ? [...PEERS, BUN] : PEERS) {
    const ours = SIGNING_PEERS.includes(name) ? UP : UP_UNSIGNED;
    const value = ratio(find(ours), find(name));
    const least = runtime === "bun" ? name === BUN ? 1 : 0 : 1.2;
    row(`${ours}, times ${name}`, value, value >= least, `at least ${least}`);
  }
  const memory = peak(find(UP)) / peak(find(LIB_STORAGE));
  row(`${UP}, memory beside ${LIB_STORAGE}`, memory, memory <= 1, "at most 1");
  const down = ratio(find(DOWN), find(BARE));
  row(`${DOWN}, times ${BARE}`, down, down >= 0.95, "at least 0.95");
}

const path = await transferBundle("transfer_peers_client");
await using server = await startNullServer();
const measured: Measured[] = [];
for (const runtime of wantedRuntimes(Deno.args)) {
  const names = [UP, UP_UNSIGNED, ...PEERS, ...(runtime === "bun" ? [BUN] : []), DOWN, BARE];
  measured.push(...names.map((name) => ({ runtime, name, figures: [], rates: [] })));
}
const unavailable = new Set<RuntimeName>();
for (let round = 0; round < ROUNDS; round++) {
  for (const { runtime, name, figures, rates } of measured) {
    if (unavailable.has(runtime)) continue;
    const { endpointUrl } = server;
    try {
      const wish = { name, endpointUrl, sizeBytes: SIZE_BYTES, reusesChunk: false, warmUpBytes: WARM_UP_BYTES };
      figures.push(await transferOn(runtime, path, wish));
      rates.push(SIZE_BYTES / 1024 ** 2 / (figures.at(-1)!.milliseconds / 1000));
    } catch (error) {
      if (!(error instanceof RuntimeUnavailableError)) throw error;
      unavailable.add(runtime);
      console.log(`${runtime.padEnd(5)} not measured: ${error.message}`);
    }
  }
}
const there = measured.filter(({ runtime }) => !unavailable.has(runtime));
there.forEach(show);
console.log("");
for (const runtime of new Set(there.map(({ runtime }) => runtime))) {
  judge(runtime, there.filter((one) => one.runtime === runtime));
}
