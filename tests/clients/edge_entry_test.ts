/**
 * The entry for edge runtimes, in a bundle of its own: modules that tests share have the parts of the main entry, which it
 * omits.
 */
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import * as main from "../../mod.ts";
import * as beside from "../../src/s3/edge/mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { ROOT } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";

const path = await bundle("src/s3/edge/mod.ts", "tests/.build/edge.js");
const edge: typeof main = await import(new URL(path, ROOT).href);

const KEYS = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret" };
const INSTEAD = /@storages\/s3\/edge.*import \{ S3Storage \} from "@storages\/s3" instead$/;

/** A storage on a server in memory, which counts the requests. */
function stage(options: main.S3StorageOptions = {}): { storage: main.S3Storage; requests: () => number } {
  const server = createS3Server({ buckets: ["media"] });
  let count = 0;
  const fetch = (request: Request): Promise<Response> => {
    count++;
    return server.fetch(request);
  };
  return { storage: new edge.S3Storage({ ...KEYS, fetch, ...options }), requests: () => count };
}

Deno.test("the entry for edge runtimes exports the same values as the main entry", () => {
  assertEquals(Object.keys(edge).sort(), Object.keys(main).sort());
});

Deno.test("the entry for edge runtimes saves, opens, lists, copies, links and uploads in parts", async () => {
  const { storage } = stage({ maxMemorySize: 6 * 1024 ** 2 });
  const bytes = new Uint8Array(12 * 1024 ** 2).fill(7);
  const name = await storage.save("a/large.bin", new Blob([bytes]).stream());
  assertEquals(await storage.size(name), bytes.length);
  assertEquals((await storage.readBytes(name)).length, bytes.length);
  await storage.copy(name, "a/copy.bin");
  const file = await storage.open("a/copy.bin", "rb", { spool: true });
  assertEquals((await file.read(10)).length, 10);
  await file.close();
  const memory = new Uint8Array(bytes.length);
  assertEquals(await storage.downloadTo(name, memory), bytes.length);
  const names: string[] = [];
  for await (const entry of storage.list("a")) names.push(entry.name);
  assertEquals(names, ["a/copy.bin", "a/large.bin"]);
  assertMatch(await storage.url(name), /X-Amz-Signature/);
});

Deno.test("the entry for edge runtimes refuses immediately what it omits, and names the other entry", () => {
  const cases: [string, main.S3StorageOptions, Record<string, string>?][] = [
    ["verify", { verify: false }],
    ["verify", { verify: "./ca.pem" }],
    ["verify", {}, { AWS_CA_BUNDLE: "./ca.pem" }],
    ["proxies", { proxies: { https: "http://proxy.example.com:3128" } }],
    ["clientConfig.connectTimeout", { clientConfig: { connectTimeout: 5 } }],
    ["'work'", { sessionProfile: "work" }],
    ["'work'", {}, { AWS_PROFILE: "work" }],
  ];
  for (const [what, options, variables] of cases) {
    const env = { AWS_STORAGE_BUCKET_NAME: "media", ...variables };
    const error = assertThrows(() => edge.S3Storage.fromEnv(env, options), edge.ConfigurationError);
    assert(error.message.includes(what), error.message);
    assertMatch(error.message, INSTEAD);
  }
});

Deno.test("the entry for edge runtimes refuses a path of downloadTo() before it sends a request", async () => {
  const { storage, requests } = stage();
  for (const target of ["./a.txt", new URL("file:///tmp/a.txt")]) {
    const error = await assertRejects(() => storage.downloadTo("a.txt", target), edge.NotSupportedError);
    assertMatch(error.message, INSTEAD);
  }
  assertEquals(requests(), 0);
});

Deno.test("the entry for edge runtimes says which sources of credentials it has", async () => {
  const { fetch } = createS3Server({ buckets: ["media"] });
  const storage = edge.S3Storage.fromEnv({ AWS_STORAGE_BUCKET_NAME: "media" }, { fetch });
  const error = await assertRejects(() => storage.exists("a.txt"), edge.ConfigurationError, "accessKey and secretKey");
  assertMatch(error.message, INSTEAD);
  const credentials = { accessKeyId: "testkey", secretAccessKey: "testsecret" };
  const given = edge.S3Storage.fromEnv({ AWS_STORAGE_BUCKET_NAME: "media" }, { fetch, credentials: () => credentials });
  assertEquals(await given.exists("a.txt"), false);
});

Deno.test("the entry for edge runtimes reads the retries of variables", () => {
  const { settings } = edge.S3Storage.fromEnv({ AWS_STORAGE_BUCKET_NAME: "media", AWS_MAX_ATTEMPTS: "2" });
  assertEquals(settings.clientConfig.maxAttempts, 2);
});

Deno.test("the entry for edge runtimes leaves files to a program that imports the main entry too", async () => {
  assert(beside.S3Storage === main.S3Storage);
  const { fetch } = createS3Server({ buckets: ["media"] });
  const storage = new beside.S3Storage({ ...KEYS, fetch });
  await storage.save("a.txt", "hello");
  const folder = await Deno.makeTempDir();
  try {
    assertEquals(await storage.downloadTo("a.txt", `${folder}/a.txt`), 5);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
