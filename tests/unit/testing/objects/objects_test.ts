import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { element, outcome, send, store, testServer } from "../authentication/signed_requests.ts";

const HELLO_MD5 = "XUFAKrxLKna5cZ2REBfFkg==";
const HELLO_ETAG = '"5d41402abc4b2a76b9719d911017c592"';

Deno.test("an object is given back with all that was said about it", async () => {
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

Deno.test("missing things are told apart, and HEAD says it without a body", async () => {
  const server = testServer();
  const key = await send(server, "/media/absent.txt");
  const text = await key.text();
  assertEquals([key.status, element(text, "Code"), element(text, "Key")], [404, "NoSuchKey", "absent.txt"]);
  assertEquals(element(text, "RequestId"), key.headers.get("x-amz-request-id") ?? "");
  assertEquals(key.headers.get("content-type"), "application/xml");
  assertEquals(await outcome(send(server, "/absent/absent.txt")), [404, "NoSuchBucket"]);
  const head = await send(server, "/media/absent.txt", { method: "HEAD" });
  assertEquals([head.status, await head.text()], [404, ""]);
  assertEquals((await send(server, "/media/absent.txt", { method: "DELETE" })).status, 204);
});

Deno.test("ranges give the part asked for", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "0123456789");
  const ask = async (range: string): Promise<[number, string, string | null]> => {
    const response = await send(server, "/media/a.txt", { headers: { range } });
    return [response.status, await response.text(), response.headers.get("content-range")];
  };
  assertEquals(await ask("bytes=2-4"), [206, "234", "bytes 2-4/10"]);
  assertEquals(await ask("bytes=7-"), [206, "789", "bytes 7-9/10"]);
  assertEquals(await ask("bytes=-3"), [206, "789", "bytes 7-9/10"]);
  assertEquals(await ask("bytes=-30"), [206, "0123456789", "bytes 0-9/10"]);
  assertEquals(await ask("bytes=8-99"), [206, "89", "bytes 8-9/10"]);
  assertEquals((await ask("bytes=5-2"))[0], 200);
  assertEquals((await ask("lines=1-2"))[0], 200);
  assertEquals((await ask("bytes=0-1,3-4"))[0], 200);
  const [status, document, contentRange] = await ask("bytes=10-");
  assertEquals([status, contentRange, element(document, "Code")], [416, "bytes */10", "InvalidRange"]);
  assertEquals(element(document, "ActualObjectSize"), "10");
  assertEquals((await ask("bytes=-0"))[0], 416);
});

Deno.test("conditions on reads follow the precedence of RFC 9110", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "hello");
  const ask = async (headers: Record<string, string>): Promise<number> =>
    (await send(server, "/media/a.txt", { headers })).status;
  const before = "Sat, 31 Jan 2026 11:59:59 GMT", at = "Sat, 31 Jan 2026 12:00:00 GMT";
  assertEquals(await ask({ "if-match": HELLO_ETAG }), 200);
  assertEquals(await ask({ "if-match": '"other"' }), 412);
  assertEquals(await ask({ "if-match": `"other", ${HELLO_ETAG}` }), 200);
  assertEquals(await ask({ "if-unmodified-since": before }), 412);
  assertEquals(await ask({ "if-unmodified-since": at }), 200);
  assertEquals(await ask({ "if-match": HELLO_ETAG, "if-unmodified-since": before }), 200);
  assertEquals(await ask({ "if-none-match": HELLO_ETAG }), 304);
  assertEquals(await ask({ "if-none-match": '"other"' }), 200);
  assertEquals(await ask({ "if-modified-since": at }), 304);
  assertEquals(await ask({ "if-modified-since": before }), 200);
  assertEquals(await ask({ "if-none-match": '"other"', "if-modified-since": at }), 200);
  const notModified = await send(server, "/media/a.txt", { headers: { "if-none-match": HELLO_ETAG } });
  assertEquals([await notModified.text(), notModified.headers.get("etag")], ["", HELLO_ETAG]);
});

