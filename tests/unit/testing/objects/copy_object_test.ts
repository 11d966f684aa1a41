import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  element,
  outcome,
  send,
  store,
  storeVersion,
  testServer,
  versionedServer,
} from "../authentication/signed_requests.ts";
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

Deno.test("CopyObject copies a named version, and reports both versions", async () => {
  const server = versionedServer();
  const first = await storeVersion(server, "/media/a.txt", "1");
  const second = await storeVersion(server, "/media/a.txt", "2");
  const copied = await copy(server, `/media/a.txt?versionId=${first}`, "/media/b.txt");
  assertEquals([copied.status, copied.headers.get("x-amz-copy-source-version-id")], [200, first]);
  const [current] = server.versions("media").filter(({ key }) => key === "b.txt");
  assertEquals(copied.headers.get("x-amz-version-id"), current?.versionId);
  assertEquals(await (await send(server, "/media/b.txt")).text(), "1");
  const latest = await copy(server, "/media/a.txt", "/media/b.txt");
  assertEquals(latest.headers.get("x-amz-copy-source-version-id"), second);
});

Deno.test("CopyObject of an earlier version onto the same key restores it, without a change", async () => {
  const server = versionedServer();
  const first = await storeVersion(server, "/media/a.txt", "1");
  await storeVersion(server, "/media/a.txt", "2");
  assertEquals(await outcome(copy(server, "/media/a.txt", "/media/a.txt")), [400, "InvalidRequest"]);
  assertEquals((await copy(server, `/media/a.txt?versionId=${first}`, "/media/a.txt")).status, 200);
  assertEquals([await (await send(server, "/media/a.txt")).text(), server.versions("media").length], ["1", 3]);
});

Deno.test("CopyObject refuses delete markers as source", async () => {
  const server = versionedServer();
  await storeVersion(server, "/media/a.txt", "1");
  const marker = (await send(server, "/media/a.txt", { method: "DELETE" })).headers.get("x-amz-version-id");
  const current = await copy(server, "/media/a.txt", "/media/b.txt");
  assertEquals([current.status, current.headers.get("x-amz-delete-marker")], [404, "true"]);
  assertEquals(element(await current.text(), "Code"), "NoSuchKey");
  const named = await copy(server, `/media/a.txt?versionId=${marker}`, "/media/b.txt");
  assertEquals(named.status, 400);
  assertStringIncludes(await named.text(), "may not specifically refer to a delete marker by version id");
  const strange = copy(server, "/media/a.txt?versionId=HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD", "/media/b.txt");
  assertEquals(await outcome(strange), [400, "InvalidArgument"]);
});

Deno.test("CopyObject in place changes the storage class, and keeps metadata and tags", async () => {
  const server = await sourceServer();
  const from = "/media/a%20b%2B%C3%BC.txt";
  const response = await copy(server, from, "/media/a%20b%2Bü.txt", {
    "x-amz-storage-class": "ONEZONE_IA",
    "x-amz-acl": "authenticated-read",
  });
  assertEquals(response.status, 200);
  const [object] = server.objects("media");
  assertEquals([object?.storageClass, object?.acl], ["ONEZONE_IA", "authenticated-read"]);
  assertEquals([object?.metadata, object?.tags, object?.contentType], [
    { author: "someone" },
    { a: "1" },
    "text/plain",
  ]);
});

Deno.test("CopyObject takes encryption and redirects from its request, not from the source", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "1", {
    "x-amz-server-side-encryption": "AES256",
    "x-amz-website-redirect-location": "/b.txt",
    "cache-control": "no-cache",
    "content-type": "text/plain",
  });
  await copy(server, "/media/a.txt", "/media/plain.txt");
  const changed = await copy(server, "/media/a.txt", "/media/other.txt", {
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-website-redirect-location": "/c.txt",
  });
  assertEquals(changed.headers.get("x-amz-server-side-encryption"), "aws:kms");
  const [, other, plain] = server.objects("media");
  assertEquals(plain?.headers, { "cache-control": "no-cache", "content-type": "text/plain" });
  assertEquals(other?.headers["x-amz-website-redirect-location"], "/c.txt");
  assertEquals(other?.headers["cache-control"], "no-cache");
});
