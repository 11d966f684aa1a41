import { assertEquals, assertMatch } from "@std/assert";
import { send, store, testServer, versionedServer } from "../authentication/signed_requests.ts";

const HELLO_ETAG = '"5d41402abc4b2a76b9719d911017c592"';

Deno.test("GetObject returns the headers and metadata of PutObject", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "hello", {
    "content-type": "text/plain; charset=utf-8",
    "content-encoding": "aws-chunked,gzip",
    "content-disposition": "attachment",
    "content-language": "de",
    "cache-control": "max-age=60",
    "expires": "Sat, 31 Jan 2026 13:00:00 GMT",
    "x-amz-meta-Author": "someone",
    "x-amz-tagging": "a=1&b=two%20words",
    "x-amz-storage-class": "STANDARD_IA",
    "x-amz-server-side-encryption": "AES256",
  });
  const response = await send(server, "/media/a.txt");
  assertEquals([response.status, await response.text()], [200, "hello"]);
  const { "x-amz-request-id": requestId, "x-amz-id-2": hostId, ...headers } = Object.fromEntries(response.headers);
  assertMatch(requestId ?? "", /^[0-9A-F]{16}$/);
  assertEquals(hostId?.length, 64);
  assertEquals(headers, {
    "accept-ranges": "bytes",
    "cache-control": "max-age=60",
    "content-disposition": "attachment",
    "content-encoding": "gzip",
    "content-language": "de",
    "content-length": "5",
    "content-type": "text/plain; charset=utf-8",
    "date": "Sat, 31 Jan 2026 12:00:00 GMT",
    "etag": HELLO_ETAG,
    "expires": "Sat, 31 Jan 2026 13:00:00 GMT",
    "last-modified": "Sat, 31 Jan 2026 12:00:00 GMT",
    "server": "AmazonS3",
    "x-amz-meta-author": "someone",
    "x-amz-server-side-encryption": "AES256",
    "x-amz-storage-class": "STANDARD_IA",
    "x-amz-tagging-count": "2",
  });
  const head = await send(server, "/media/a.txt", { method: "HEAD" });
  assertEquals([head.status, head.headers.get("content-length"), await head.text()], [200, "5", ""]);
});

Deno.test("PutObject returns a version id while versioning is enabled, and none while it is suspended", async () => {
  const server = versionedServer();
  const put = async (body: string): Promise<string | null> =>
    (await send(server, "/media/a.txt", { method: "PUT", body })).headers.get("x-amz-version-id");
  const ids = [await put("1"), await put("2")];
  assertEquals(ids.map((id) => /^[\w.-]{32}$/.test(id ?? "")), [true, true]);
  const suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
  await send(server, "/media?versioning", { method: "PUT", body: suspended });
  assertEquals([await put("3"), await put("4")], [null, null]);
  const history = server.versions("media").map(({ versionId, isLatest, object }) => [
    versionId,
    isLatest,
    new TextDecoder().decode(object?.bytes),
  ]);
  assertEquals(history, [["null", true, "4"], [ids[1], false, "2"], [ids[0], false, "1"]]);
  const current = await send(server, "/media/a.txt");
  assertEquals([current.headers.get("x-amz-version-id"), await current.text()], ["null", "4"]);
});

Deno.test("a write with If-None-Match succeeds over a delete marker, and with If-Match it fails", async () => {
  const server = versionedServer();
  await store(server, "/media/a.txt", "1");
  await send(server, "/media/a.txt", { method: "DELETE" });
  const put = (headers: Record<string, string>): Promise<Response> =>
    send(server, "/media/a.txt", { method: "PUT", body: "2", headers });
  assertEquals((await put({ "if-match": "*" })).status, 404);
  assertEquals((await put({ "if-none-match": "*" })).status, 200);
  assertEquals((await put({ "if-none-match": "*" })).status, 412);
});