Deno.test("conditions on writes hold", async () => {
  const server = testServer();
  const put = (headers: Record<string, string>): Promise<[number, string | undefined]> =>
    outcome(send(server, "/media/a.txt", { method: "PUT", body: "hello", headers }));
  assertEquals(await put({ "if-match": HELLO_ETAG }), [404, "NoSuchKey"]);
  assertEquals(await put({ "if-none-match": "*" }), [200, undefined]);
  assertEquals(await put({ "if-none-match": "*" }), [412, "PreconditionFailed"]);
  assertEquals(await put({ "if-none-match": HELLO_ETAG }), [501, "NotImplemented"]);
  assertEquals(await put({ "if-match": HELLO_ETAG }), [200, undefined]);
  assertEquals(await put({ "if-match": HELLO_ETAG.slice(1, -1) }), [200, undefined]);
  assertEquals(await put({ "if-match": '"other"' }), [412, "PreconditionFailed"]);
  const remove = (etag: string): Promise<[number, string | undefined]> =>
    outcome(send(server, "/media/a.txt", { method: "DELETE", headers: { "if-match": etag } }));
  assertEquals(await remove('"other"'), [412, "PreconditionFailed"]);
  assertEquals(await remove(HELLO_ETAG), [204, undefined]);
});

Deno.test("of many writers with If-None-Match only one wins", async () => {
  const server = testServer();
  const answers = await Promise.all(
    Array.from(
      { length: 20 },
      (_, index) =>
        send(server, "/media/a.txt", { method: "PUT", body: `${index}`, headers: { "if-none-match": "*" } }),
    ),
  );
  assertEquals(answers.map(({ status }) => status).sort(), [200, ...Array<number>(19).fill(412)]);
});

Deno.test("digests and checksums are held against the body", async () => {
  const server = testServer();
  const put = (headers: Record<string, string>): Promise<[number, string | undefined]> =>
    outcome(send(server, "/media/a.txt", { method: "PUT", body: "hello", headers }));
  assertEquals(await put({ "content-md5": HELLO_MD5 }), [200, undefined]);
  assertEquals(await put({ "content-md5": "nonsense" }), [400, "InvalidDigest"]);
  assertEquals(await put({ "content-md5": HELLO_MD5.replace("X", "Y") }), [400, "BadDigest"]);
  const right = {
    crc32: "NhCmhg==",
    crc32c: "mnG7TA==",
    crc64nvme: "M3eFcAZSQlc=",
    sha1: "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
    sha256: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
  };
  for (const [algorithm, value] of Object.entries(right)) {
    const name = `x-amz-checksum-${algorithm}`;
    assertEquals(await put({ [name]: value }), [200, undefined], algorithm);
    const plain = await send(server, "/media/a.txt");
    assertEquals(plain.headers.get(name), null);
    const asked = await send(server, "/media/a.txt", { headers: { "x-amz-checksum-mode": "ENABLED" } });
    assertEquals([asked.headers.get(name), asked.headers.get("x-amz-checksum-type")], [value, "FULL_OBJECT"]);
    const wrong = value.startsWith("A") ? `B${value.slice(1)}` : `A${value.slice(1)}`;
    assertEquals(await put({ [name]: wrong }), [400, "BadDigest"]);
    assertEquals(await put({ [name]: "AAAA" }), [400, "InvalidRequest"]);
  }
  assertEquals(await put({ "x-amz-sdk-checksum-algorithm": "CRC32" }), [400, "InvalidRequest"]);
});

Deno.test("response-* parameters replace headers of a signed read", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "hello", { "content-encoding": "gzip" });
  const disposition = `attachment; filename="ü.txt"`;
  const query = `response-content-encoding=identity&response-content-disposition=${encodeURIComponent(disposition)}`;
  const response = await send(server, `/media/a.txt?${query}`);
  assertEquals(response.headers.get("content-encoding"), "identity");
  const bytes = Uint8Array.from(response.headers.get("content-disposition") ?? "", (each) => each.charCodeAt(0));
  assertEquals(new TextDecoder().decode(bytes), disposition);
  assertEquals(await outcome(send(server, "/media/a.txt?response-expires=a%0Ab")), [400, "InvalidArgument"]);
});

