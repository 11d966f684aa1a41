// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/**
 * Reads one object on a runtime: Deno runs this file directly, Bun and Node run a bundle of it. The last argument has the
 * address of the object and the way of reading, as JSON.
 */
import { S3Storage } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";

export interface DownloadWish {
  readonly endpointUrl: string;
  /** The timeout of the client, in seconds. */
  readonly timeout: number;
  /** Whether one request or several parts are used. */
  readonly way: "open" | "download";
}

export interface DownloadResult {
  readonly bytes: number;
  /** The offset of the first byte that differs from `patternBytes`; -1 for none. */
  readonly wrongAt: number;
  /** The error, if it failed. */
  readonly error?: string;
}

const { process } = globalThis as unknown as { process: { argv: string[] } };
const { endpointUrl, timeout, way } = JSON.parse(process.argv.at(-1)!) as DownloadWish;
const storage = new S3Storage({
  bucketName: "media",
  endpointUrl,
  accessKey: "testkey",
  secretKey: "testsecret",
  clientConfig: { timeout },
});

let bytes = 0;
let wrongAt = -1;
let error: string | undefined;
try {
  const stream = way === "open" ? (await storage.open("a.bin", "rb")).readable : await storage.download("a.bin");
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    for (const byte of read.value) {
      if (byte !== ((bytes ^ bytes >>> 8 ^ bytes >>> 16) & 255) && wrongAt === -1) wrongAt = bytes;
      bytes++;
    }
  }
} catch (failure) {
  error = (failure as Error).name;
}
console.log(RESULTS_MARKER + JSON.stringify([{ bytes, wrongAt, error }]));
