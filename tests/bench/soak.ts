// deno-lint-ignore-file no-console -- it prints what it measured
/**
 * Measures heap, resident memory and descriptors of a process that saves, opens, lists and streams for minutes, with one
 * signal that goes with every call: `deno task bench soak [MINUTES] [RUNTIME…]`, 5 minutes on each runtime by default.
 *
 * The server is another process, so that its memory is not counted.
 */
import { createS3Server } from "../../src/testing/mod.ts";
import { RuntimeUnavailableError } from "../runtimes/install.ts";
import { runProcess } from "../runtimes/run_suite.ts";
import { type SoakSample, type SoakWish, STEP_MARKER } from "./soak_ways.ts";
import { commandOf, stepPrinter, transferBundle, wantedRuntimes } from "./transfer_run.ts";

const SAMPLES = 30;

/** Growth from the second third of the samples to the last one; in the first, runtimes compile and fill their pools. */
const MOST_HEAP_BYTES_PER_CALL = 20;
/** What the heap of a short run may grow by for reasons of the runtime. */
const MOST_HEAP_BYTES = 1024 ** 2;
const MOST_RSS_TIMES = 1.1;
const MOST_DESCRIPTORS = 4;

function median(samples: readonly SoakSample[], value: (sample: SoakSample) => number): number {
  return samples.map(value).sort((one, other) => one - other)[samples.length >> 1]!;
}

function report(runtime: string, samples: readonly SoakSample[]): void {
  const third = Math.floor(samples.length / 3);
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const growth = (value: (sample: SoakSample) => number): number => median(last, value) - median(middle, value);
  const heap = growth(({ heapBytes }) => heapBytes);
  const perCall = heap / growth(({ calls }) => calls);
  const rss = growth(({ rssBytes }) => rssBytes);
  const rssTimes = 1 + rss / median(middle, ({ rssBytes }) => rssBytes);
  const descriptors = growth(({ descriptors = 0 }) => descriptors);
  const isOk = (heap <= MOST_HEAP_BYTES || perCall <= MOST_HEAP_BYTES_PER_CALL) &&
    rssTimes <= MOST_RSS_TIMES && descriptors <= MOST_DESCRIPTORS;
  console.log(
    `${runtime.padEnd(5)} ${samples.at(-1)!.calls} calls: heap ${(heap / 1024).toFixed(0)} KiB more, ` +
      `${perCall.toFixed(1)} bytes a call, at most ${
        MOST_HEAP_BYTES / 1024
      } KiB or ${MOST_HEAP_BYTES_PER_CALL} bytes; ` +
      `RSS ${(rss / 1024 ** 2).toFixed(1)} MiB more, ${rssTimes.toFixed(2)} times, at most ` +
      `${MOST_RSS_TIMES} times; ${descriptors} descriptors more, at most ` +
      `${MOST_DESCRIPTORS}: ${isOk ? "ok" : "MISSED"}`,
  );
}

const isNumber = (arg: string): boolean => /^\d+(\.\d+)?$/.test(arg);
const wanted = wantedRuntimes(Deno.args.filter((arg) => !isNumber(arg)));
const minutes = Number(Deno.args.find(isNumber) ?? 5);
const path = await transferBundle("soak_client");
for (const runtime of wanted) {
  const server = createS3Server({ buckets: ["media"] });
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, server.fetch);
  const wish: SoakWish = { endpointUrl: `http://127.0.0.1:${http.addr.port}`, seconds: minutes * 60, samples: SAMPLES };
  try {
    const [command, ...args] = await commandOf(runtime);
    const watch = { follow: stepPrinter(runtime, STEP_MARKER) };
    report(runtime, await runProcess<SoakSample>(command!, [...args, path, JSON.stringify(wish)], watch));
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    console.log(`${runtime.padEnd(5)} not measured: ${error.message}`);
  } finally {
    await http.shutdown();
  }
}
