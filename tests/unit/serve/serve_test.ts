import { assert, assertEquals, assertRejects } from "@std/assert";
import { NotFoundError, NotSupportedError } from "../../../mod.ts";
import { serve, type ServeOptions } from "../../../src/serve/mod.ts";
import { MemoryStorage, type Storage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On, STORAGES } from "../storage/storages.ts";
import { SERVE_CASES } from "./serve_cases.ts";
import { fillIn, judge, saveFiles } from "./serve_stage.ts";

for (const [kind, make] of Object.entries(STORAGES)) {
  Deno.test(`serve() passes every case of the table from ${kind}`, async (t) => {
    const storage = make();
    await saveFiles(storage);
    for (const one of SERVE_CASES) {
      await t.step(one.name, async () => {
        const fill = await fillIn(storage, one);
        const headers = Object.fromEntries(
          Object.entries(one.headers ?? {}).map(([name, value]) => [name, fill(value)]),
        );
        const request = new Request("http://localhost/", { method: one.method ?? "GET", headers });
        const response = await serve(storage, request, { name: one.file ?? "digits.txt" });
        const body = new Uint8Array(await response.arrayBuffer());
        await judge(one, { status: response.status, header: (name) => response.headers.get(name), body }, fill);
      });
    }
  });
}

const get = (headers: Record<string, string> = {}): Request => new Request("http://localhost/", { headers });

/** A storage that records its requests. */
async function counted(content: string | Uint8Array, type: string, contentEncoding?: string): Promise<{
  storage: Storage;
  asked: string[];
}> {
  const server = createS3Server({ buckets: ["media"] });
  await s3On(server).save("a", content, { contentType: type, contentEncoding });
  const asked: string[] = [];
  const storage = s3On(
    {
      fetch: (request: Request) => {
        asked.push(`${request.method} ${request.headers.get("range") ?? ""}`.trim());
        return server.fetch(request);
      },
    } as typeof server,
  );
  return { storage, asked };
}

const PNG = "\x89PNG\r\n\x1a\n";
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));

Deno.test("serve() takes one request to S3 for a common GET", async () => {
  for (
    const [content, type] of [
      ["a text of more than a few bytes", "text/plain"],
      ["{}  // text, whatever its type", "application/octet-stream"],
      [bytesOf(`${PNG}\0\0\0\rIHDR`), "image/png"],
      ["", "text/plain"],
    ] as const
  ) {
    const { storage, asked } = await counted(content, type);
    await (await serve(storage, get(), { name: "a" })).arrayBuffer();
    assertEquals(asked, ["GET"], `${type}: ${asked}`);
  }
});

Deno.test("serve() takes one request to S3 for a range of video, and a HEAD for ranges of other types", async () => {
  for (
    const [type, expected] of [["video/mp4", ["GET bytes=2-4"]], ["text/plain", ["GET bytes=2-4", "HEAD"]]] as const
  ) {
    const { storage, asked } = await counted("0123456789", type);
    assertEquals(await (await serve(storage, get({ range: "bytes=2-4" }), { name: "a" })).text(), "234");
    assertEquals(asked, [...expected]);
  }
});

Deno.test("serve() does not fetch an unchanged file", async () => {
  const { storage, asked } = await counted("0123456789", "text/plain");
  const { etag } = await storage.stat("a");
  asked.length = 0;
  assertEquals((await serve(storage, get({ "if-none-match": etag }), { name: "a" })).status, 304);
  assertEquals(asked, ["HEAD"]);
});

Deno.test("serve() passes on encodings other than gzip, which the response of S3 does not show", async () => {
  for (const coding of ["br", "zstd", "deflate"]) {
    const { storage } = await counted(new Uint8Array([0x0b, 2, 0x80, 104, 101, 108, 108, 111, 3]), "text/html", coding);
    const response = await serve(storage, get({ "accept-encoding": coding }), { name: "a" });
    assertEquals(response.headers.get("content-encoding"), coding);
    assertEquals((await response.bytes()).byteLength, 9);
  }
});

Deno.test("serve() sends a file labelled as gzip that is not gzip unchanged", async () => {
  const { storage } = await counted("plain text, for all its header says", "text/plain", "gzip");
  const response = await serve(storage, get(), { name: "a" });
  assertEquals([response.headers.get("content-encoding"), await response.text()], [
    null,
    "plain text, for all its header says",
  ]);
});

