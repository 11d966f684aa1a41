// deno-lint-ignore-file no-console -- it prints what it measured
/**
 * Measures the peak memory of a large upload and download, compared with that of 1 GiB:
 * `deno task bench memory [GIBIBYTES] [RUNTIME…]`, 10 GiB by default.
 */
import { RuntimeUnavailableError } from "../runtimes/install.ts";
import { type RuntimeName, startNullServer, transferBundle, transferOn, wantedRuntimes } from "./transfer_run.ts";
import { DOWN, UP } from "./transfer_ways.ts";

const GIBIBYTE = 1024 ** 3;

/** MiB. */
const LIMITS: Readonly<Partial<Record<RuntimeName, number>>> = { deno: 220, bun: 120 };

/** The maximum ratio to the peak of 1 GiB. */
const MOST_GROWTH = 1.15;

const wanted = wantedRuntimes(Deno.args.filter((arg) => !/^\d+$/.test(arg)));
const gibibytes = Number(Deno.args.find((arg) => /^\d+$/.test(arg)) ?? 10);
const path = await transferBundle("transfer_client");
await using server = await startNullServer();
for (const runtime of wanted) {
  try {
    for (const name of [UP, DOWN]) {
      const peak = async (gibibytes: number): Promise<number> => {
        const sizeBytes = gibibytes * GIBIBYTE;
        const wish = { name, endpointUrl: server.endpointUrl, sizeBytes, reusesChunk: true, warmUpBytes: 0 };
        return (await transferOn(runtime, path, wish)).peakMebibytes;
      };
      const one = await peak(1);
      const all = await peak(gibibytes);
      const limit = LIMITS[runtime] ?? Infinity;
      const isOk = all <= limit && all <= one * MOST_GROWTH;
      const asked = limit === Infinity ? "" : `at most ${limit} MiB and `;
      console.log(
        `${runtime.padEnd(5)} ${name.padEnd(26)} ${gibibytes} GiB: ${all.toFixed(0)} MiB, ${
          (all / one).toFixed(2)
        } times ` +
          `that of 1 GiB; ${asked}${MOST_GROWTH} times: ${isOk ? "ok" : "MISSED"}`,
      );
    }
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    console.log(`${runtime.padEnd(5)} not measured: ${error.message}`);
  }
}
