// deno-lint-ignore-file no-console -- results are passed to the runner on standard output
/**
 * Stores and reads small objects in several ways, in turn: Deno, Bun and Node run a bundle of this file. The last argument
 * has the address of the server and the concurrency, as JSON.
 */
import { S3Storage } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { measure } from "./rounds.ts";
import type { SmallRequests } from "./small_requests_peers.ts";
import {
  BARE,
  OBJECT_BYTES,
  OURS,
  type SmallRequestsBench,
  type SmallRequestsRates,
  WITH_HEADERS,
} from "./small_requests_ways.ts";

const { process } = globalThis as unknown as { process: { argv: string[]; exit(code: number): never } };
const { origin, concurrency }: SmallRequestsBench = JSON.parse(process.argv.at(-1)!);

const BUCKET = "media";
const DATA = new Uint8Array(OBJECT_BYTES).fill(97);

/** Headers as long as those of a signature. */
const HEADERS = {
  authorization:
    `AWS4-HMAC-SHA256 Credential=testkey/20261122/us-east-1/s3/aws4_request, SignedHeaders=host;${"x-amz-content-sha256;x-amz-date"}, Signature=${
      "a".repeat(64)
    }`,
  "x-amz-content-sha256": "a".repeat(64),
  "x-amz-date": "20261122T000000Z",
};

function bareFetch(name: string, headers?: Record<string, string>): SmallRequests {
  const init = headers === undefined ? {} : { headers };
  const urlOf = (key: string): string => `${origin}/${BUCKET}/${key}`;
  return {
    name,
    put: async (key, data) => await (await fetch(urlOf(key), { method: "PUT", body: data, ...init })).arrayBuffer(),
    get: async (key) => await (await fetch(urlOf(key), init)).arrayBuffer(),
  };
}

// Node 20 would use the undici of a peer for its own fetch, unless it has fetched before.
await (await fetch(origin)).arrayBuffer();
const { smallRequestPeers } = await import("./small_requests_peers.ts");

const storage = new S3Storage({
  bucketName: BUCKET,
  endpointUrl: origin,
  accessKey: "testkey",
  secretKey: "testsecret",
});
const contenders: SmallRequests[] = [
  bareFetch(BARE),
  {
    name: OURS,
    put: (key, data) => storage.save(key, data),
    get: async (key) => await (await storage.open(key, "rb")).bytes(),
  },
  bareFetch(WITH_HEADERS, HEADERS),
  ...smallRequestPeers(origin, BUCKET),
];

/** Runs the requests with the given concurrency. */
async function together(from: number, count: number, one: (key: string) => Promise<unknown>): Promise<void> {
  let next = from;
  const work = async (): Promise<void> => {
    while (next < from + count) await one(`albums/2026/${next++ % 1000}.bin`);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

const results: SmallRequestsRates[] = [];
for (const method of ["PUT", "GET"] as const) {
  const measured = await measure(contenders.map(({ name, put, get }) => {
    const one = method === "PUT" ? (key: string) => put(key, DATA) : async (key: string): Promise<void> => {
      const { byteLength } = await get(key);
      if (byteLength !== OBJECT_BYTES) throw new Error(`${name} gave ${byteLength} bytes`);
    };
    const run = (from: number, count: number): Promise<void> => together(from, count, one);
    return { runtime: "", name, batch: Math.max(64, 8 * concurrency), run };
  }));
  results.push(...measured.map((one) => ({ ...one, method })));
}
console.log(RESULTS_MARKER + JSON.stringify(results));
process.exit(0); // open connections of clients would keep the process alive
