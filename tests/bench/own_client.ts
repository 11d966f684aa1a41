// deno-lint-ignore-file no-console -- results are passed to the runner on standard output
/** Calls operations whose responses are there immediately, in turn: Deno, Bun and Node run a bundle of this file. */
import { S3Storage } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { BY_HAND, type Operation, OPERATIONS, OURS, type OwnRates, RESPONSE } from "./own_ways.ts";
import { measure } from "./rounds.ts";
import { signedFetch } from "./signed_fetch.ts";

const { process } = globalThis as unknown as { process: { exit(code: number): never } };

const DATA = new Uint8Array(1024).fill(97);

/** The headers that S3 sends. */
const COMMON = {
  "x-amz-id-2": "a".repeat(76),
  "x-amz-request-id": "79104EXAMPLEB723",
  date: "Tue, 01 Dec 2026 00:00:00 GMT",
  etag: '"9b2cf535f27731c974343645a3985328"',
  server: "AmazonS3",
};
const OF_OBJECT = {
  ...COMMON,
  "last-modified": "Tue, 01 Dec 2026 00:00:00 GMT",
  "accept-ranges": "bytes",
  "content-type": "application/octet-stream",
  "content-length": "1024",
};

/** A response of `fetch`, which has a URL: the body of any other one may be longer than it says, and is read with a limit. */
class Answer extends Response {
  override get url(): string {
    return "https://media.s3.eu-central-1.amazonaws.com/";
  }
}

const respond = (method: string | undefined): Response =>
  method === "PUT"
    ? new Answer(null, { headers: COMMON })
    : new Answer(method === "HEAD" ? null : DATA, { headers: OF_OBJECT });

globalThis.fetch = (_url: unknown, init?: RequestInit) => Promise.resolve(respond(init?.method));

const [accessKey, secretKey] = ["AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"];
const storage = new S3Storage({ bucketName: "media", regionName: "eu-central-1", accessKey, secretKey, verify: true });
const send = signedFetch({ accessKey, secretKey, region: "eu-central-1" });
const urlOf = (key: string): string => `https://media.s3.eu-central-1.amazonaws.com/${key}`;

/** The same calls, by each contender. */
const CALLS: Readonly<Record<Operation, Readonly<Record<string, (key: string) => Promise<unknown>>>>> = {
  save: {
    [OURS]: (key) => storage.save(key, DATA),
    [BY_HAND]: async (key) => {
      const response = await send("PUT", urlOf(key), DATA);
      if (!response.ok) throw new Error(await response.text());
      await response.body?.cancel();
      return response.headers.get("etag");
    },
    [RESPONSE]: async () => await fetch("", { method: "PUT" }),
  },
  "open and bytes": {
    [OURS]: async (key) => await (await storage.open(key, "rb")).bytes(),
    [BY_HAND]: async (key) => {
      const response = await send("GET", urlOf(key));
      if (!response.ok) throw new Error(await response.text());
      return new Uint8Array(await response.arrayBuffer());
    },
    [RESPONSE]: async () => new Uint8Array(await (await fetch("", { method: "GET" })).arrayBuffer()),
  },
  stat: {
    [OURS]: (key) => storage.stat(key),
    [BY_HAND]: async (key) => {
      const { ok, status, headers } = await send("HEAD", urlOf(key));
      if (!ok) throw new Error(String(status));
      return {
        size: Number(headers.get("content-length")),
        modifiedTime: new Date(headers.get("last-modified")!),
        contentType: headers.get("content-type"),
        etag: headers.get("etag"),
      };
    },
    [RESPONSE]: async () => await fetch("", { method: "HEAD" }),
  },
};

const results: OwnRates[] = [];
for (const operation of OPERATIONS) {
  const measured = await measure(
    Object.entries(CALLS[operation]).map(([name, call]) => ({
      runtime: "",
      name,
      batch: 200,
      run: async (from: number, count: number): Promise<void> => {
        for (let number = from; number < from + count; number++) await call(`albums/2026/${number % 1000}.bin`);
      },
    })),
  );
  results.push(...measured.map((one) => ({ ...one, operation })));
}
console.log(RESULTS_MARKER + JSON.stringify(results));
process.exit(0);