Deno.test("serve() tries again if a file changes between two requests", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const writer = s3On(server);
  await writer.save("a", "old and short");
  let heads = 0;
  const storage = s3On(
    {
      fetch: async (request: Request) => {
        const response = await server.fetch(request);
        if (request.method === "HEAD" && heads++ === 0) await writer.save("a", "new and quite a bit longer");
        return response;
      },
    } as typeof server,
  );
  const { etag } = await writer.stat("a");
  const response = await serve(storage, get({ "if-match": etag }), { name: "a" });
  assertEquals(response.status, 412); // the tag of the replaced file
  heads = 0;
  await writer.save("a", "old and short");
  const tail = await serve(storage, get({ range: "bytes=-6" }), { name: "a" });
  assertEquals([await tail.text(), tail.headers.get("content-range")], ["longer", "bytes 20-25/26"]);
});

Deno.test("serve() aborts the request to S3 when the client disconnects, and reads no more than the client", async () => {
  let pulls = 0;
  let cancelled: unknown;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulls++;
      controller.enqueue(new Uint8Array(65536));
    },
    cancel: (reason) => void (cancelled = reason ?? "cancelled"),
  }, { highWaterMark: 0 });
  const storage = s3On({
    fetch: () =>
      Promise.resolve(
        new Response(endless, {
          headers: { "content-length": String(1024 ** 4), "content-type": "video/mp4", etag: '"1"' },
        }),
      ),
  } as unknown as ReturnType<typeof createS3Server>);
  const response = await serve(storage, get({ range: "bytes=0-" }), { name: "a" });
  const reader = response.body!.getReader();
  await reader.read();
  await reader.read();
  assert(pulls <= 4, `${pulls} chunks were read for two`);
  await reader.cancel("gone");
  assert(cancelled !== undefined, "the body of S3 was cancelled");
});

Deno.test("serve() sets type, name, caching and further headers by its options", async () => {
  const storage = new MemoryStorage();
  await storage.save("docs/a b.txt", "hello", { contentDisposition: "inline", cacheControl: "no-cache" });
  const answer = async (options: ServeOptions): Promise<(string | null)[]> => {
    const { headers } = await serve(storage, get(), { name: "docs/a b.txt", trusted: true, ...options });
    return ["content-type", "content-disposition", "cache-control", "content-security-policy"].map((name) =>
      headers.get(name)
    );
  };
  assertEquals(await answer({}), ["text/plain; charset=utf-8", "inline", "no-cache", null]);
  assertEquals(await answer({ disposition: "attachment" }), [
    "text/plain; charset=utf-8",
    'attachment; filename="a b.txt"',
    "no-cache",
    null,
  ]);
  const wishes = {
    contentType: "text/x-own",
    downloadName: "ü.txt",
    cacheControl: "max-age=5",
    headers: { "Content-Security-Policy": "sandbox", "Content-Type": "text/other" },
  };
  assertEquals(await answer(wishes), [
    "text/x-own",
    `attachment; filename="_.txt"; filename*=UTF-8''%C3%BC.txt`,
    "max-age=5",
    "sandbox",
  ]);
});

Deno.test("serve() sends further headers with a 304, except those of content, and adds to Vary", async () => {
  const storage = new MemoryStorage();
  await saveFiles(storage);
  const headers = {
    "Vary": "Origin",
    "Access-Control-Allow-Origin": "*",
    "Content-Type": "text/x",
    "content-length": "7",
  };
  for (const [name, vary] of [["packed.txt", "Accept-Encoding, Origin"], ["digits.txt", "Origin"]] as const) {
    const sent = "text/plain; charset=utf-8";
    for (const [asked, status, type] of [[{}, 200, sent], [{ "if-none-match": "*" }, 304, null]] as const) {
      const response = await serve(storage, get(asked), { name, headers });
      await response.body?.cancel();
      const got = ["vary", "access-control-allow-origin", "content-type"].map((one) => response.headers.get(one));
      assertEquals([response.status, ...got], [status, vary, "*", type]);
      if (status === 304) assertEquals(response.headers.get("content-length"), null);
    }
  }
});

Deno.test("serve() redirects to a URL that is signed with the same options and method", async () => {
  const storage = s3On(createS3Server({ buckets: ["media"] }));
  for (const [redirect, status] of [[true, 302], [302, 302], [307, 307]] as const) {
    const response = await serve(storage, get(), { name: "a.txt", redirect, downloadName: "b c.txt", expiresIn: 60 });
    assertEquals([response.status, response.headers.get("cache-control")], [status, "no-store"]);
    const { searchParams } = new URL(response.headers.get("location")!);
    assertEquals(searchParams.get("response-content-disposition"), 'attachment; filename="b c.txt"');
    assertEquals(searchParams.get("X-Amz-Expires"), "60");
  }
  const server = createS3Server({ buckets: ["media"] });
  await s3On(server).save("a.txt", "hello");
  const head = await serve(s3On(server), new Request("http://localhost/", { method: "HEAD" }), {
    name: "a.txt",
    redirect: true,
  });
  const followed = await server.fetch(new Request(head.headers.get("location")!, { method: "HEAD" }));
  assertEquals(followed.status, 200);
  assertEquals((await serve(storage, get(), { name: "../a", redirect: true })).status, 404);
  const post = await serve(storage, new Request("http://localhost/", { method: "POST" }), {
    name: "a",
    redirect: true,
  });
  assertEquals(post.status, 405);
  await assertRejects(() => serve(storage, get(), { name: "a", redirect: 301 as 302 }), RangeError, "301");
  await assertRejects(() => serve(new MemoryStorage(), get(), { name: "a", redirect: true }), NotSupportedError);
});

