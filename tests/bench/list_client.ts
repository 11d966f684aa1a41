// deno-lint-ignore-file no-console no-import-prefix -- results are passed to the runner on standard output; only this needs these clients
/** Lists a bucket with one client: Deno, Bun and Node run a bundle of this file. The last argument is a wish, as JSON. */
import { S3Storage } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { type ListWish, OURS } from "./list_ways.ts";

const { process } = globalThis as unknown as {
  process: {
    argv: string[];
    exit(code: number): never;
    resourceUsage(): { maxRSS: number };
  };
};
const { origin, name, keys }: ListWish = JSON.parse(process.argv.at(-1)!);
const credentials = { accessKeyId: "testkey", secretAccessKey: "testsecret" };
const region = "us-east-1";

/** Lists all keys, and returns how many there are, and the bytes of the objects. */
const WAYS: Readonly<Record<string, () => Promise<() => Promise<[count: number, bytes: number]>>>> = {
  [OURS]: () => {
    const storage = new S3Storage({
      bucketName: "media",
      endpointUrl: origin,
      accessKey: "testkey",
      secretKey: "testsecret",
    });
    return Promise.resolve(async () => {
      let [count, bytes] = [0, 0];
      for await (const { size } of storage.list("", { recursive: true })) [count, bytes] = [count + 1, bytes + size];
      return [count, bytes];
    });
  },
  "s3-lite-client": async () => {
    const { S3Client } = await import("npm:@bradenmacdonald/s3-lite-client@^1.0.0");
    const client = new S3Client({
      endPoint: origin,
      region,
      bucket: "media",
      accessKey: "testkey",
      secretKey: "testsecret",
    });
    return async () => {
      let [count, bytes] = [0, 0];
      for await (const { size } of client.listObjects()) [count, bytes] = [count + 1, bytes + size];
      return [count, bytes];
    };
  },
  s3mini: async () => {
    const { S3mini } = await import("npm:s3mini@^1.0.2");
    const client = new S3mini({ endpoint: `${origin}/media`, region, ...credentials });
    return async () => {
      let [count, bytes] = [0, 0];
      let token: string | undefined;
      do {
        const page = await client.listObjectsPaged("/", "", 1000, token);
        for (const { Size } of page!.objects ?? []) [count, bytes] = [count + 1, bytes + Number(Size)];
        token = page!.nextContinuationToken;
      } while (token);
      return [count, bytes];
    };
  },
  "@aws-sdk/client-s3": async () => {
    const { paginateListObjectsV2, S3Client } = await import("npm:@aws-sdk/client-s3@^3.1169.0");
    const client = new S3Client({ endpoint: origin, region, credentials, forcePathStyle: true });
    return async () => {
      let [count, bytes] = [0, 0];
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: "media" })) {
        for (const { Size } of Contents) [count, bytes] = [count + 1, bytes + Size!];
      }
      return [count, bytes];
    };
  },
  "lean-s3": async () => {
    const { S3Client } = await import("npm:lean-s3@^0.6.3");
    const client = new S3Client({ endpoint: origin, region, bucket: "media", ...credentials });
    return async () => {
      let [count, bytes] = [0, 0];
      for await (const { size } of client.listIterating({})) [count, bytes] = [count + 1, bytes + size];
      return [count, bytes];
    };
  },
};

// Node 20 would use the undici of a peer for its own fetch, unless it has fetched before.
await (await fetch(origin)).arrayBuffer();
const list = await WAYS[name]!();
const begun = performance.now();
const [count, bytes] = await list();
const milliseconds = performance.now() - begun;
if (count !== keys || bytes !== 1000 * keys + keys * (keys - 1) / 2) {
  throw new Error(`${name} listed ${count} objects of ${bytes} bytes`);
}
const peakMebibytes = process.resourceUsage().maxRSS / 1024;
console.log(RESULTS_MARKER + JSON.stringify([{ milliseconds, peakMebibytes }]));
process.exit(0); // open connections of clients would keep the process alive
