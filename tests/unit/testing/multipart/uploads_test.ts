import { assertEquals, assertMatch } from "@std/assert";
import {
  element,
  elements,
  outcome,
  type RequestPlan,
  send,
  store,
  testServer,
} from "../authentication/signed_requests.ts";
import type { S3Server } from "../../../../src/testing/mod.ts";

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

Deno.test("parts become one object with the ETag of their ETags", async () => {
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

Deno.test("completing refuses what does not fit together", async () => {
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

Deno.test("part numbers and upload ids are checked", async () => {
  const server = testServer();
  const id = await create(server, "/media/a.txt");
  const ask = (query: string, path = "/media/a.txt"): Promise<[number, string | undefined]> =>
    outcome(send(server, `${path}?${query}`, { method: "PUT", body: "x" }));
  assertEquals(await ask(`partNumber=0&uploadId=${id}`), [400, "InvalidArgument"]);
  assertEquals(await ask(`partNumber=10001&uploadId=${id}`), [400, "InvalidArgument"]);
  assertEquals(await ask(`partNumber=1&uploadId=${id}x`), [404, "NoSuchUpload"]);
  assertEquals(await ask(`partNumber=1&uploadId=${id}`, "/media/b.txt"), [404, "NoSuchUpload"]);
  assertEquals((await send(server, `/media/a.txt?uploadId=${id}`, { method: "DELETE" })).status, 204);
  assertEquals(await ask(`partNumber=1&uploadId=${id}`), [404, "NoSuchUpload"]);
});

Deno.test("parts can be copied from other objects", async () => {
  const server = testServer();
  await store(server, "/media/source.txt", "0123456789");
  const id = await create(server, "/media/a.txt");
  const copy = async (part: number, range?: string): Promise<string> => {
    const headers: Record<string, string> = { "x-amz-copy-source": "/media/source.txt" };
    if (range !== undefined) headers["x-amz-copy-source-range"] = range;
    return await (await send(server, `/media/a.txt?partNumber=${part}&uploadId=${id}`, { method: "PUT", headers }))
      .text();
  };
  const whole = element(await copy(1), "ETag") ?? "", some = element(await copy(2, "bytes=2-4"), "ETag") ?? "";
  assertEquals(element(await copy(3, "bytes=2-10"), "Code"), "InvalidArgument");
  assertEquals(element(await copy(3, "bytes=2-"), "Code"), "InvalidArgument");
  assertEquals((await complete(server, "/media/a.txt", id, [[1, whole], [2, some]])).status, 200);
  assertEquals(new TextDecoder().decode(server.objects("media")[0]?.bytes), "0123456789234");
});

Deno.test("parts and uploads are listed in pages", async () => {
  const server = testServer();
  const id = await create(server, "/media/b/2.txt");
  for (const part of [3, 1, 2]) await put(server, "/media/b/2.txt", id, part, `${part}`);
  const parts = await (await send(server, `/media/b/2.txt?uploadId=${id}&max-parts=2`)).text();
  assertEquals([elements(parts, "PartNumber"), element(parts, "IsTruncated")], [["1", "2"], "true"]);
  assertEquals(element(parts, "NextPartNumberMarker"), "2");
  const rest = await (await send(server, `/media/b/2.txt?uploadId=${id}&part-number-marker=2`)).text();
  assertEquals([elements(rest, "PartNumber"), element(rest, "IsTruncated")], [["3"], "false"]);

  for (const key of ["a.txt", "b/1.txt", "c.txt"]) await create(server, `/media/${key}`);
  const first = await (await send(server, "/media?uploads&max-uploads=2")).text();
  assertEquals([elements(first, "Key"), element(first, "IsTruncated")], [["a.txt", "b/1.txt"], "true"]);
  const marker = `key-marker=${element(first, "NextKeyMarker")}&upload-id-marker=${
    element(first, "NextUploadIdMarker")
  }`;
  const second = await (await send(server, `/media?uploads&max-uploads=2&${marker}`)).text();
  assertEquals([elements(second, "Key"), element(second, "IsTruncated")], [["b/2.txt", "c.txt"], "false"]);
  const folded = await (await send(server, "/media?uploads&delimiter=/")).text();
  assertEquals([elements(folded, "Key"), elements(folded, "CommonPrefixes")], [["a.txt", "c.txt"], [
    "<Prefix>b/</Prefix>",
  ]]);
});

Deno.test("checksums of parts become a checksum of the object", async () => {
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
