// deno-lint-ignore-file no-console -- results are passed to the runner on standard output
/** Saves one stream in parts with default settings. The last argument of the process has the task, as JSON. */
import { S3Storage } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { type SlowUplinkFigures, type SlowUplinkWish, STEP_MARKER } from "./slow_uplink_ways.ts";

const CHUNK_BYTES = 64 * 1024;

const { process } = globalThis as unknown as { process: { argv: string[] } };
const { endpointUrl, sizeBytes, partSize }: SlowUplinkWish = JSON.parse(process.argv.at(-1)!);
const storage = new S3Storage({
  bucketName: "media",
  endpointUrl,
  accessKey: "testkey",
  secretKey: "testsecret",
  transferConfig: { partSize, multipartThreshold: partSize },
});

let left = sizeBytes;
const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
  pull(controller): void {
    if (left === 0) return controller.close();
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, left)).fill(left / CHUNK_BYTES);
    left -= chunk.byteLength;
    controller.enqueue(chunk);
  },
}, { highWaterMark: 0 });

const start = performance.now();
const progress: SlowUplinkFigures["progress"] = [];
let error: string | undefined;
try {
  await storage.save("slow.bin", source, {
    onProgress: ({ bytes }) => {
      const seconds = (performance.now() - start) / 1000;
      progress.push({ seconds, bytes });
      console.log(`${STEP_MARKER}${seconds.toFixed(0)} s: ${bytes} of ${sizeBytes} bytes`);
    },
  });
} catch (failure) {
  error = `${failure}`;
}
const figures: SlowUplinkFigures = { seconds: (performance.now() - start) / 1000, progress, error };
console.log(RESULTS_MARKER + JSON.stringify([figures]));
