/** Objects that Google Cloud Storage keeps as gzip: read decompressed, or refused, but never mixed up. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { gunzipSync, gzipSync } from "node:zlib";
import { NotSupportedError } from "../../../src/errors.ts";
import type { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { serve } from "../../../src/serve/mod.ts";
import { s3On } from "../storage/storages.ts";

const TEXT = "storage contents, ".repeat(500);
const STORED = new Uint8Array(gzipSync(TEXT));
const MODIFIED = new Date(0).toUTCString();

const GOOGLE = {
  etag: '"e"',
  "last-modified": MODIFIED,
  "content-type": "text/plain",
  "x-goog-stored-content-encoding": "gzip",
  "x-goog-stored-content-length": String(STORED.byteLength),
};

/** How the bytes arrive: they are decompressed by the service, by a runtime that keeps the headers, by one that does not, or not at all. */
const WAYS: Readonly<Record<string, () => Response>> = {
  "the service": () => new Response(TEXT, { headers: { ...GOOGLE, warning: "214 UploadServer gunzipped" } }),
  "a runtime that keeps the headers": () =>
    new Response(TEXT, {
      headers: { ...GOOGLE, "content-encoding": "gzip", "content-length": String(STORED.byteLength) },
    }),
  "a runtime that removes the headers": () => new Response(TEXT, { headers: GOOGLE }),
  "nobody": () =>
    new Response(STORED, {
      headers: { ...GOOGLE, "content-encoding": "gzip", "content-length": String(STORED.byteLength) },
    }),
};

function googleOn(answer: () => Response, options: S3StorageOptions = {}): { storage: S3Storage; requests: Request[] } {
  const requests: Request[] = [];
  const fetch = (request: Request): Promise<Response> => {
    requests.push(request);
    return Promise.resolve(request.method === "HEAD" ? new Response(null, answer()) : answer());
  };
  return { storage: s3On({ fetch }, { endpointUrl: "https://storage.googleapis.com", ...options }), requests };
}

for (const [who, answer] of Object.entries(WAYS)) {
  Deno.test(`an object that Google keeps as gzip, decompressed by ${who}, is read as its text`, async () => {
    const { storage } = googleOn(answer, { gzip: true });
    assertEquals(await storage.readText("a.txt") === TEXT, true);
    const file = await storage.open("a.txt", "rb");
    assertEquals([file.size, file.decompressed], [STORED.byteLength, true]);
    assertEquals(new TextDecoder().decode(await file.read(7)), "storage");
    file.seek(8);
    assertEquals(new TextDecoder().decode(await file.read(8)), "contents");
    file.seek(0);
    assertEquals(new TextDecoder().decode(await file.bytes()) === TEXT, true);
    await file.close();
    const plain = googleOn(answer).storage;
    assertEquals(await (await plain.open("a.txt", "r", { decompress: true })).text() === TEXT, true);
    const download = await storage.download("a.txt", { partSize: 1024, decompress: true });
    assertEquals(await new Response(download).text() === TEXT, true);
  });

  Deno.test(`an object that Google keeps as gzip, decompressed by ${who}, is not read as stored or in part`, async () => {
    const { storage } = googleOn(answer);
    await assertRejects(() => storage.open("a.txt", "rb"), NotSupportedError, "Read it with decompress: true");
    await assertRejects(() => storage.open("a.txt", "rb", { start: 5 }), NotSupportedError);
    await assertRejects(() => storage.open("a.txt", "rb", { start: 5, end: 9 }), NotSupportedError);
    await assertRejects(() => storage.open("a.txt", "rb", { end: 9 }), NotSupportedError);
    await assertRejects(() => storage.download("a.txt", { partSize: 1024 }), NotSupportedError);
  });

  Deno.test(`the attributes of an object that Google keeps as gzip, decompressed by ${who}, are the stored ones`, async () => {
    const { size, contentEncoding, etag } = await googleOn(answer).storage.stat("a.txt");
    assertEquals([size, contentEncoding, etag], [STORED.byteLength, "gzip", '"e"']);
  });

  Deno.test(`an object that Google keeps as gzip, decompressed by ${who}, is served decompressed`, async () => {
    for (const headers of [{}, { "accept-encoding": "gzip" }, { range: "bytes=5-9" }, { "if-none-match": '"other"' }]) {
      const { storage } = googleOn(answer);
      const response = await serve(storage, new Request("http://localhost/a.txt", { headers }), { name: "a.txt" });
      assertEquals([response.status, response.headers.get("content-encoding")], [200, null]);
      assertEquals([response.headers.get("etag"), response.headers.get("content-length")], ['W/"e"', null]);
      assertEquals(await response.text() === TEXT, true);
    }
  });
}

Deno.test("objects that Google keeps without a coding are read as any others, with one request", async () => {
  const headers = { ...GOOGLE, "x-goog-stored-content-encoding": "identity", "x-goog-stored-content-length": "3" };
  const { storage, requests } = googleOn(() => new Response("abc", { headers: { ...headers, "content-length": "3" } }));
  assertEquals(await storage.readText("a.txt"), "abc");
  const file = await storage.open("a.txt", "rb");
  assertEquals([file.size, (await file.bytes()).byteLength, requests.length], [3, 3, 2]);
});

Deno.test("the body of an object that is refused is cancelled", async () => {
  let cancelled = 0;
  const answer = (): Response =>
    new Response(new ReadableStream({ cancel: () => void cancelled++ }), { headers: GOOGLE });
  await assertRejects(() => googleOn(answer).storage.open("a.txt", "rb"), NotSupportedError);
  assert(cancelled > 0);
  assertEquals(gunzipSync(STORED).toString() === TEXT, true);
});
