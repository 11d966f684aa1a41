// deno-lint-ignore-file no-console -- standard output is how the results get back to the runner
/**
 * Transfers one object in one way, after a smaller one to warm up: Deno runs this file as it is, Bun and Node run it
 * bundled. The last argument is the wish, as JSON.
 */
import { S3Storage } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { UPLOADS } from "./transfer_peers.ts";
import { BARE, DOWN, DOWNLOAD, type TransferFigures, type TransferWish, UP } from "./transfer_ways.ts";

interface ProcessLike {
  argv: string[];
  exit(code: number): never;
  cpuUsage(): { user: number; system: number };
  resourceUsage(): { maxRSS: number };
  getBuiltinModule(name: "node:fs"): { readFileSync(path: string, encoding: "utf-8"): string };
}

const { process } = globalThis as unknown as { process: ProcessLike };
const { name, endpointUrl, sizeBytes }: TransferWish = JSON.parse(process.argv.at(-1)!);

const CHUNK_BYTES = 64 * 1024;
const WARM_UP_BYTES = 48 * 1024 ** 2;

/** Each chunk is memory of its own, as what comes from a network or a disk. */
function source(length: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = length;
  return new ReadableStream({
    pull(controller): void {
      if (left === 0) return controller.close();
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, left));
      left -= chunk.byteLength;
      controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
}

async function drain(stream: ReadableStream<Uint8Array>, length: number): Promise<void> {
  const reader = stream.getReader();
  let bytes = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.byteLength;
  if (bytes !== length) throw new Error(`${name} gave ${bytes} bytes of ${length}`);
}

async function transferBy(): Promise<(length: number) => Promise<unknown>> {
  if (name === BARE) {
    return async (length) => await drain((await fetch(`${endpointUrl}/media/a-${length}`)).body!, length);
  }
  const peer = UPLOADS[name];
  if (peer !== undefined) {
    const upload = await peer(endpointUrl);
    return (length) => upload(`a-${length}`, source(length));
  }
  const storage = new S3Storage({ bucketName: "media", endpointUrl, accessKey: "testkey", secretKey: "testsecret" });
  switch (name) {
    case UP:
      return (length) => storage.save(`a-${length}`, source(length));
    case DOWN:
      return async (length) => await drain((await storage.open(`a-${length}`, "rb")).readable, length);
    case DOWNLOAD:
      return async (length) => await drain(await storage.download(`a-${length}`), length);
    default:
      throw new TypeError(`There is no way to transfer named ${name}`);
  }
}

/** Linux tells the peak best: where a process was forked from a larger one, what `getrusage` says is that one's. */
function peakMebibytes(): number {
  try {
    const status = process.getBuiltinModule("node:fs").readFileSync("/proc/self/status", "utf-8");
    return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}

const transfer = await transferBy();
await transfer(Math.min(WARM_UP_BYTES, sizeBytes));
const start = performance.now();
const before = process.cpuUsage();
await transfer(sizeBytes);
const milliseconds = performance.now() - start;
const after = process.cpuUsage();
const figures: TransferFigures = {
  milliseconds,
  cpuMilliseconds: (after.user + after.system - before.user - before.system) / 1000,
  peakMebibytes: peakMebibytes(),
};
console.log(RESULTS_MARKER + JSON.stringify([figures]));
process.exit(0); // some clients keep connections that would keep the process
