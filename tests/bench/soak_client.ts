// deno-lint-ignore-file no-console -- results are passed to the runner on standard output
/**
 * Saves, opens, lists and streams without a pause, all calls with one signal that lives as long as the process. The last
 * argument of the process has the task, as JSON.
 */
import { S3Storage } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { type SoakSample, type SoakWish, STEP_MARKER } from "./soak_ways.ts";

interface ProcessLike {
  argv: string[];
  memoryUsage(): { heapUsed: number; rss: number };
  getBuiltinModule(name: "node:fs"): { readdirSync(path: string): string[] };
}

const { process, gc, Bun } = globalThis as unknown as {
  process: ProcessLike;
  gc?(): void;
  Bun?: { gc(force: true): void };
};

const WORKERS = 8;
const SMALL_BYTES = 1000;
const LARGE_BYTES = 6 * 1024 ** 2;
const PART_BYTES = 5 * 1024 ** 2;

/** A large object is saved and read after this many small ones: it takes as long as all of them. */
const ROUNDS_PER_LARGE = 40;

const { endpointUrl, seconds, samples }: SoakWish = JSON.parse(process.argv.at(-1)!);
const storage = new S3Storage({
  bucketName: "media",
  endpointUrl,
  accessKey: "testkey",
  secretKey: "testsecret",
  fileOverwrite: true,
  transferConfig: { partSize: PART_BYTES, multipartThreshold: PART_BYTES },
});
const { signal } = new AbortController();
const small = new Uint8Array(SMALL_BYTES);
const large = new Uint8Array(LARGE_BYTES);
let calls = 0;

function check(isRight: boolean, what: string): void {
  calls++;
  if (!isRight) throw new Error(`${what} returned something else`);
}

async function callAll(worker: number, round: number): Promise<void> {
  const name = `${worker}/${round % 10}.bin`;
  check(await storage.save(name, small, { signal }) === name, "save");
  const file = await storage.open(name, "rb", { signal });
  check((await file.bytes()).byteLength === SMALL_BYTES, "bytes");
  check((await storage.stat(name, { signal })).size === SMALL_BYTES, "stat");
  check(await storage.exists("none", { signal }) === false, "exists");
  let listed = 0;
  for await (const _ of storage.list(`${worker}/`, { signal })) listed++;
  check(listed > 0, "list");
  if (round % ROUNDS_PER_LARGE === 0) await callLarge(`${worker}/large.bin`);
}

async function callLarge(name: string): Promise<void> {
  check(await storage.save(name, new Blob([large]).stream(), { signal }) === name, "save of a stream");
  const whole = await storage.open(name, "rb", { signal });
  let bytes = 0;
  for await (const chunk of whole.readable) bytes += chunk.byteLength;
  check(bytes === LARGE_BYTES, "a stream");
  const download = (await storage.download(name, { signal })).getReader();
  check((await download.read()).value!.byteLength > 0, "download");
  await download.cancel();
  const closed = await storage.open(name, "rb", { signal });
  check((await closed.read(10)).byteLength === 10, "read");
  await closed.close();
  await storage.open(name, "rb", { signal }).then((dropped) => dropped.read(10)); // and never closed
}

/** Open files and sockets, on Linux. */
function descriptors(): number | undefined {
  try {
    return process.getBuiltinModule("node:fs").readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}

/** Finalizers run in later turns of the event loop, and free more. */
async function collectGarbage(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    if (Bun) Bun.gc(true);
    else gc!();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const start = performance.now();
const elapsed = (): number => (performance.now() - start) / 1000;

async function sample(): Promise<SoakSample> {
  await collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  const taken = { seconds: elapsed(), calls, heapBytes: heapUsed, rssBytes: rss, descriptors: descriptors() };
  const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(2)} MiB`;
  console.log(
    `${STEP_MARKER}${taken.seconds.toFixed(0)} s, ${calls} calls: heap ${mebibytes(heapUsed)}, RSS ${
      mebibytes(rss)
    }, ` +
      `${taken.descriptors ?? "unknown"} descriptors`,
  );
  return taken;
}

const taken: SoakSample[] = [];
let round = 0;
for (let number = 1; number <= samples; number++) {
  const until = elapsed() + seconds / samples;
  const work = async (worker: number): Promise<void> => {
    while (elapsed() < until) await callAll(worker, round++);
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
  taken.push(await sample());
}
console.log(RESULTS_MARKER + JSON.stringify(taken));
