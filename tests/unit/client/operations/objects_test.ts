import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { deleteObjects } from "../../../../src/client/operations/delete_objects.ts";
import { listObjects } from "../../../../src/client/operations/list_objects.ts";
import { getObject, headObject } from "../../../../src/client/operations/objects.ts";
import { readObject } from "../../../../src/transfer/read/object_reader.ts";
import { isXmlText } from "../../../../src/client/operations/delete_objects.ts";
import { ServiceError, StorageError } from "../../../../src/errors.ts";
import { bareAnswer, clientOn, scripted, watchedBody, xmlAnswer } from "../../transport.ts";

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
    versionId: "v1",
  });
  assertEquals(Object.entries(metadata), [["__proto__", "kept"], ["owner", "ada"]]);
  assertEquals(new URL(transport.requests[0]!.url).pathname, "/a%20b/%C3%B1%2B%26.txt");
});

Deno.test("getObject() requests the stored bytes from an offset of a known version", async () => {
  const transport = scripted(
    new Response("body", { headers: { "content-length": "4" } }),
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
  await assertRejects(() => getObject(clientOn(transport), { ...TARGET, start: 1 }), ServiceError);
  assertEquals(fate(), "cancelled");
});

const PAGE = `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>
  <Contents><Key>p/a+b%2Bc%2F%C3%B1</Key><Size>3</Size><ETag>&quot;e&quot;</ETag>
  <LastModified>2026-01-31T12:00:00.000Z</LastModified></Contents>
  <CommonPrefixes><Prefix>p/d+e/</Prefix></CommonPrefixes><IsTruncated>true</IsTruncated>
  <NextContinuationToken>t/+=</NextContinuationToken></ListBucketResult>`;

Deno.test("listObjects() reads a page, decodes its keys, and requests the next page with the token", async () => {
  const transport = scripted(xmlAnswer(PAGE));
  const client = clientOn(transport);
  const page = await listObjects(client, { bucket: "bucket", prefix: "p/", delimiter: "/" });
  assertEquals(page, {
    objects: [{ key: "p/a b+c/ñ", size: 3, etag: '"e"', modifiedTime: new Date("2026-01-31T12:00:00Z") }],
    prefixes: ["p/d e/"],
    continuationToken: "t/+=",
  });
  await listObjects(client, { bucket: "bucket", prefix: "p/", continuationToken: "t/+=" });
  const queries = transport.requests.map(({ url }) => Object.fromEntries(new URL(url).searchParams));
  const always = { "list-type": "2", "encoding-type": "url" };
  assertEquals(queries, [
    { ...always, prefix: "p/", delimiter: "/" },
    { ...always, prefix: "p/", "continuation-token": "t/+=" },
  ]);
});

Deno.test("listObjects() does not decode keys that the service did not encode", async () => {
  const transport = scripted(
    xmlAnswer(
      "<ListBucketResult><Contents><Key>a+b%2B</Key><Size>0</Size></Contents><IsTruncated>false</IsTruncated>" +
        "</ListBucketResult>",
    ),
  );
  const { objects, continuationToken } = await listObjects(clientOn(transport), { bucket: "bucket", prefix: "" });
  assertEquals([objects[0]?.key, continuationToken], ["a+b%2B", undefined]);
});

Deno.test("listObjects() throws if a truncated page has no token", async () => {
  const transport = scripted(xmlAnswer("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"));
  await assertRejects(() => listObjects(clientOn(transport), { bucket: "bucket", prefix: "" }), ServiceError);
});

Deno.test("listObjects() throws ServiceError for a key that cannot be decoded", async () => {
  const transport = scripted(
    xmlAnswer(
      "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%zz</Key></Contents></ListBucketResult>",
    ),
  );
  await assertRejects(() => listObjects(clientOn(transport), { bucket: "bucket", prefix: "" }), StorageError);
});

Deno.test("deleteObjects() sends keys that XML escapes, with an MD5, and returns the errors of single keys", async () => {
  const transport = scripted(xmlAnswer(
    "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>No</Message></Error>" +
      "<Error><Key>c</Key><Code>NoSuchKey</Code><Message>No</Message></Error></DeleteResult>",
  ));
  const failures = await deleteObjects(clientOn(transport), { bucket: "bucket", keys: ["<a&\n\"'>", "b", "c"] });
  assertEquals(failures.map(({ code, key, s3Code, operation }) => [code, key, s3Code, operation]), [
    ["PermissionDenied", "b", "AccessDenied", "DeleteObjects"],
  ]);
  const [request] = transport.requests as [Request];
  assertEquals([request.method, new URL(request.url).search], ["POST", "?delete="]);
  assertEquals(request.headers.get("content-md5")?.length, 24);
  const body = await request.text();
  assertStringIncludes(body, "<Quiet>true</Quiet>");
  assertStringIncludes(body, "<Key>b</Key>");
  assert(!body.includes("<a&"));
});

Deno.test("isXmlText() says which keys XML can represent", () => {
  for (const key of ["a", "é😀", "\t\n\r", "\u0085", "\u2028"]) assert(isXmlText(key), JSON.stringify(key));
  for (const key of ["\u0000", "a\u0008", "\u001f", "\ufffe", "\uffff"]) assert(!isXmlText(key), JSON.stringify(key));
});
