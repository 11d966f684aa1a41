// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/**
 * Saves sources of the runtime: its files, standard input, a named pipe, streams of Node. Runs on Bun and Node; the last
 * argument is a folder in which `pipe` is a named pipe with a writer.
 */
import { S3Storage } from "../../mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";

interface Bun {
  readonly stdin: Blob;
  file(path: string): Blob;
  S3Client: new (options: object) => { file(key: string): Blob };
  serve(options: object): { port: number; stop(force: boolean): void };
}

interface NodeProcess {
  readonly argv: string[];
  readonly stdin: AsyncIterable<Uint8Array>;
  getBuiltinModule(name: string): unknown;
}

const { Bun: bun, process } = globalThis as unknown as { Bun?: Bun; process: NodeProcess };
const fs = process.getBuiltinModule("node:fs") as {
  writeFileSync(path: string, data: string): void;
  createReadStream(path: string): AsyncIterable<Uint8Array>;
  openAsBlob(path: string): Promise<Blob>;
};
const folder = process.argv.at(-1)!;

const server = createS3Server({ buckets: ["media"] });
const options = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret" };
const storage = new S3Storage({ ...options, fetch: server.fetch });
const results: { name: string; stored: number | string }[] = [];

/** Saves content over a file of four bytes, and returns the stored size or the error. */
async function save(name: string, make: () => unknown): Promise<void> {
  await storage.save("keep.txt", "kept");
  let stored: number | string;
  try {
    await storage.save("keep.txt", await make() as Blob);
    stored = await storage.size("keep.txt");
  } catch (error) {
    const { code, name } = error as { code?: unknown; name: string };
    stored = `${typeof code === "string" ? code : name}, and ${await (await storage.open("keep.txt")).text()}`;
  }
  results.push({ name, stored });
}

fs.writeFileSync(`${folder}/whole.txt`, "x".repeat(100_000));
fs.writeFileSync(`${folder}/shrunk.txt`, "x".repeat(100_000));
fs.writeFileSync(`${folder}/empty.txt`, "");

async function ended(): Promise<unknown> {
  const stream = fs.createReadStream(`${folder}/whole.txt`);
  for await (const _ of stream);
  return stream;
}

await save("a stream of Node", () => fs.createReadStream(`${folder}/whole.txt`));
await save("a stream of Node that was read to its end", ended);
await save("a stream of Node of a missing file", () => fs.createReadStream(`${folder}/missing.txt`));
if (bun === undefined) {
  await save("openAsBlob", () => fs.openAsBlob(`${folder}/whole.txt`));
  await save("openAsBlob of a file that shrank", async () => {
    const blob = await fs.openAsBlob(`${folder}/shrunk.txt`);
    fs.writeFileSync(`${folder}/shrunk.txt`, "less");
    return blob;
  });
  await save("standard input", () => process.stdin);
} else {
  await save("Bun.file", () => bun.file(`${folder}/whole.txt`));
  await save("Bun.file of a missing file", () => bun.file(`${folder}/missing.txt`));
  await save("Bun.file of a folder", () => bun.file(folder));
  await save("Bun.file of an empty file", () => bun.file(`${folder}/empty.txt`));
  await save("Bun.file of /proc", () => bun.file("/proc/self/status"));
  await save("Bun.file of a file that shrank", () => {
    const file = bun.file(`${folder}/shrunk.txt`);
    void file.size;
    fs.writeFileSync(`${folder}/shrunk.txt`, "less");
    return file;
  });
  await save("a named pipe", () => bun.file(`${folder}/pipe`));
  await save("standard input", () => bun.stdin);
  const http = bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request: Request) => server.fetch(request) });
  const client = new bun.S3Client({
    bucket: "media",
    region: "us-east-1",
    accessKeyId: "testkey",
    secretAccessKey: "testsecret",
    endpoint: `http://127.0.0.1:${http.port}`,
  });
  await storage.save("source.bin", new Uint8Array(12_345));
  await save("a file of Bun.S3Client", () => client.file("source.bin"));
  await save("a file of Bun.S3Client that is not there", () => client.file("missing.bin"));
  http.stop(true);
}
console.log(RESULTS_MARKER + JSON.stringify(results));
