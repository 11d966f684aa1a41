import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { outcome, send, store, testServer } from "../authentication/signed_requests.ts";

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

Deno.test("DeleteObjects deletes many objects, and needs a digest or checksum", async () => {
  const server = testServer();
  for (const key of ["a", "b", "c"]) await store(server, `/media/${key}`, key);
  const remove = async (keys: string[], quiet: boolean): Promise<Response> => {
    const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("");
    const body = `<Delete>${objects}<Quiet>${quiet}</Quiet></Delete>`;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body)));
    const headers = { "x-amz-checksum-sha256": btoa(String.fromCharCode(...digest)) };
    return await send(server, "/media?delete", { method: "POST", body, headers });
  };
  const response = await remove(["a", "absent"], false);
  assertStringIncludes(await response.text(), "<Deleted><Key>a</Key></Deleted><Deleted><Key>absent</Key></Deleted>");
  assertEquals((await (await remove(["b"], true)).text()).includes("<Deleted>"), false);
  assertEquals(server.objects("media").map((object) => object.key), ["c"]);
  const many = Array.from({ length: 1001 }, (_, index) => `k${index}`);
  assertEquals(await outcome(remove(many, true)), [400, "MalformedXML"]);
  const plain = send(server, "/media?delete", { method: "POST", body: "<Delete/>" });
  assertEquals(await outcome(plain), [400, "InvalidRequest"]);
});
