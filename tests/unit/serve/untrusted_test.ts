import { MemoryBackend } from "../../../src/storage/memory/memory_backend.ts";
import { assert, assertEquals } from "@std/assert";
import { serve, type ServeOptions } from "../../../src/serve/mod.ts";
import { POLICY, precautionsFor } from "../../../src/serve/untrusted.ts";
import { MemoryStorage, Storage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";

/** How types are answered: as the same or another type, shown or downloaded; all except audio and video with the policy. */
const TYPES: readonly (readonly [stored: string, sent: string, how: "shown" | "download"])[] = [
  ["text/html", "text/html", "shown"],
  ["TEXT/HTML", "TEXT/HTML", "shown"],
  ["text/html\t; charset=utf-7", "text/html\t; charset=utf-7", "shown"],
  [" text/html", "text/html", "shown"],
  ["text/html;", "text/html;", "shown"],
  ["application/xhtml+xml", "application/xhtml+xml", "shown"],
  ["image/svg+xml", "image/svg+xml", "shown"],
  ['image/SVG+XML;x="y z"', 'image/SVG+XML;x="y z"', "shown"],
  ["image/evil+xml", "image/evil+xml", "shown"],
  ["text/xml", "text/xml", "shown"],
  ["application/xml", "application/xml", "shown"],
  ["application/rss+xml", "application/rss+xml", "shown"],
  ["text/xsl", "text/xsl", "shown"],
  ["text/plain", "text/plain", "shown"],
  ["text/vtt", "text/vtt", "shown"],
  ["application/json", "application/json", "shown"],
  ["application/ld+json", "application/ld+json", "shown"],
  ["image/png", "image/png", "shown"],
  ["font/woff2", "font/woff2", "shown"],
  ["text/javascript", "text/plain", "shown"],
  ["application/x-javascript; charset=utf-8", "text/plain; charset=utf-8", "shown"],
  ["text/javascript;a=b;\tCHARSET=latin1;c", "text/plain;\tCHARSET=latin1", "shown"],
  ["Text/JavaScript1.5", "text/plain", "shown"],
  ["application/ecmascript", "text/plain", "shown"],
  ["application/pdf", "application/pdf", "download"],
  ["text/pdf", "text/pdf", "download"],
  ["image/pdf", "image/pdf", "download"],
  ["multipart/related; boundary=a", "multipart/related; boundary=a", "download"],
  ["multipart/x-mixed-replace; boundary=a", "multipart/x-mixed-replace; boundary=a", "download"],
  ["message/rfc822", "message/rfc822", "download"],
  ["application/x-mimearchive", "application/x-mimearchive", "download"],
  ["application/x-shockwave-flash", "application/x-shockwave-flash", "download"],
  ["application/hta", "application/hta", "download"],
  ["application/zip", "application/zip", "download"],
  ["application/octet-stream", "application/octet-stream", "download"],
  ["application/unknown", "application/unknown", "download"],
  ["model/gltf+json", "model/gltf+json", "download"],
  ["binary", "application/octet-stream", "download"],
  ["", "application/octet-stream", "download"],
  ["*/*", "application/octet-stream", "download"],
  ["text/*", "application/octet-stream", "download"],
  ["/html", "application/octet-stream", "download"],
  ["text /html", "application/octet-stream", "download"],
  [";text/html", "application/octet-stream", "download"],
  [`text/html; a=${"b".repeat(300)}`, "application/octet-stream", "download"],
  ["text/plain, text/html", "text/plain", "shown"], // browsers use the last of two
  ["text/plain; a=b, text/html", "text/plain", "shown"],
  ["image/png;text/html", "image/png", "shown"],
  ["image/png/../text/html", "image/png", "shown"],
  ["audio/mpeg", "audio/mpeg", "shown"],
  ['video/mp4; codecs="avc1.42E01E"', 'video/mp4; codecs="avc1.42E01E"', "shown"],
  ["video/evil+xml", "video/evil+xml", "shown"],
];

for (const [stored, sent, how] of TYPES) {
  Deno.test(`a file called ${stored.slice(0, 40) || "nothing"} is ${how === "shown" ? how : "downloaded"}`, () => {
    const { contentType, isAttachment, policy } = precautionsFor(stored, false);
    assertEquals([contentType, isAttachment], [sent, how === "download"]);
    const isPlayed = /^(audio|video)\//.test(stored) && !stored.includes("+");
    assertEquals(policy, isPlayed ? undefined : POLICY);
  });
}

Deno.test("precautionsFor() keeps a type that only resembles JavaScript, and one that the caller set", () => {
  for (const type of ["text/javascript2.0", "image/javascript", "text/x-javascript-notes"]) {
    assertEquals(precautionsFor(type, false).contentType, type);
  }
  assertEquals(precautionsFor("text/javascript", true), {
    contentType: "text/javascript",
    isAttachment: false,
    policy: POLICY,
  });
});

Deno.test("precautionsFor() takes linear time for hostile types of 100 KB", () => {
  const long = 100_000;
  for (
    const type of [
      "a".repeat(long),
      " ".repeat(long),
      `a/b${" ".repeat(long)}x`,
      `a/b${"; a=b".repeat(20_000)},`,
      `a/b;a="${"x".repeat(long)}`,
    ]
  ) {
    const start = performance.now();
    assertEquals(precautionsFor(type, false).contentType, "application/octet-stream");
    assert(performance.now() - start < 50, type.slice(0, 20));
  }
});

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const FORMS: readonly Readonly<Record<string, string>>[] = [
  {},
  { range: "bytes=0-3" },
  { range: "bytes=-3" },
  { range: "bytes=99999-" },
  { "if-none-match": "*" },
  { "if-match": '"other"' },
  { "accept-encoding": "gzip" },
];

Deno.test("serve() sends the policy and nosniff with responses of every status, also to HEAD", async () => {
  for (const storage of [new MemoryStorage(), s3On(createS3Server({ buckets: ["media"] }))] as Storage[]) {
    await storage.save("a.svg", SVG);
    const packed = new Blob([SVG]).stream().pipeThrough(new CompressionStream("gzip"));
    await storage.save("packed.svg", packed, { contentEncoding: "gzip" });
    const statuses = new Set<number>();
    for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]) {
      for (const path of ["/a.svg", "/packed.svg", "/missing.svg", "/%ff"]) {
        for (const headers of FORMS) {
          const request = new Request(`https://example.com${path}`, { method, headers });
          const response = await serve(storage, request);
          await response.body?.cancel();
          statuses.add(response.status);
          const got = ["content-security-policy", "x-content-type-options"].map((name) => response.headers.get(name));
          assertEquals(got, [POLICY, "nosniff"], `${method} ${path} ${JSON.stringify(headers)}: ${response.status}`);
          const trusting = await serve(storage, request, { trusted: true });
          await trusting.body?.cancel();
          assertEquals([trusting.status, trusting.headers.get("content-security-policy")], [response.status, null]);
          assertEquals(trusting.headers.get("x-content-type-options"), "nosniff");
        }
      }
    }
    assertEquals([...statuses].sort(), [200, 206, 304, 404, 405, 412, 416]);
  }
});

