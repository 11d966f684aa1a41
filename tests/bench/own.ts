// deno-lint-ignore-file no-console -- it prints what it measured
/**
 * Measures the own time of a call, with a `fetch` whose response is there immediately, beside a `fetch` signed by hand:
 * `deno task bench own [RUNTIME…]`. The time to make the response is subtracted from both.
 */
import { bundle } from "../runtimes/bundle.ts";
import { RuntimeUnavailableError } from "../runtimes/install.ts";
import { runOnBun, runOnDeno, runOnNode } from "../runtimes/run_suite.ts";
import { BY_HAND, OPERATIONS, OURS, type OwnRates, RESPONSE } from "./own_ways.ts";
import { median } from "./rounds.ts";

type Run = (bundle: string, text: string) => Promise<OwnRates[]>;

/** The runtimes with their targets in microseconds. */
const RUNTIMES: Readonly<Record<string, { readonly run: Run; readonly most: number }>> = {
  deno: { run: runOnDeno, most: 12 },
  bun: { run: runOnBun, most: 10 },
  node: { run: runOnNode, most: 20 },
};

/** The target, as a multiple of the time of the signed fetch. */
const MOST_TIMES_BY_HAND = 1.6;

function report(runtime: string, rates: readonly OwnRates[]): void {
  const { most } = RUNTIMES[runtime]!;
  for (const operation of OPERATIONS) {
    const ratesOf = (wanted: string): readonly number[] =>
      rates.find((one) => one.operation === operation && one.name === wanted)!.rates;
    const response = ratesOf(RESPONSE);
    const own = (name: string): number[] => ratesOf(name).map((rate, round) => 1e6 / rate - 1e6 / response[round]!);
    const [ours, byHand] = [own(OURS), own(BY_HAND)];
    const times = median(ours.map((time, round) => time / byHand[round]!));
    const isMet = median(ours) <= most && times <= MOST_TIMES_BY_HAND;
    console.log(
      `${runtime.padEnd(5)} ${operation.padEnd(15)} ${median(ours).toFixed(1).padStart(6)} µs, by hand ` +
        `${median(byHand).toFixed(1).padStart(6)} µs, ${times.toFixed(2)} times; ` +
        `at most ${most} µs and ${MOST_TIMES_BY_HAND} times: ${isMet ? "ok" : "MISSED"}`,
    );
  }
}

/** Measures on the given runtimes, if supported. */
export async function benchOwnTime(runtimes: readonly string[]): Promise<void> {
  const client = await bundle("tests/bench/own_client.ts", ".cache/bench/own_client.mjs", "deno");
  for (const [runtime, { run }] of Object.entries(RUNTIMES)) {
    if (!runtimes.includes(runtime)) continue;
    try {
      report(runtime, await run(client, ""));
    } catch (error) {
      if (!(error instanceof RuntimeUnavailableError)) throw error;
      console.log(`${runtime.padEnd(5)} not measured: ${error.message}`);
    }
  }
}

if (import.meta.main) await benchOwnTime(Deno.args.length === 0 ? Object.keys(RUNTIMES) : Deno.args);
