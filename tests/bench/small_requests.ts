// deno-lint-ignore-file no-console -- it prints what it measured
/**
 * Measures small PUTs and GETs beside bare `fetch` without a signature and beside peers:
 * `deno task bench small_requests [RUNTIME…]`.
 *
 * The server runs in this process and the clients in others, so this needs at least two processors.
 */
import { bundle } from "../runtimes/bundle.ts";
import { RuntimeUnavailableError } from "../runtimes/install.ts";
import { runOnBun, runOnDeno, runOnNode } from "../runtimes/run_suite.ts";
import { startSmallObjectServer } from "./small_object_server.ts";
import { rate, ratio } from "./rounds.ts";
import {
  BARE,
  CONCURRENCIES,
  OBJECT_BYTES,
  OURS,
  type SmallRequestsBench,
  type SmallRequestsRates,
} from "./small_requests_ways.ts";

type Run = (bundle: string, text: string) => Promise<SmallRequestsRates[]>;

/** The runtimes with their targets, as a share of bare fetch. */
const RUNTIMES: Readonly<Record<string, { readonly run: Run; readonly least?: number }>> = {
  deno: { run: runOnDeno, least: 0.85 },
  bun: { run: runOnBun, least: 0.8 },
  node: { run: runOnNode },
};

function report(runtime: string, concurrency: number, rates: readonly SmallRequestsRates[]): void {
  const { least } = RUNTIMES[runtime]!;
  for (const one of rates) {
    const bare = rates.find(({ name, method }) => name === BARE && method === one.method)!;
    const each = one.rates.map((rate, round) => rate / bare.rates[round]!);
    const times = ratio(one, bare);
    const spread = `${Math.min(...each).toFixed(2)} to ${Math.max(...each).toFixed(2)}`;
    const verdict = one.name !== OURS || least === undefined
      ? ""
      : `, at least ${least}: ${times >= least ? "ok" : "MISSED"}`;
    console.log(
      `${runtime.padEnd(5)} ${one.method} ${String(concurrency).padStart(3)} concurrent  ${one.name.padEnd(28)} ` +
        `${Math.round(rate(one)).toLocaleString("en").padStart(7)}/s, ${times.toFixed(2)} times bare fetch ` +
        `(${spread})${verdict}`,
    );
  }
}

/** Measures on the given runtimes, if supported. */
export async function benchSmallRequests(runtimes: readonly string[]): Promise<void> {
  const client = await bundle("tests/bench/small_requests_client.ts", ".cache/bench/small_requests_client.mjs", "deno");
  for (const [runtime, { run }] of Object.entries(RUNTIMES)) {
    if (!runtimes.includes(runtime)) continue;
    try {
      for (const concurrency of CONCURRENCIES) {
        await using server = startSmallObjectServer(new Uint8Array(OBJECT_BYTES).fill(97));
        const wish: SmallRequestsBench = { origin: server.origin, concurrency };
        report(runtime, concurrency, await run(client, JSON.stringify(wish)));
      }
    } catch (error) {
      if (!(error instanceof RuntimeUnavailableError)) throw error;
      console.log(`${runtime.padEnd(5)} not measured: ${error.message}`);
    }
  }
}

if (import.meta.main) await benchSmallRequests(Deno.args.length === 0 ? Object.keys(RUNTIMES) : Deno.args);
