// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/**
 * A process that does one call for each line of standard input, as a serverless runtime does one invocation, so that a test
 * can freeze it in between. The first line has the options of the storage.
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { S3Storage } from "../../mod.ts";

/** A call of the probe, with the name of the file. */
export type FrozenCall = readonly [call: keyof typeof CALLS, name: string];

/** 12 MB, in chunks of which a stream makes parts. */
async function* chunks(): AsyncGenerator<Uint8Array> {
  for (let count = 0; count < 12; count++) yield new Uint8Array(1_000_000).fill(count);
}

const CALLS = {
  save: (storage: S3Storage, name: string) => storage.save(name, "hello"),
  saveNew: (storage: S3Storage, name: string) => storage.save(name, "hello", { onExisting: "refuse" }),
  saveStream: (storage: S3Storage, name: string) => storage.save(name, chunks()),
  readText: (storage: S3Storage, name: string) => storage.readText(name),
  download: async (storage: S3Storage, name: string) => {
    await storage.downloadTo(name, `${process.env.TMPDIR}/${name}`);
    return "downloaded";
  },
  /** Into the working directory. */
  downloadHere: async (storage: S3Storage, name: string) => {
    await storage.downloadTo(name, "storages-frozen.bin");
    return "downloaded";
  },
  list: async (storage: S3Storage, name: string) => {
    const names: string[] = [];
    for await (const entry of storage.list(name)) names.push(entry.name);
    return names.join();
  },
  stat: async (storage: S3Storage, name: string) => (await storage.stat(name)).size,
  copy: (storage: S3Storage, name: string) => storage.copy(name, `copies/${name}`).then(() => "copied"),
  delete: (storage: S3Storage, name: string) => storage.delete(name).then(() => "deleted"),
};

let storage: S3Storage | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  if (storage === undefined) {
    storage = new S3Storage(JSON.parse(line));
    console.log("Listening");
    continue;
  }
  const [call, name]: FrozenCall = JSON.parse(line);
  const [result] = await Promise.allSettled([CALLS[call](storage, name)]);
  console.log(`${call} ${name}: ${result.status === "fulfilled" ? result.value : `${result.reason}`}`);
}
