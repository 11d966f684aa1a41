import { assertEquals, assertRejects } from "@std/assert";
import { getObject, headObject } from "../../../../src/client/operations/objects.ts";
import { readObject } from "../../../../src/transfer/read/object_reader.ts";
import { ServiceError } from "../../../../src/errors.ts";
import { getUnencoded } from "../../../../src/transfer/read/encoded_object.ts";
import { bareAnswer, clientOn, scripted, watchedBody } from "../../transport.ts";

const TARGET = { bucket: "bucket", key: "a b/ñ+&.txt" };

Deno.test("headObject() returns the properties in the headers", async () => {
  const transport = scripted(bareAnswer(200, {
    "content-length": "12",
    etag: '"e"',
    "last-modified": "Sat, 31 Jan 2026 12:00:00 GMT",
    "content-type": "text/plain",
    "content-encoding": "gzip",
    "cache-control": "no-store",
    "content-disposition": "inline",
    "content-language": "de",
    "x-amz-storage-class": "GLACIER",
    "x-amz-archive-status": "ARCHIVE_ACCESS",
    "x-amz-restore": 'ongoing-request="false", expiry-date="Fri, 06 Feb 2026 00:00:00 GMT"',
    "x-amz-version-id": "v1",
    "x-amz-meta-owner": "ada",
    "x-amz-meta-__proto__": "kept",
  }));
  const { metadata, ...head } = await headObject(clientOn(transport), TARGET);
  assertEquals(head, {
    size: 12,
    etag: '"e"',
    modifiedTime: new Date("2026-01-31T12:00:00Z"),
    contentType: "text/plain",
    contentEncoding: "gzip",
    cacheControl: "no-store",
    contentDisposition: "inline",
    contentLanguage: "de",
    storageClass: "GLACIER",
    archiveStatus: "ARCHIVE_ACCESS",
    restore: { ongoing: false, expiresAt: new Date("2026-02-06T00:00:00Z") },
    versionId: "v1",
  });
  assertEquals(Object.entries(metadata), [["__proto__", "kept"], ["owner", "ada"]]);
  assertEquals(new URL(transport.requests[0]!.url).pathname, "/a%20b/%C3%B1%2B%26.txt");
});

Deno.test("getObject() requests the stored bytes from an offset of a known version", async () => {
  const transport = scripted(
    new Response("body", { headers: { "content-length": "4", "x-amz-request-id": "id" } }),
    new Response("dy", { status: 206, headers: { "content-length": "2", "content-range": "bytes 2-3/4" } }),
  );
  const client = clientOn(transport);
  assertEquals(await new Response((await readObject(client, TARGET)).body).text(), "body");
  const ranged = await readObject(client, { ...TARGET, start: 2, sameAs: { etag: '"e"', size: 4 } });
  assertEquals([ranged.head.size, await new Response(ranged.body).text()], [4, "dy"]);
  const [first, second] = transport.requests as [Request, Request];
  assertEquals([first.headers.get("range"), first.headers.get("if-match")], [null, null]);
  assertEquals([second.headers.get("range"), second.headers.get("if-match")], ["bytes=2-", '"e"']);
  assertEquals(new URL(first.url).searchParams.get("response-content-encoding"), "identity");
});

Deno.test("getObject() cancels the body of an invalid response", async () => {
  const { stream, fate } = watchedBody();
  const transport = scripted(() => new Response(stream, { headers: { "content-length": "12" } }));
  await assertRejects(() => getObject(clientOn(transport), { ...TARGET, start: 1 }, getUnencoded), ServiceError);
  assertEquals(fate(), "cancelled");
});

Deno.test("headObject() reads metadata that a server keeps as UTF-8, and keeps other bytes and encoded words", async () => {
  const bytes = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));
  const metadata = {
    title: "Grüße 日本 😀",
    percent: "100% %41",
    word: "=?UTF-8?Q?=C3=BC?=",
    latin: "Gr\u00fc\u00dfe", // ISO 8859-1
  };
  const headers = Object.entries(metadata).map(([name, value]) => [
    `x-amz-meta-${name}`,
    name === "latin" ? value : bytes(value),
  ]);
  const answer = bareAnswer(200, { ...Object.fromEntries(headers), etag: '"e"', "content-length": "0" });
  const head = await headObject(clientOn(scripted(answer)), { bucket: "bucket", key: "a" });
  assertEquals(head.metadata, metadata);
});
