import { assertEquals, assertStringIncludes } from "@std/assert";
import { outcome, send, store, testServer } from "../authentication/signed_requests.ts";
import type { S3Server } from "../../../../src/testing/mod.ts";

async function copy(
  server: S3Server,
  from: string,
  to: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await send(server, to, { method: "PUT", headers: { "x-amz-copy-source": from, ...headers } });
}

async function sourceServer(): Promise<S3Server> {
  const server = testServer({ buckets: ["media", "other"] });
  await store(server, "/media/a%20b%2Bü.txt", "hello", {
    "content-type": "text/plain",
    "x-amz-meta-author": "someone",
    "x-amz-tagging": "a=1",
    "x-amz-acl": "public-read",
    "x-amz-storage-class": "STANDARD_IA",
  });
  return server;
}

Deno.test("CopyObject copies metadata and tags, but not the ACL or the storage class", async () => {
  const server = await sourceServer();
  const response = await copy(server, "/media/a%20b%2B%C3%BC.txt", "/other/copy.txt");
  assertStringIncludes(await response.text(), "<ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag>");
  const [object] = server.objects("other");
  assertEquals([object?.contentType, object?.metadata, object?.tags], ["text/plain", { author: "someone" }, {
    a: "1",
  }]);
  assertEquals([object?.acl, object?.storageClass], ["private", "STANDARD"]);
});

Deno.test("CopyObject replaces metadata and tags with the directive REPLACE", async () => {
  const server = await sourceServer();
  await copy(server, "media/a%20b%2B%C3%BC.txt", "/other/copy.txt", {
    "x-amz-metadata-directive": "REPLACE",
    "x-amz-tagging-directive": "REPLACE",
    "x-amz-tagging": "b=2",
    "content-type": "text/html",
  });
  const [object] = server.objects("other");
  assertEquals([object?.contentType, object?.metadata, object?.tags], ["text/html", {}, { b: "2" }]);
});

Deno.test("CopyObject of an object to itself must change an attribute", async () => {
  const server = await sourceServer();
  const from = "/media/a%20b%2B%C3%BC.txt";
  assertEquals(await outcome(copy(server, from, "/media/a%20b%2Bü.txt")), [400, "InvalidRequest"]);
  const replace = { "x-amz-metadata-directive": "REPLACE" };
  assertEquals(await outcome(copy(server, from, "/media/a%20b%2Bü.txt", replace)), [200, undefined]);
});

Deno.test("CopyObject checks its conditions and its source", async () => {
  const server = await sourceServer();
  const from = "/media/a%20b%2B%C3%BC.txt", etag = '"5d41402abc4b2a76b9719d911017c592"';
  const ask = (source: string, headers: Record<string, string> = {}): Promise<[number, string | undefined]> =>
    outcome(copy(server, source, "/other/copy.txt", headers));
  assertEquals(await ask(from, { "x-amz-copy-source-if-match": '"other"' }), [412, "PreconditionFailed"]);
  assertEquals(await ask(from, { "x-amz-copy-source-if-none-match": etag }), [412, "PreconditionFailed"]);
  const late = "Sat, 31 Jan 2026 12:00:01 GMT";
  assertEquals(await ask(from, { "x-amz-copy-source-if-modified-since": late }), [412, "PreconditionFailed"]);
  assertEquals(await ask(from, { "x-amz-copy-source-if-match": etag }), [200, undefined]);
  assertEquals(await ask(from, { "if-none-match": "*" }), [412, "PreconditionFailed"]);
  assertEquals(await ask("/media/absent.txt"), [404, "NoSuchKey"]);
  assertEquals(await ask("/absent/a.txt"), [404, "NoSuchBucket"]);
  assertEquals(await ask("nonsense"), [400, "InvalidArgument"]);
  assertEquals(await ask(from, { "x-amz-metadata-directive": "BOTH" }), [400, "InvalidArgument"]);
});

Deno.test("CopyObject refuses objects larger than maxCopySize, which can be copied in parts", async () => {
  const server = testServer({ maxCopySize: 5 });
  await store(server, "/media/a.txt", "hello");
  assertEquals((await copy(server, "/media/a.txt", "/media/b.txt")).status, 200);
  await store(server, "/media/a.txt", "hello!");
  const refused = await copy(server, "/media/a.txt", "/media/c.txt");
  assertEquals(refused.status, 400);
  const text = await refused.text();
  assertStringIncludes(text, "<Code>InvalidRequest</Code>");
  assertStringIncludes(text, "larger than the maximum allowable size for a copy source: 5<");
  assertEquals(server.objects("media").map(({ key }) => key), ["a.txt", "b.txt"]);
});
