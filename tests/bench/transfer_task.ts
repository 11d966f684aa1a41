// deno-lint-ignore-file no-console -- results are passed to the runner on standard output
/** Transfers one object in one way. The last argument of the process has the task, as JSON. */
import { S3Storage } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import {
  BARE,
  DOWN,
  DOWNLOAD,
  type MakeUpload,
  type TransferFigures,
  type TransferWish,
  UP,
  UP_UNSIGNED,
} from "./transfer_ways.ts";

interface ProcessLike {
  argv: string[];
  exit(code: number): never;
  cpuUsage(): { user: number; system: number };
  resourceUsage(): { maxRSS: number };
  getBuiltinModule(name: "node:fs"): { readFileSync(path: string, encoding: "utf-8"): string };
}

const { process } = globalThis as unknown as { process: ProcessLike };
const CHUNK_BYTES = 64 * 1024;

/** @param reused Whether all chunks use one array, as a reader with a buffer does. */
function source(length: number, reused: boolean): ReadableStream<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  let left = length;
  return new ReadableStream({
    pull(controller): void {
      if (left === 0) return controller.close();
      const size = Math.min(CHUNK_BYTES, left);
      const chunk = reused ? buffer.subarray(0, size) : new Uint8Array(size);
      left -= chunk.byteLength;
      controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
}

async function drain(stream: ReadableStream<Uint8Array>, length: number): Promise<void> {
  const reader = stream.getReader();
  let bytes = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.byteLength;
  if (bytes !== length) throw new Error(`There were ${bytes} bytes of ${length}`);
}

type Transfer = (length: number) => Promise<unknown>;

async function transferBy(wish: TransferWish, uploads: Readonly<Record<string, MakeUpload>>): Promise<Transfer> {
  const { name, endpointUrl, reusesChunk } = wish;
  const peer = uploads[name];
  if (peer !== undefined) {
    const upload = await peer(endpointUrl);
    return (length) => upload(`a-${length}`, source(length, reusesChunk));
  }
  const storage = new S3Storage({
    bucketName: "media",
    endpointUrl,
    accessKey: "testkey",
    secretKey: "testsecret",
    payloadSigningEnabled: name === UP,
  });
  switch (name) {
    case BARE:
      return async (length) => await drain((await fetch(`${endpointUrl}/media/a-${length}`)).body!, length);
    case UP:
    case UP_UNSIGNED:
      return (length) => storage.save(`a-${length}`, source(length, reusesChunk));
    case DOWN:
      return async (length) => await drain((await storage.open(`a-${length}`, "rb")).readable, length);
    case DOWNLOAD:
      return async (length) => await drain(await storage.download(`a-${length}`), length);
    default:
      throw new TypeError(`There is no way to transfer named ${name}`);
  }
}

/** The peak memory from /proc on Linux: `getrusage` includes the peak of a larger parent process. */
function peakMebibytes(): number {
  try {
    const status = process.getBuiltinModule("node:fs").readFileSync("/proc/self/status", "utf-8");
    return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}

/** Runs the task and exits, as open connections of some clients would keep the process alive. */
export async function runTransfer(uploads: Readonly<Record<string, MakeUpload>> = {}): Promise<void> {
  const wish: TransferWish = JSON.parse(process.argv.at(-1)!);
  const transfer = await transferBy(wish, uploads);
  if (wish.warmUpBytes > 0) await transfer(wish.warmUpBytes);
  const start = performance.now();
  const before = process.cpuUsage();
  await transfer(wish.sizeBytes);
  const milliseconds = performance.now() - start;
  const after = process.cpuUsage();
  const figures: TransferFigures = {
    milliseconds,
    cpuMilliseconds: (after.user + after.system - before.user - before.system) / 1000,
    peakMebibytes: peakMebibytes(),
  };
  console.log(RESULTS_MARKER + JSON.stringify(figures));
  process.exit(0);
}