Deno.test("serve() throws for a missing bucket instead of answering 404", async () => {
  const storage = s3On(createS3Server({ buckets: ["other"] }));
  await assertRejects(() => serve(storage, get(), { name: "a.txt" }), NotFoundError);
});

/** The headers of a GET and a HEAD, which must have the same type. */
async function typeSent(
  storage: Storage,
  name: string,
  options: ServeOptions = {},
  headers = {},
): Promise<string | null> {
  const [got, head] = await Promise.all(["GET", "HEAD"].map(async (method) => {
    const request = new Request("https://example.com/", { method, headers });
    const response = await serve(storage, request, { name, trusted: true, ...options });
    await response.body?.cancel();
    return response.headers.get("content-type");
  }));
  assertEquals(got, head, "the type in a HEAD");
  return got!;
}

const UTF8 = new TextEncoder().encode("Grüße");

for (
  const [type, sent] of [
    ["text/html", "text/html; charset=utf-8"],
    ["text/plain", "text/plain; charset=utf-8"],
    ["text/css", "text/css; charset=utf-8"],
    ["text/javascript", "text/javascript; charset=utf-8"],
    ["image/svg+xml", "image/svg+xml; charset=utf-8"],
    ["text/plain; charset=iso-8859-1", "text/plain; charset=iso-8859-1"],
    ["application/json", "application/json"],
    ["image/png", "image/png"],
  ] as const
) {
  Deno.test(`serve() sends UTF-8 that was stored as ${type} as ${sent}`, async () => {
    for (const storage of [new MemoryStorage(), s3On(createS3Server({ buckets: ["media"] }))]) {
      await storage.save("a", UTF8, { contentType: type });
      assertEquals(await typeSent(storage, "a"), sent);
      await storage.save("a", UTF8.subarray(0, 0), { contentType: type });
      assertEquals(await typeSent(storage, "a"), sent, "an empty file");
      await storage.save("a", "a".repeat(100_000) + "ü", { contentType: type });
      assertEquals(await typeSent(storage, "a"), sent, "a long file");
    }
  });
}

Deno.test("serve() sends no charset for bytes that are not UTF-8, and none instead of the one of a caller", async () => {
  for (const storage of [new MemoryStorage(), s3On(createS3Server({ buckets: ["media"] }))]) {
    await storage.save("latin.html", Uint8Array.of(0x47, 0xfc), { contentType: "text/html" });
    assertEquals(await typeSent(storage, "latin.html"), "text/html");
    await storage.save("a.html", UTF8, { contentType: "text/html" });
    assertEquals(await typeSent(storage, "a.html", { contentType: "text/x-own" }), "text/x-own");
    await storage.save("page.html", '<meta charset="koi8-r">', { contentType: "text/html" });
    assertEquals(await typeSent(storage, "page.html"), "text/html");
  }
});

Deno.test("serve() adds the charset to scripts that it sends as text, and to files that it decompresses", async () => {
  for (const storage of [new MemoryStorage(), s3On(createS3Server({ buckets: ["media"] }))]) {
    await storage.save("a.js", UTF8, { contentType: "text/javascript" });
    assertEquals(await typeSent(storage, "a.js", { trusted: false }), "text/plain; charset=utf-8");
    const packed = new Blob([UTF8]).stream().pipeThrough(new CompressionStream("gzip"));
    await storage.save("a.css", packed, { contentEncoding: "gzip" });
    assertEquals(await typeSent(storage, "a.css"), "text/css; charset=utf-8");
    assertEquals(await typeSent(storage, "a.css", {}, { "accept-encoding": "gzip" }), "text/css");
  }
});

Deno.test("serve() sends all bytes of a file whose charset it has examined", async () => {
  const storage = new MemoryStorage();
  const text = "ü".repeat(200_000);
  await storage.save("a.txt", text, { contentType: "text/plain" });
  const response = await serve(storage, get(), { name: "a.txt" });
  assertEquals([response.headers.get("content-length"), await response.text()], ["400000", text]);
});