Deno.test("keys may hold anything", async () => {
  const server = testServer();
  const keys = [
    "a b+c%d.txt",
    "//double//slash",
    "%2F%41",
    "ü/日本/😀.txt",
    "line\nbreak\ttab",
    "quote\"'<&>",
    "q?#x",
    "trailing/",
    "\u0001control",
    "a".repeat(1024),
  ];
  for (const key of keys) await store(server, `/media/${encodeURIComponent(key).replaceAll("%2F", "/")}`, key);
  assertEquals(server.objects("media").map((object) => object.key).sort(), [...keys].sort());
  for (const key of keys) assertEquals(await (await send(server, `/media/${encodeURIComponent(key)}`)).text(), key);
  assertEquals(await outcome(send(server, `/media/${"a".repeat(1025)}`, { method: "PUT", body: "x" })), [
    400,
    "KeyTooLongError",
  ]);
  const listing = await (await send(server, "/media?list-type=2&prefix=%01")).text();
  assertStringIncludes(listing, "<Key>&#x1;control</Key>");
  const error = await (await send(server, "/media/x%01%0Ay")).text();
  assertStringIncludes(error, "<Key>x&#x1;&#10;y</Key>");
  assertEquals(
    await outcome(send(server, "/media/x").then(() => server.fetch(new Request("http://localhost/media/%ff")))),
    [
      400,
      "InvalidURI",
    ],
  );
});

Deno.test("what cannot be kept is refused", async () => {
  const server = testServer();
  const put = (headers: Record<string, string>): Promise<[number, string | undefined]> =>
    outcome(send(server, "/media/a.txt", { method: "PUT", body: "hello", headers }));
  assertEquals(await put({ "x-amz-storage-class": "CUPBOARD" }), [400, "InvalidStorageClass"]);
  assertEquals(await put({ "x-amz-acl": "everyone" }), [400, "InvalidArgument"]);
  assertEquals(await put({ "x-amz-grant-read": "id=1" }), [501, "NotImplemented"]);
  assertEquals(await put({ "x-amz-object-lock-mode": "GOVERNANCE" }), [501, "NotImplemented"]);
  assertEquals(await put({ "x-amz-meta-a": "x".repeat(2048) }), [400, "MetadataTooLarge"]);
  assertEquals(await put({ "transfer-encoding": "chunked" }), [411, "MissingContentLength"]);
  assertEquals(await outcome(send(server, "/media?policy")), [501, "NotImplemented"]);
  assertEquals(await outcome(send(server, "/media/a.txt?torrent")), [501, "NotImplemented"]);
  assertEquals(await outcome(send(server, "/media/a.txt", { method: "PATCH" })), [405, "MethodNotAllowed"]);
  assertEquals(server.objects("media"), []);
});

Deno.test("tags and ACLs can be set and read", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "hello");
  const tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>1 &amp; 2</Value></Tag></TagSet></Tagging>";
  assertEquals((await send(server, "/media/a.txt?tagging", { method: "PUT", body: tagging })).status, 200);
  assertStringIncludes(await (await send(server, "/media/a.txt?tagging")).text(), "<Value>1 &amp; 2</Value>");
  assertEquals(server.objects("media")[0]?.tags, { a: "1 & 2" });
  assertEquals((await send(server, "/media/a.txt?tagging", { method: "DELETE" })).status, 204);
  assertEquals(server.objects("media")[0]?.tags, {});
  await send(server, "/media/a.txt?acl", { method: "PUT", headers: { "x-amz-acl": "public-read" } });
  const acl = await (await send(server, "/media/a.txt?acl")).text();
  assertStringIncludes(acl, "groups/global/AllUsers</URI></Grantee><Permission>READ</Permission>");
  await send(server, "/media/b.txt", { method: "PUT", body: "x" });
  assertEquals((await send(server, "/media/b.txt?acl", { method: "PUT", body: acl })).status, 200);
  assertEquals(server.objects("media").map((object) => object.acl), ["public-read", "public-read"]);
});

Deno.test("many objects are deleted at once, and the request must vouch for its body", async () => {
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