/** The disposition, type and policy of an answer. */
async function answerOf(
  save: { readonly contentType?: string; readonly contentDisposition?: string },
  options: ServeOptions = {},
): Promise<(string | null)[]> {
  const storage = new MemoryStorage();
  await storage.save("docs/a b.pdf", SVG, save);
  const { headers } = await serve(storage, new Request("https://example.com/docs/a%20b.pdf"), options);
  return ["content-type", "content-disposition", "content-security-policy"].map((name) => headers.get(name));
}

Deno.test("serve() keeps the name of a download, and obeys the caller's disposition", async () => {
  const pdf = "application/pdf";
  const named = 'attachment; filename="a b.pdf"';
  assertEquals(await answerOf({}), [pdf, named, POLICY]);
  assertEquals(await answerOf({ contentDisposition: "inline; filename=x.pdf" }), [pdf, named, POLICY]);
  assertEquals(await answerOf({ contentDisposition: "attachmentx" }), [pdf, named, POLICY]);
  const stored = "Attachment; filename=stored.pdf";
  assertEquals(await answerOf({ contentDisposition: stored }), [pdf, stored, POLICY]);
  assertEquals(await answerOf({}, { disposition: "inline" }), [pdf, 'inline; filename="a b.pdf"', POLICY]);
  assertEquals(await answerOf({}, { downloadName: "x.pdf" }), [pdf, 'attachment; filename="x.pdf"', POLICY]);
  assertEquals(await answerOf({ contentDisposition: "inline" }, { trusted: true }), [pdf, "inline", null]);
  assertEquals(await answerOf({ contentType: "text/plain" }, { contentType: pdf }), [pdf, named, POLICY]);
  assertEquals(await answerOf({ contentType: "nonsense" }), ["application/octet-stream", named, POLICY]);
  assertEquals(await answerOf({ contentType: "nonsense" }, { trusted: true }), ["nonsense", null, null]);
});

