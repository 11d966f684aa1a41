import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigurationError, NotFoundError, NotSupportedError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { collect, ManifestStaticStorage, S3ManifestStaticStorage } from "../../../src/static/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";
import { source } from "./stage.ts";

const FILES = { "a.png": "png\n" };
const HASHED = "a.eab3b89c707d.png";

Deno.test("urlSync() returns the URL of url(), once the manifest is loaded", async () => {
  const files = s3On(createS3Server({ buckets: ["media"] }));
  await collect(new ManifestStaticStorage(files), { from: source(FILES) });
  const storage = new ManifestStaticStorage(files);
  assertThrows(() => storage.urlSync("a.png"), ConfigurationError, "of 'a.png': the manifest is not loaded");
  await storage.hashedFiles.load();
  const [path] = storage.urlSync("a.png?v=1").split("?");
  assertEquals([path, path?.endsWith(`/${HASHED}`)], [(await storage.url("a.png")).split("?")[0], true]);
});

Deno.test("urlSync() of a storage whose files have no synchronous URLs says to use url()", () => {
  const storage = new ManifestStaticStorage(new MemoryStorage({ baseUrl: "/static/" }));
  assertThrows(() => storage.urlSync("a.png"), NotSupportedError, "Use url() instead");
});

Deno.test("url() and urlSync() pass options on, such as downloadName", async () => {
  const settings = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret", querystringAuth: true };
  const files = new S3Storage({ ...settings, fetch: createS3Server({ buckets: ["media"] }).fetch });
  const storage = new ManifestStaticStorage(files);
  await collect(storage, { from: source(FILES) });
  for (const make of [storage.url.bind(storage), storage.urlSync.bind(storage)]) {
    const { pathname, searchParams } = new URL(await make("a.png", { downloadName: "b c.png", expiresIn: 60 }));
    assert(pathname.endsWith(HASHED), pathname);
    assertEquals(searchParams.get("response-content-disposition"), 'attachment; filename="b c.png"');
    assertEquals(searchParams.get("X-Amz-Expires"), "60");
  }
});

Deno.test("open() has the files and the options of its mode", async () => {
  const storage = new ManifestStaticStorage(new MemoryStorage());
  const written = await storage.open("a.txt", "w", { contentType: "text/markdown", onExisting: "refuse" });
  await written.write("hello");
  await written.close();
  const text: string = await (await storage.open("a.txt")).text();
  const bytes: Uint8Array = await (await storage.open("a.txt", "rb", { start: 1, end: 3 })).read();
  assertEquals([text, bytes], ["hello", new TextEncoder().encode("el")]);
  const mistakes = (): unknown[] => [
    // @ts-expect-error -- a file that is read has no content type to set
    storage.open("a.txt", "rb", { contentType: "text/plain" }),
    // @ts-expect-error -- a file that is written has no range
    storage.open("a.txt", "w", { start: 1 }),
  ];
  assertEquals(typeof mistakes, "function");
});

Deno.test("with() gives a storage whose manifest is that of its own location", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const settings = {
    bucketName: "media",
    accessKey: "testkey",
    secretKey: "testsecret",
    querystringAuth: false,
    fetch: server.fetch,
  };
  for (
    const storage of [
      new ManifestStaticStorage(new S3Storage({ ...settings, location: "one" })),
      new S3ManifestStaticStorage({ ...settings, location: "three" }),
    ]
  ) {
    await collect(storage, { from: source(FILES) });
    const other = storage.with({ location: `${storage.location}other` });
    await collect(other, { from: source({ "b.png": "other\n" }) });
    assertEquals([await other.exists("staticfiles.json"), other instanceof storage.constructor], [true, true]);
    assertEquals((await other.url("b.png")).includes(`${storage.location}other/b.`), true);
    await assertRejects(() => other.url("a.png"), NotFoundError);
    assertEquals((await storage.url("a.png")).endsWith(HASHED), true);
  }
});

Deno.test("with() of a manifest storage has the backend of its files", async () => {
  class Cached extends S3Storage {
    override getObjectParameters(): { CacheControl: string } {
      return { CacheControl: "max-age=60" };
    }
  }
  const { fetch } = createS3Server({ buckets: ["media"] });
  const files = new Cached({
    bucketName: "media",
    accessKey: "testkey",
    secretKey: "testsecret",
    fetch,
    location: "one",
  });
  const storage = new ManifestStaticStorage(files).with({ location: "two" });
  assertEquals(storage.backend === storage.storage.backend, true);
  await storage.save("a.css", "x");
  assertEquals((await storage.stat("a.css")).cacheControl, "max-age=60");
});
