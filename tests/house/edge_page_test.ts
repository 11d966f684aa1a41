/** The numbers of the page on edge runtimes. */
import { assertEquals } from "@std/assert";
import { S3Storage } from "../../mod.ts";
import { serve } from "../../src/serve/mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { handleUpload } from "../../src/upload/mod.ts";
import { readSource } from "./source_files.ts";

const PAGE = "docs/edge_runtimes.md";
const MIB = 1024 ** 2;
const PART_BYTES = 8 * MIB;

/** A stream of unknown length. */
function stream(bytes: number): ReadableStream<Uint8Array> {
  let missing = bytes;
  return new ReadableStream({
    pull(controller): void {
      const chunk = new Uint8Array(Math.min(missing, MIB));
      missing -= chunk.byteLength;
      controller.enqueue(chunk);
      if (missing === 0) controller.close();
    },
  });
}

async function upload(storage: S3Storage, sizes: readonly number[]): Promise<void> {
  const body = new FormData();
  for (const [index, size] of sizes.entries()) body.append("file", new File([new Uint8Array(size)], `${index}.bin`));
  await handleUpload(storage, new Request("https://example.com/", { method: "POST", body }));
}

async function send(storage: S3Storage, name: string, headers: Record<string, string> = {}): Promise<void> {
  await (await serve(storage, new Request(`https://example.com/${name}`, { headers }))).bytes();
}

/** The calls of the table. Each runs on a storage with `a.txt` and `large.bin`, and says how many requests it may send. */
const CALLS: Readonly<Record<string, (storage: S3Storage) => Promise<void>>> = {
  "`serve` of a file": (storage) => send(storage, "a.txt"),
  "`serve` of a range of it": (storage) => send(storage, "large.bin", { range: "bytes=1000-1999" }),
  "`serve` of a missing file": (storage) => send(storage, "missing.txt"),
  "`save` of less than 8 MiB": async (storage) => void await storage.save("b.txt", "hello"),
  "`save` of a stream of 40 MiB": async (storage) => void await storage.save("b.bin", stream(40 * MIB)),
  "`handleUpload` of a form with a small file": (storage) => upload(storage, [10]),
  "`handleUpload` of a form with three small files": (storage) => upload(storage, [10, 10, 10]),
  "`handleUpload` of a form with a file of 40 MiB": (storage) => upload(storage, [40 * MIB]),
  "`readText`, `readBytes`, `readJson`": async (storage) => void await storage.readText("a.txt"),
  "`url`, `presignedPost`": async (storage) => void [await storage.url("a.txt"), await storage.presignedPost("a.txt")],
};

async function countRequests(call: (storage: S3Storage) => Promise<void>): Promise<number> {
  const server = createS3Server({ buckets: ["media"] });
  const options = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch: server.fetch };
  const seed = new S3Storage(options);
  await seed.save("a.txt", "hello");
  await seed.save("large.bin", new Uint8Array(MIB));
  const before = server.requests.length;
  await call(new S3Storage(options));
  return server.requests.length - before;
}

Deno.test("every call in a Worker sends as many subrequests as the page says", async () => {
  const [, table] = (await readSource(PAGE)).split(/^(?=\| call +\| subrequests)/m);
  const rows = table!.split("\n\n")[0]!.split("\n").slice(2).map((row) =>
    row.split("|").slice(1, -1).map((cell) => cell.trim())
  );
  assertEquals(rows.map(([call]) => call), Object.keys(CALLS));
  const counted: string[][] = [];
  for (const [name, call] of Object.entries(CALLS)) counted.push([name, String(await countRequests(call))]);
  assertEquals(counted, rows);
});

Deno.test("the largest streams within the subrequests of a Worker are those that the page says", async () => {
  const text = (await readSource(PAGE)).replaceAll(/\s+/g, " ");
  const sizes = [50, 1000].map((limit) => (limit - 2) * PART_BYTES / MIB);
  assertEquals(sizes, [384, 7984]);
  for (const size of sizes) assertEquals([size, text.includes(`${size.toLocaleString("en")} MiB`)], [size, true]);
});
