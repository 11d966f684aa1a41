// deno-lint-ignore-file no-console -- it prints what it measured
/**
 * Saves 20 MiB in four concurrent parts over a line of 150 kB/s, with default settings:
 * `deno task bench slow_uplink [RUNTIME…]`. Each runtime takes about 140 seconds.
 *
 * Each byte must be sent once: a timeout would send its part again. The buffers of the system hide on all runtimes how far
 * the line is, so that a part seems to be sent long before it is.
 */
import { createS3Server } from "../../src/testing/mod.ts";
import { RuntimeUnavailableError } from "../runtimes/install.ts";
import { runProcess } from "../runtimes/run_suite.ts";
import { ThrottledProxy } from "../servers/throttled_proxy.ts";
import { type SlowUplinkFigures, type SlowUplinkWish, STEP_MARKER } from "./slow_uplink_ways.ts";
import { commandOf, stepPrinter, transferBundle, wantedRuntimes } from "./transfer_run.ts";

const LINE_BYTES_PER_SECOND = 150_000;
const SIZE_BYTES = 20 * 1024 ** 2;
const PART_BYTES = 5 * 1024 ** 2;

/** The most bytes on the line, compared with the content: heads of requests need few. */
const MOST_SENT = 1.01;

function report(
  runtime: string,
  { seconds, progress, error }: SlowUplinkFigures,
  sentBytes: number,
  stored: number,
): void {
  const isIncreasing = progress.every(({ bytes }, index) => bytes >= (progress[index - 1]?.bytes ?? 1));
  const isReported = progress.length >= SIZE_BYTES / PART_BYTES && isIncreasing &&
    progress.at(-1)?.bytes === SIZE_BYTES;
  const times = sentBytes / SIZE_BYTES;
  const isOk = error === undefined && stored === SIZE_BYTES && isReported && times <= MOST_SENT;
  console.log(
    `${runtime.padEnd(5)} ${seconds.toFixed(0)} s, ${stored} bytes stored, ${times.toFixed(3)} times sent, at most ` +
      `${MOST_SENT}; progress reported ${progress.length} times, first after ${progress[0]?.seconds.toFixed(0)} s: ` +
      `${isOk ? "ok" : "MISSED"}${error === undefined ? "" : ` ${error}`}`,
  );
}

const wanted = wantedRuntimes(Deno.args);
const path = await transferBundle("slow_uplink_client");
for (const runtime of wanted) {
  const server = createS3Server({ buckets: ["media"] });
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, server.fetch);
  const line = new ThrottledProxy(new URL(`http://127.0.0.1:${http.addr.port}`), LINE_BYTES_PER_SECOND);
  const wish: SlowUplinkWish = { endpointUrl: line.endpoint, sizeBytes: SIZE_BYTES, partSize: PART_BYTES };
  try {
    const [command, ...args] = await commandOf(runtime);
    const follow = stepPrinter(runtime, STEP_MARKER);
    const watch = { follow, seconds: 900 };
    const [figures] = await runProcess<SlowUplinkFigures>(command!, [...args, path, JSON.stringify(wish)], watch);
    report(runtime, figures!, line.sentBytes, server.objects("media")[0]?.size ?? 0);
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    console.log(`${runtime.padEnd(5)} not measured: ${error.message}`);
  } finally {
    await line.close();
    await http.shutdown();
  }
}