Deno.test("serve() adds the caller's policy to its own, and always sends nosniff", async () => {
  const storage = new MemoryStorage();
  await storage.save("a.svg", SVG);
  const headers = { "Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "sniff" };
  for (
    const [trusted, policy] of [[false, `${POLICY}, frame-ancestors 'none'`], [true, "frame-ancestors 'none'"]] as const
  ) {
    for (const asked of [{}, { "if-none-match": "*" }] as Record<string, string>[]) {
      const request = new Request("https://example.com/a.svg", { headers: asked });
      const response = await serve(storage, request, { headers, trusted });
      await response.body?.cancel();
      const got = ["content-security-policy", "x-content-type-options"].map((name) => response.headers.get(name));
      assertEquals(got, [policy, "nosniff"]);
    }
  }
});

/** A storage whose files have attributes that `save` would refuse. */
class Described extends MemoryBackend {
  constructor(readonly description: Record<string, unknown>) {
    super();
  }
  override async head(
    ...args: Parameters<MemoryBackend["head"]>
  ): ReturnType<MemoryBackend["head"]> {
    return { ...await super.head(...args), ...this.description };
  }
  override async read(
    ...args: Parameters<MemoryBackend["read"]>
  ): ReturnType<MemoryBackend["read"]> {
    const source = await super.read(...args);
    return { ...source, stat: { ...source.stat, ...this.description } };
  }
}

Deno.test("serve() omits attributes that headers cannot contain, and sends the file", async () => {
  const names = [
    "content-type",
    "content-disposition",
    "content-language",
    "content-encoding",
    "cache-control",
    "etag",
  ];
  for (const value of ["a\r\nset-cookie: b", "a\0", "€", "\x1b[2J", "\x7f", 5, null]) {
    const storage = new Storage(
      new Described({
        contentType: value,
        contentDisposition: value,
        contentLanguage: value,
        contentEncoding: value,
        cacheControl: value,
        etag: value,
      }),
    );
    await storage.save("a.txt", "hello");
    for (const trusted of [false, true]) {
      for (const method of ["GET", "HEAD"]) {
        const request = new Request("https://example.com/a.txt", { method });
        const response = await serve(storage, request, { trusted });
        assertEquals([response.status, await response.text()], [200, method === "GET" ? "hello" : ""]);
        const disposition = trusted ? null : 'attachment; filename="a.txt"';
        const got = names.map((name) => response.headers.get(name));
        assertEquals(got, ["application/octet-stream", disposition, null, null, null, null], JSON.stringify(value));
      }
    }
  }
  const latin = new Storage(new Described({ contentDisposition: 'attachment; filename="\xe4.txt"' }));
  await latin.save("a.txt", "hello");
  const { headers } = await serve(latin, new Request("https://example.com/a.txt"));
  assertEquals(headers.get("content-disposition"), 'attachment; filename="\xe4.txt"');
});
