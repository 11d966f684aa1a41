/** The numbers of the page on performance. */
import { assert, assertEquals } from "@std/assert";
import { S3Storage, type S3StorageOptions } from "../../mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { entrySizes } from "./bundle_size.ts";
import { readConfig, readSource } from "./source_files.ts";

const PAGE = "docs/performance.md";
const MIB = 1024 ** 2;

/** The rows of the table whose header begins with a text. */
async function rowsOf(header: string): Promise<string[][]> {
  const [, table] = (await readSource(PAGE)).split(new RegExp(`^(?=\\| ${header} )`, "m"));
  const rows = table!.split("\n\n")[0]!.split("\n").slice(2);
  return rows.map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** The operations that a call sends to a server with two files. */
async function operationsOf(
  call: (storage: S3Storage) => Promise<unknown>,
  options: S3StorageOptions = {},
): Promise<string> {
  const server = createS3Server({ buckets: ["media"], hostnames: ["s3.example.com"] });
  const keys = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch: server.fetch };
  const seed = new S3Storage(keys);
  await seed.save("a.txt", "hello");
  await seed.save("large.bin", new Uint8Array(20 * MIB));
  const before = server.requests.length;
  await call(new S3Storage({ ...keys, ...options }));
  return server.requests.slice(before).map(({ operation }) => operation).join(" ");
}

const PART = "UploadPart";
const CREATE = "CreateMultipartUpload";
const COMPLETE = "CompleteMultipartUpload";

/** The calls of the table, and what each sends. */
const CALLS: Readonly<Record<string, () => Promise<[sent: string, expected: string]>[]>> = {
  "`save` of less than 8 MiB": () => [sends((storage) => storage.save("b.txt", "hello"), "PutObject")],
  "`save` of 8 MiB or more": () => [
    sends(
      (storage) => storage.save("b.bin", new Uint8Array(20 * MIB)),
      `${CREATE} ${PART} ${PART} ${PART} ${COMPLETE}`,
    ),
  ],
  "`save` with `fileOverwrite: false`": () => [
    sends((storage) => storage.save("b.txt", "hello"), "HeadObject PutObject", { fileOverwrite: false }),
    sends((storage) => storage.save("a.txt", "hello"), "HeadObject HeadObject PutObject", { fileOverwrite: false }),
  ],
  "`save` with a `signal`": () => [
    sends((storage) => storage.save("b.txt", "hello", { signal: signal() }), "HeadObject PutObject"),
    sends((storage) => storage.save("b.txt", "hello", { signal: signal(), deleteOnAbort: false }), "PutObject"),
  ],
  "`open` and read": () => [
    sends((storage) => storage.readText("a.txt"), "GetObject"),
    sends(async (storage) => {
      await using file = await storage.open("a.txt", "rb");
      await file.read(1);
      await file.seek(3);
      await file.read(1);
    }, "GetObject GetObject"),
  ],
  "`download`": () => [
    sends(download, "GetObject GetObject GetObject HeadObject"),
    sends(download, "GetObject GetObject GetObject", { endpointUrl: "https://s3.example.com" }),
  ],
  "`stat`, `exists`, `size`, `getModifiedTime`": () => [
    sends((storage) => storage.stat("a.txt"), "HeadObject"),
    sends((storage) => storage.exists("a.txt"), "HeadObject"),
    sends((storage) => storage.size("a.txt"), "HeadObject"),
    sends((storage) => storage.getModifiedTime("a.txt"), "HeadObject"),
  ],
  "`list`, `listdir`": () => [sends((storage) => storage.listdir(""), "ListObjectsV2")],
  "`copy`": () => [sends((storage) => storage.copy("a.txt", "b.txt"), "HeadObject GetObjectAcl CopyObject")],
  "`move`": () => [
    sends(
      (storage) => storage.move("a.txt", "b.txt"),
      "HeadObject GetObjectAcl CopyObject HeadObject HeadObject DeleteObject",
    ),
  ],
  "`deleteMany`": () => [sends((storage) => storage.deleteMany(["a.txt", "large.bin"]), "DeleteObjects")],
  "`url`, `urlSync`, `presignedPost`": () => [
    sends(
      async (storage) => [await storage.url("a.txt"), storage.urlSync("a.txt"), await storage.presignedPost("a")],
      "",
    ),
  ],
};

async function sends(
  call: (storage: S3Storage) => Promise<unknown>,
  expected: string,
  options?: S3StorageOptions,
): Promise<[sent: string, expected: string]> {
  return [await operationsOf(call, options), expected];
}

async function download(storage: S3Storage): Promise<void> {
  await storage.downloadTo("large.bin", new Uint8Array(20 * MIB));
}

function signal(): AbortSignal {
  return new AbortController().signal;
}

Deno.test("every call sends as many requests as the page says", async () => {
  assertEquals((await rowsOf("call")).map(([call]) => call), Object.keys(CALLS));
  const wrong: string[] = [];
  for (const [name, calls] of Object.entries(CALLS)) {
    for (const [sent, expected] of await Promise.all(calls())) {
      const [one, other] = [sent, expected].map((text) => text.split(" ").sort().join(" "));
      if (one !== other) wrong.push(`${name}: ${sent}, expected ${expected}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("every entry has about the size that the page says", async () => {
  const { name, exports } = await readConfig();
  const rows = await rowsOf("entry");
  const pairs = rows.flatMap(([one, size, other, last]) => [[one!, size!], [other!, last!]]);
  const printed = new Map(
    pairs.filter(([entry]) => entry !== "").map(([entry, size]) => [entry, Number.parseFloat(size!)]),
  );
  const wrong: string[] = [];
  for (const { entry, gzipBytes } of await entrySizes()) {
    const size = printed.get(`\`${entry}\``);
    if (size === undefined) wrong.push(`${entry} is missing: ${(gzipBytes / 1000).toFixed(1)} KB`);
    else if (Math.abs(gzipBytes / 1000 - size) > Math.max(0.5, size * 0.1)) {
      wrong.push(`${entry}: ${size} KB, but it has ${(gzipBytes / 1000).toFixed(1)} KB`);
    }
  }
  assertEquals(wrong, []);
  assert(printed.size === Object.keys(exports).length, `${printed.size} entries of ${name}`);
});
