import { assertEquals } from "@std/assert";
import {
  element,
  outcome,
  type RequestPlan,
  send,
  store,
  storeVersion,
  testServer,
  versionedServer,
} from "../authentication/signed_requests.ts";
import type { S3Server } from "../../../../src/testing/mod.ts";

async function create(server: S3Server, path: string, headers: Record<string, string> = {}): Promise<string> {
  const text = await (await send(server, `${path}?uploads`, { method: "POST", headers })).text();
  return element(text, "UploadId") ?? "";
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

Deno.test("invalid part numbers and upload ids are refused", async () => {
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

Deno.test("UploadPartCopy copies ranges of other objects", async () => {
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

Deno.test("UploadPartCopy copies a named version and checks its conditions", async () => {
  const server = versionedServer();
  const first = await storeVersion(server, "/media/source.txt", "first");
  await storeVersion(server, "/media/source.txt", "second");
  const id = await create(server, "/media/a.txt");
  const copy = (headers: Record<string, string>): Promise<Response> =>
    send(server, `/media/a.txt?partNumber=1&uploadId=${id}`, { method: "PUT", headers });
  const from = { "x-amz-copy-source": `/media/source.txt?versionId=${first}` };
  const refused = copy({ ...from, "x-amz-copy-source-if-match": '"other"' });
  assertEquals(await outcome(refused), [412, "PreconditionFailed"]);
  const response = await copy(from);
  assertEquals(response.headers.get("x-amz-copy-source-version-id"), first);
  const etag = element(await response.text(), "ETag") ?? "";
  assertEquals((await complete(server, "/media/a.txt", id, [[1, etag]])).status, 200);
  assertEquals(await (await send(server, "/media/a.txt")).text(), "first");
});
