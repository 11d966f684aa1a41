import { assert, assertEquals, assertRejects } from "@std/assert";
import { gunzipSync, gzipSync } from "node:zlib";
import { IntegrityError, PermissionDeniedError, PreconditionFailedError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { ObjectParameters, S3StorageOptions } from "../../../src/settings/options.ts";
import type { SaveContent } from "../../../src/storage/content/content.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import { serve } from "../../../src/serve/serve.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { SeededRandom } from "../random.ts";
import { s3On } from "../storage/storages.ts";
import { watchedBody } from "../transport.ts";

const newServer = (): ReturnType<typeof createS3Server> => createS3Server({ buckets: ["media"] });
const CSS = "a { color: red }\n".repeat(500);

function operations(server: ReturnType<typeof createS3Server>, from: number): (string | undefined)[] {
  return server.requests.slice(from).map(({ operation }) => operation);
}

/** Saves a style sheet; returns how it is stored. */
async function encodingStored(options: S3StorageOptions, content: SaveContent = CSS): Promise<string | undefined> {
  const server = newServer();
  await s3On(server, { gzip: true, ...options }).save("a.css", content);
  const [object] = server.objects("media");
  const encoding = object!.headers["content-encoding"];
  assertEquals(encoding === "gzip", object!.bytes[0] === 0x1f);
  return encoding;
}

Deno.test("save() compresses only the configured content types, and only if gzip is on", async () => {
  assertEquals(await encodingStored({}), "gzip");
  assertEquals(await encodingStored({ gzip: false }), undefined);
  assertEquals(await encodingStored({ gzipContentTypes: ["text/html"] }), undefined);
  assertEquals(
    await encodingStored({ gzipContentTypes: ["text/html"], objectParameters: { ContentType: "text/html" } }),
    "gzip",
  );
  assertEquals(await encodingStored({ objectParameters: { ContentType: "text/css; charset=utf-8" } }), undefined);
  assertEquals(await encodingStored({}, new Blob([CSS], { type: "image/png" })), undefined);
});

Deno.test('save() does not compress if ContentEncoding is configured, even as ""', async () => {
  for (const ContentEncoding of ["identity", "br", ""]) {
    assertEquals(await encodingStored({ objectParameters: { ContentEncoding } }), ContentEncoding || undefined);
  }
  class Plain extends S3Storage {
    override getObjectParameters(name: string): ObjectParameters {
      return name === "plain.css" ? { ContentEncoding: "identity" } : {};
    }
  }
  const server = newServer();
  const storage = new Plain({
    bucketName: "media",
    accessKey: "testkey",
    secretKey: "testsecret",
    fetch: server.fetch,
    gzip: true,
  });
  for (const name of ["plain.css", "other.css"]) await storage.save(name, CSS);
  assertEquals(server.objects("media").map(({ headers }) => headers["content-encoding"]), ["gzip", "identity"]);
});

Deno.test("save() stores the encoding of a message, but not of one that fetch has decoded", async () => {
  const packed = new Uint8Array(gzipSync(CSS));
  const headers = { "content-type": "text/css", "content-encoding": "gzip" };
  const server = newServer();
  for (const gzip of [false, true]) {
    const storage = s3On(server, { gzip });
    for (
      const content of [
        new Response(packed, { headers }),
        new Request("http://a", { method: "POST", body: packed, headers }),
      ]
    ) {
      await storage.save("a.css", content);
      const [object] = server.objects("media");
      assertEquals([object!.headers["content-encoding"], object!.bytes], ["gzip", packed]);
    }
    await storage.save("a.css", new Response("a {}", { headers: { ...headers, "content-encoding": "br" } }), {
      contentEncoding: "identity",
    });
    assertEquals(server.objects("media")[0]!.headers["content-encoding"], "identity");
  }
  const listener = Deno.serve({ port: 0, onListen: () => {} }, () => new Response(packed, { headers }));
  try {
    const fetched = await fetch(`http://localhost:${listener.addr.port}/`);
    await s3On(server).save("a.css", fetched);
    const [object] = server.objects("media");
    assertEquals([object!.headers["content-encoding"], new TextDecoder().decode(object!.bytes)], [undefined, CSS]);
  } finally {
    await listener.shutdown();
  }
});

Deno.test("a small file is uploaded compressed in one request, from every kind of content and a handle", async () => {
  const server = newServer();
  const storage = s3On(server, { gzip: true });
  for (const content of [CSS, new Blob([CSS]), new Blob([CSS]).stream()]) {
    await storage.save("a.css", content);
    assertEquals(gunzipSync(server.objects("media")[0]!.bytes).toString(), CSS);
  }
  const file = await storage.open("a.css", "w", { cacheControl: "no-cache", metadata: { a: "b" } });
  await file.write(CSS);
  assertEquals(file.size, CSS.length);
  await file.close();
  const [object] = server.objects("media");
  assertEquals(gunzipSync(object!.bytes).toString(), CSS);
  assertEquals([object!.headers["cache-control"], object!.metadata], ["no-cache", { a: "b" }]);
  assertEquals(operations(server, 0), Array(4).fill("PutObject"));
});

Deno.test("save() does not overwrite a taken name with compressed content either", async () => {
  const server = newServer();
  const storage = s3On(server, { gzip: true, fileOverwrite: false });
  await storage.save("a.css", "first {}");
  const other = await storage.save("a.css", "second {}");
  assertEquals([await (await storage.open("a.css")).read(), await (await storage.open(other)).read()], [
    "first {}",
    "second {}",
  ]);
});

Deno.test("an abort ends the compression of large content, and nothing is stored", async () => {
  const server = newServer();
  const controller = new AbortController();
  const storage = s3On(server, { gzip: true, gzipContentTypes: ["application/octet-stream"] });
  const saving = storage.save("a", new Uint8Array(64 * 1024 ** 2), { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 5);
  await assertRejects(() => saving, Error, "enough");
  assertEquals([server.objects("media"), server.openUploads("media")], [[], []]);
});

Deno.test("open() asks for the encoding only if it decompresses and the bytes begin like gzip", async () => {
  const server = newServer();
  const storage = s3On(server, { gzip: true });
  await storage.save("a.css", CSS);
  await storage.save("a.txt", CSS);
  await storage.save("a.gz", new Uint8Array(gzipSync(CSS)));
  await storage.save("empty", "");
  const cases = [
    ["a.css", {}, ["GetObject", "HeadObject"], CSS],
    ["a.txt", {}, ["GetObject"], CSS],
    ["empty", {}, ["GetObject"], ""],
  ] as const;
  for (const [name, options, expected, content] of cases) {
    const before = server.requests.length;
    await using file = await storage.open(name, "r", options);
    assertEquals([await file.read(), operations(server, before)], [content, [...expected]], name);
  }
  const before = server.requests.length;
  const archive = await storage.open("a.gz", "rb"); // a gzip file, without a content encoding
  assertEquals(gunzipSync(await archive.read()).toString(), CSS);
  const raw = await s3On(server).open("a.css", "rb");
  assertEquals(gunzipSync(await raw.read()).toString(), CSS);
  assertEquals(operations(server, before), ["GetObject", "HeadObject", "GetObject"]);
});

Deno.test("open() prefers the option decompress to the storage's setting", async () => {
  const server = newServer();
  const [on, off] = [s3On(server, { gzip: true }), s3On(server)];
  await on.save("a.css", CSS);
  assertEquals(await (await off.open("a.css", "r", { decompress: true })).read(), CSS);
  const raw = await on.open("a.css", "rb", { decompress: false });
  assertEquals([raw.decompressed, (await raw.read())[0]], [false, 0x1f]);
  const file = await on.open("a.css");
  assertEquals([file.decompressed, file.stat.contentEncoding, file.size], [true, "gzip", await on.size("a.css")]);
  await file.close();
});

Deno.test("open() fails if the object changes while its encoding is asked for", async () => {
  const server = newServer();
  const storage = s3On(server, { gzip: true });
  await storage.save("a.css", CSS);
  const meddling = s3On({
    fetch: async (request) => {
      if (request.method === "HEAD") await storage.save("a.css", "other {}");
      return await server.fetch(request);
    },
  }, { gzip: true });
  await assertRejects(() => meddling.open("a.css"), PreconditionFailedError, "changed while it was read: a.css");
});

Deno.test("open() releases the connection if asking for the encoding fails", async () => {
  const { stream, fate } = watchedBody();
  const body = stream.pipeThrough(
    new TransformStream({
      transform: (chunk, controller) => {
        chunk.set([0x1f, 0x8b]);
        controller.enqueue(chunk);
      },
    }),
  );
  const storage = s3On({
    fetch: (request) =>
      Promise.resolve(
        request.method === "HEAD"
          ? new Response(null, { status: 403 })
          : new Response(body, { headers: { etag: '"e"', "content-length": "3072" } }),
      ),
  }, { gzip: true });
  await assertRejects(() => storage.open("a.css"), PermissionDeniedError);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(fate(), "cancelled");
});

Deno.test("seeking back in a decompressed file requests the same object from its start", async () => {
  const server = newServer();
  const storage = s3On(server, { gzip: true });
  const content = new SeededRandom(6).text([..."abcdefgh"], 100_000, 100_000);
  await storage.save("a.css", content);
  const file = await storage.open("a.css");
  await file.seek(80_000);
  assertEquals(await file.read(5), content.slice(80_000, 80_005));
  await file.seek(1);
  assertEquals(await file.read(5), content.slice(1, 6));
  await file.seek(80_000);
  await file.read(5);
  await storage.save("a.css", "changed {}");
  await file.seek(0);
  await assertRejects(() => file.read(5), PreconditionFailedError);
  await file.close();
});

Deno.test("every storage decompresses if decompress is set", async () => {
  const storage = new MemoryStorage();
  await storage.save("a.txt", new Uint8Array(gzipSync("héllo\r\nworld")), { contentEncoding: "gzip" });
  const file = await storage.open("a.txt", "r", { decompress: true });
  assertEquals([await file.read(6), await file.read()], ["héllo\n", "world"]);
  await storage.save("b.txt", new Uint8Array(gzipSync("héllo")).slice(0, 12), { contentEncoding: "gzip" });
  await assertRejects(
    async () => await (await storage.open("b.txt", "r", { decompress: true })).read(),
    IntegrityError,
  );
  assert((await (await storage.open("b.txt", "rb")).read()).byteLength === 12);
});

for (
  const encoding of ["aws-chunked,gzip", "gzip,aws-chunked", "GZIP , AWS-Chunked", "aws-chunked, gzip, aws-chunked"]
) {
  for (const overrides of [true, false]) {
    const way = overrides ? "keeps" : "keeps and always sends";
    Deno.test(`an object whose server ${way} "${encoding}" is read and served as gzip`, async () => {
      const storage = await keeping(encoding, gzipSync(CSS), overrides);
      assertEquals((await storage.stat("a.css")).contentEncoding?.toLowerCase(), "gzip");
      assertEquals(await storage.readText("a.css"), CSS);
      assertEquals(await (await storage.open("a.css")).text(), CSS);
      assertEquals(
        gunzipSync(await (await storage.open("a.css", "rb", { decompress: false })).bytes()).toString(),
        CSS,
      );
      for (const accept of ["gzip", "identity"]) {
        const request = new Request("http://localhost/a.css", { headers: { "accept-encoding": accept } });
        const response = await serve(storage, request, { name: "a.css" });
        const body = await response.bytes();
        assertEquals(response.headers.get("content-encoding")?.toLowerCase(), accept === "gzip" ? "gzip" : undefined);
        assertEquals(new TextDecoder().decode(accept === "gzip" ? gunzipSync(body) : body) === CSS, true);
      }
    });
  }
}

Deno.test('an object whose server keeps "aws-chunked" alone has no encoding', async () => {
  for (const encoding of ["aws-chunked", "AWS-CHUNKED", " aws-chunked ,"]) {
    const storage = await keeping(encoding, new TextEncoder().encode(CSS), false);
    assertEquals((await storage.stat("a.css")).contentEncoding, undefined);
    assertEquals(await storage.readText("a.css"), CSS);
    const response = await serve(storage, new Request("http://localhost/a.css"), { name: "a.css" });
    assertEquals([response.headers.get("content-encoding"), await response.text()], [null, CSS]);
    await storage.copy("a.css", "b.css", { contentLanguage: "de" });
  }
});

/** A storage on a server that keeps the coding of the transfer; some of these ignore `response-content-encoding` too. */
async function keeping(encoding: string, stored: Uint8Array, overrides: boolean): Promise<S3Storage> {
  const server = newServer();
  await s3On(server).save("a.css", new Uint8Array(stored), { contentType: "text/css" });
  const fetch = async (request: Request): Promise<Response> => {
    const response = await server.fetch(request);
    const isOverridden = overrides && new URL(request.url).searchParams.has("response-content-encoding");
    if (!isOverridden && request.method !== "PUT") response.headers.set("content-encoding", encoding);
    return response;
  };
  return s3On({ fetch }, { gzip: true });
}
