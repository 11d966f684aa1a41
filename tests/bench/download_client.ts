// deno-lint-ignore-file no-console -- results are passed to the runner on standard output
/**
 * Downloads an object in several ways, in turn: Deno runs this file directly, Bun and Node run a bundle of it. The last
 * argument has the address of the object, as JSON.
 */
import { S3Storage } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { DEFAULT, type DownloadBench, type DownloadTimes, FOUR, SINGLE } from "./download_ways.ts";

const { process } = globalThis as unknown as { process: { argv: string[] } };

const { endpointUrl, sizeBytes, rounds }: DownloadBench = JSON.parse(process.argv.at(-1)!);
const storage = new S3Storage({ bucketName: "media", endpointUrl, accessKey: "testkey", secretKey: "testsecret" });
const ways: Record<string, () => Promise<ReadableStream<Uint8Array>>> = {
  [SINGLE]: async () => (await storage.open("a.bin", "rb")).readable,
  [DEFAULT]: () => storage.download("a.bin"),
  [FOUR]: () => storage.download("a.bin", { maxConcurrency: 4 }),
};
const times = Object.keys(ways).map((name) => ({ name, milliseconds: [] as number[] }));
for (let round = 0; round < rounds; round++) {
  for (const { name, milliseconds } of times) {
    const start = performance.now();
    const reader = (await ways[name]!()).getReader();
    let bytes = 0;
    for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.byteLength;
    if (bytes !== sizeBytes) throw new Error(`${name} gave ${bytes} bytes`);
    milliseconds.push(performance.now() - start);
  }
}
console.log(RESULTS_MARKER + JSON.stringify(times satisfies DownloadTimes[]));
