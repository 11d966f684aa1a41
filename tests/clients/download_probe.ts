// deno-lint-ignore-file no-console -- standard output is how the results get back to the test
/**
 * Reads one object on the runtime it is started on: Deno runs this file as it is, Bun and Node run it bundled. The last
 * argument says where the object is and how it is to be read, as JSON.
 */
import { S3Storage } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";

export interface DownloadWish {
  readonly endpointUrl: string;
  /** Of the client, in seconds. */
  readonly timeout: number;
  /** By one request, or in parts. */
  readonly way: "open" | "download";
}

export interface DownloadResult {
  readonly bytes: number;
  /** Where the first byte was that is none of `patternBytes`; -1 for none. */
  readonly wrongAt: number;
  /** What it ended with, if not well. */
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
