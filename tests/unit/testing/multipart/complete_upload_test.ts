import { assertEquals, assertMatch } from "@std/assert";
import type { S3Server } from "../../../../src/testing/mod.ts";
import {
  element,
  outcome,
  type RequestPlan,
  send,
  store,
  testServer,
  versionedServer,
} from "../authentication/signed_requests.ts";

async function create(server: S3Server, path: string, headers: Record<string, string> = {}): Promise<string> {
  const text = await (await send(server, `${path}?uploads`, { method: "POST", headers })).text();
  return element(text, "UploadId") ?? "";
}

async function put(server: S3Server, path: string, id: string, part: number, body: string): Promise<string> {
  const response = await send(server, `${path}?partNumber=${part}&uploadId=${id}`, { method: "PUT", body });
  return response.headers.get("etag") ?? await response.text();
}

function complete(
  server: S3Server,
  path: string,
  id: string,
  parts: readonly (readonly [number, string])[],
  plan: RequestPlan = {},
): Promise<Response> {
  const listed = parts.map(([number, etag]) =>
    `<Part><PartNumber>${number}</PartNumber><ETag>${etag.replaceAll('"', "&quot;")}</ETag></Part>`
  );
  const body = `<CompleteMultipartUpload>${listed.join("")}</CompleteMultipartUpload>`;
  return send(server, `${path}?uploadId=${id}`, { method: "POST", body, ...plan });
}

Deno.test("CompleteMultipartUpload joins the parts, and the ETag is that of their ETags", async () => {
  const server = testServer();
  const id = await create(server, "/media/a.txt", { "content-type": "text/plain", "x-amz-meta-author": "someone" });
  const second = await put(server, "/media/a.txt", id, 7, "world");
  const first = await put(server, "/media/a.txt", id, 2, "hello ");
  assertEquals(server.openUploads("media"), [{ key: "a.txt", uploadId: id, partNumbers: [2, 7] }]);
  const text = await (await complete(server, "/media/a.txt", id, [[2, first], [7, second]])).text();
  assertMatch(element(text, "ETag") ?? "", /^&quot;[0-9a-f]{32}-2&quot;$/);
  assertEquals(element(text, "Location"), "http://localhost/media/a.txt");
  const [object] = server.objects("media");
  assertEquals(new TextDecoder().decode(object?.bytes), "hello world");
  assertEquals([object?.contentType, object?.metadata, object?.partCount], ["text/plain", { author: "someone" }, 2]);
  assertEquals(server.openUploads("media"), []);
  assertEquals(await outcome(complete(server, "/media/a.txt", id, [[2, first]])), [404, "NoSuchUpload"]);

  const part = await send(server, "/media/a.txt?partNumber=2");
  assertEquals([part.status, await part.text(), part.headers.get("content-range")], [206, "world", "bytes 6-10/11"]);
  assertEquals(part.headers.get("x-amz-mp-parts-count"), "2");
  assertEquals(await outcome(send(server, "/media/a.txt?partNumber=3")), [416, "InvalidPartNumber"]);
});

Deno.test("CompleteMultipartUpload refuses missing, wrong, unordered and small parts", async () => {
  const server = testServer({ minPartSize: 5 });
  const id = await create(server, "/media/a.txt");
  const small = await put(server, "/media/a.txt", id, 1, "tiny");
  const last = await put(server, "/media/a.txt", id, 2, "x");
  const ask = (
    parts: [number, string][],
    headers: Record<string, string> = {},
  ): Promise<[number, string | undefined]> => outcome(complete(server, "/media/a.txt", id, parts, { headers }));
  assertEquals(await ask([[1, small], [2, last]]), [400, "EntityTooSmall"]);
  const enough = await put(server, "/media/a.txt", id, 1, "enough");
  assertEquals(await ask([[1, small], [2, last]]), [400, "InvalidPart"]);
  assertEquals(await ask([[1, enough], [3, last]]), [400, "InvalidPart"]);
  assertEquals(await ask([[2, last], [1, enough]]), [400, "InvalidPartOrder"]);
  assertEquals(await ask([]), [400, "MalformedXML"]);
  await store(server, "/media/a.txt", "already here");
  assertEquals(await ask([[1, enough], [2, last]], { "if-none-match": "*" }), [412, "PreconditionFailed"]);
  assertEquals(await ask([[1, enough], [2, last]], { "if-match": '"other"' }), [412, "PreconditionFailed"]);
  assertEquals(await ask([[1, enough], [2, last]]), [200, undefined]);
});

Deno.test("checksums of parts become the checksum of the object", async () => {
  const server = testServer();
  for (
    const [algorithm, type, expected] of [
      ["CRC32", "FULL_OBJECT", "DUoRhQ=="],
      ["CRC32C", "COMPOSITE", undefined],
      ["CRC64NVME", "FULL_OBJECT", undefined],
      ["SHA256", "COMPOSITE", undefined],
    ] as const
  ) {
    const id = await create(server, "/media/a.txt", {
      "x-amz-checksum-algorithm": algorithm,
      "x-amz-checksum-type": type,
    });
    const etags = [
      await put(server, "/media/a.txt", id, 1, "hello "),
      await put(server, "/media/a.txt", id, 2, "world"),
    ];
    const text = await (await complete(server, "/media/a.txt", id, [[1, etags[0]!], [2, etags[1]!]])).text();
    const value = element(text, `Checksum${algorithm}`) ?? "";
    assertEquals(element(text, "ChecksumType"), type);
    assertMatch(value, type === "COMPOSITE" ? /=-2$/ : /=$/);
    if (expected !== undefined) assertEquals(value, expected);
  }
  const wrong = send(server, "/media/a.txt?uploads", {
    method: "POST",
    headers: { "x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "FULL_OBJECT" },
  });
  assertEquals(await outcome(wrong), [400, "InvalidRequest"]);
});

Deno.test("CompleteMultipartUpload stores a version with the class, the tags and the ACL of the upload", async () => {
  const server = versionedServer();
  await store(server, "/media/a.txt", "old");
  const id = await create(server, "/media/a.txt", {
    "x-amz-storage-class": "STANDARD_IA",
    "x-amz-tagging": "a=1",
    "x-amz-acl": "public-read",
  });
  const etag = await put(server, "/media/a.txt", id, 1, "new");
  const response = await complete(server, "/media/a.txt", id, [[1, etag]]);
  const [current, old] = server.versions("media");
  assertEquals(response.headers.get("x-amz-version-id"), current?.versionId);
  assertEquals([current?.object?.size, old?.object?.size], [3, 3]);
  const { storageClass, tags, acl } = current!.object!;
  assertEquals([storageClass, tags, acl], ["STANDARD_IA", { a: "1" }, "public-read"]);
  const head = await send(server, "/media/a.txt", { method: "HEAD" });
  assertEquals(head.headers.get("x-amz-storage-class"), "STANDARD_IA");
});
