/** Whether the Content-Encoding of a message matches its bytes. */
import { assertEquals, assertRejects } from "@std/assert";
import { MemoryStorage } from "../../../../src/storage/memory/memory_storage.ts";
import type { SaveOptions } from "../../../../src/storage/contract/options.ts";

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]);
const ZSTD = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 0]);
const NOISE = new Uint8Array([0x1b, 0x03, 0x00, 0xf8, 0x25, 0x00]); // brotli data may begin like this

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(
    await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  );
}

/** A Response as `fetch` returns it, with a URL. */
function fetched(body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string>): Response {
  return Object.defineProperty(new Response(body, { headers }), "url", { value: "https://example.com/a" });
}

async function encodingOf(message: Request | Response, options?: SaveOptions): Promise<string | undefined> {
  const storage = new MemoryStorage();
  await storage.save("a", message, options);
  return (await storage.stat("a")).contentEncoding;
}

const request = (body: Uint8Array<ArrayBuffer>, headers: Record<string, string>): Request =>
  new Request("http://localhost/", { method: "POST", body, headers });

Deno.test("save() labels a message as encoded where its bytes begin so", async () => {
  const packed = await gzip("hello");
  const cases: [Request | Response, string | undefined][] = [
    [new Response(packed, { headers: { "content-encoding": "gzip" } }), "gzip"],
    [new Response(packed, { headers: { "content-encoding": "X-GZIP" } }), "gzip"],
    [new Response("plain", { headers: { "content-encoding": "gzip" } }), undefined],
    [new Response("", { headers: { "content-encoding": "gzip" } }), undefined],
    [new Response("plain", { headers: { "content-encoding": "identity" } }), undefined],
    [new Response(ZSTD, { headers: { "content-encoding": "zstd" } }), "zstd"],
    [request(packed, { "content-encoding": "gzip" }), "gzip"],
    [request(PNG, { "content-encoding": "gzip", "content-type": "image/png" }), undefined],
    [request(PNG, { "content-encoding": "br", "content-type": "image/png" }), undefined],
    [request(NOISE, { "content-encoding": "br", "content-type": "text/plain" }), "br"],
    // Runtimes decode fetched bodies by default.
    [fetched("plain", { "content-encoding": "gzip" }), undefined],
    [fetched(packed, { "content-encoding": "gzip", "content-type": "text/plain" }), "gzip"],
    [fetched(packed, { "content-encoding": "gzip", "content-type": "application/gzip" }), undefined],
    [fetched(NOISE, { "content-encoding": "br" }), undefined],
  ];
  for (const [index, [message, expected]] of cases.entries()) {
    assertEquals(await encodingOf(message), expected, `${index}`);
  }
});

Deno.test("save() keeps every byte of a message that it has inspected", async () => {
  const storage = new MemoryStorage();
  const packed = await gzip("hello ".repeat(10_000));
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller): void {
      for (const byte of packed) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  await storage.save("a", new Response(body, { headers: { "content-encoding": "gzip" } }));
  assertEquals(await (await storage.open("a", "rb")).bytes(), packed);
});

Deno.test("save() refuses a Response whose encoding its bytes do not show, and releases its body", async () => {
  let reason: unknown;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(NOISE),
    cancel: (error) => void (reason = error ?? "cancelled"),
  });
  const message = new Response(body, { headers: { "content-encoding": "br", "content-type": "text/plain" } });
  await assertRejects(() => encodingOf(message), TypeError, 'Pass contentEncoding: "br"');
  assertEquals(reason !== undefined, true);
  const again = (): Response => new Response(NOISE, { headers: { "content-encoding": "br" } });
  assertEquals(await encodingOf(again(), { contentEncoding: "br" }), "br");
  assertEquals(await encodingOf(again(), { contentEncoding: "" }), undefined);
});
