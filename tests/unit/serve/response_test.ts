import { assertEquals } from "@std/assert";
import { fileResponse, plainResponse } from "../../../src/serve/response.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";

const request = new Request("https://example.com/a.txt");
const storage = new MemoryStorage();
await storage.save("a.txt", "storage contents", { contentLanguage: "en" });

async function responseWith(more: Partial<Parameters<typeof fileResponse>[0]> = {}): Promise<Response> {
  return fileResponse({
    request,
    status: 200,
    stat: await storage.stat("a.txt"),
    part: undefined,
    decoded: false,
    contentType: "text/plain",
    contentDisposition: undefined,
    cacheControl: undefined,
    policy: "sandbox",
    headers: undefined,
    body: undefined,
    ...more,
  });
}

Deno.test("fileResponse() sends no more bytes than it announces", async () => {
  const file = await storage.open("a.txt", "rb");
  const head = await file.read(4);
  const response = await responseWith({ status: 206, part: { start: 0, end: 7 }, body: { file, head } });
  assertEquals([response.headers.get("content-range"), response.headers.get("content-length")], ["bytes 0-6/16", "7"]);
  assertEquals(await response.text(), "storage");
});

Deno.test("fileResponse() of 304 has no headers of content, and adds the caller's policy to its own", async () => {
  const headers = { "content-type": "a/b", "content-security-policy": "default-src 'self'", "x-own": "1", etag: '"x"' };
  const response = await responseWith({ status: 304, headers });
  assertEquals([...response.headers.keys()].filter((name) => /^content-(?!security)/.test(name)), []);
  assertEquals(response.headers.get("content-security-policy"), "sandbox, default-src 'self'");
  assertEquals([response.headers.get("x-own"), response.headers.get("etag") === '"x"'], ["1", false]);
});

Deno.test("plainResponse() has its status as text, except for HEAD", async () => {
  const text = async (method: string): Promise<string> =>
    await plainResponse(new Request(request, { method }), 416, undefined, { "content-range": "bytes */1" }).text();
  assertEquals([await text("GET"), await text("HEAD")], ["Range Not Satisfiable\n", ""]);
});
