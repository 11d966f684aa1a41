import { assertEquals } from "@std/assert";
import {
  element,
  outcome,
  send,
  store,
  storeVersion,
  testServer,
  versionedServer,
} from "../authentication/signed_requests.ts";

const STRANGE = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD";

Deno.test("GetObject and HeadObject read the named version", async () => {
  const server = versionedServer();
  const first = await storeVersion(server, "/media/a.txt", "1");
  const second = await storeVersion(server, "/media/a.txt", "second");
  for (const [query, id, body] of [["", second, "second"], [`?versionId=${first}`, first, "1"]]) {
    const read = await send(server, `/media/a.txt${query}`);
    assertEquals([await read.text(), read.headers.get("x-amz-version-id")], [body, id]);
    const head = await send(server, `/media/a.txt${query}`, { method: "HEAD" });
    const { headers } = head;
    assertEquals([head.status, headers.get("content-length"), headers.get("x-amz-version-id")], [
      200,
      `${body!.length}`,
      id,
    ]);
  }
});

Deno.test("a current delete marker is 404 and a named one 405, both with the headers of S3", async () => {
  const server = versionedServer();
  await storeVersion(server, "/media/a.txt", "1");
  const marker = (await send(server, "/media/a.txt", { method: "DELETE" })).headers.get("x-amz-version-id");
  for (const method of ["GET", "HEAD"]) {
    const current = await send(server, "/media/a.txt", { method });
    assertEquals([current.status, current.headers.get("x-amz-delete-marker")], [404, "true"]);
    assertEquals([current.headers.get("x-amz-version-id"), current.headers.get("allow")], [marker, null]);
    const text = await current.text();
    assertEquals(element(text, "Code"), method === "GET" ? "NoSuchKey" : undefined);
    const named = await send(server, `/media/a.txt?versionId=${marker}`, { method });
    assertEquals([named.status, named.headers.get("x-amz-delete-marker")], [405, "true"]);
    assertEquals([named.headers.get("x-amz-version-id"), named.headers.get("allow")], [marker, "DELETE"]);
    assertEquals(named.headers.get("last-modified"), "Sat, 31 Jan 2026 12:00:00 GMT");
    const document = await named.text();
    if (method === "HEAD") continue;
    assertEquals([element(document, "Code"), element(document, "ResourceType")], ["MethodNotAllowed", "DeleteMarker"]);
  }
});

Deno.test("a deleted version is 404, and an id that was never issued 400", async () => {
  for (const server of [versionedServer(), testServer()]) {
    await store(server, "/media/a.txt", "1");
    assertEquals(await outcome(send(server, `/media/a.txt?versionId=${STRANGE}`)), [400, "InvalidArgument"]);
    assertEquals(await outcome(send(server, "/media/a.txt?versionId=")), [400, "InvalidArgument"]);
  }
  const server = versionedServer();
  const first = await storeVersion(server, "/media/a.txt", "1");
  await send(server, `/media/a.txt?versionId=${first}`, { method: "DELETE" });
  assertEquals(await outcome(send(server, `/media/a.txt?versionId=${first}`)), [404, "NoSuchVersion"]);
  assertEquals(await outcome(send(server, "/media/a.txt?versionId=null")), [404, "NoSuchVersion"]);
});

Deno.test("the null version has no header in a bucket that was never versioned", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "1");
  for (const path of ["/media/a.txt", "/media/a.txt?versionId=null"]) {
    const read = await send(server, path);
    assertEquals([await read.text(), read.headers.get("x-amz-version-id")], ["1", null]);
  }
  assertEquals(await outcome(send(server, "/media/b.txt?versionId=null")), [404, "NoSuchKey"]);
});

Deno.test("anonymous requests may read the versions that are public themselves", async () => {
  const server = versionedServer();
  const first = await storeVersion(server, "/media/a.txt", "1");
  await send(server, "/media/a.txt", { method: "PUT", body: "2", headers: { "x-amz-acl": "public-read" } });
  const anonymous = async (query: string): Promise<number> =>
    (await server.fetch(new Request(`http://localhost/media/a.txt${query}`))).status;
  assertEquals([await anonymous(""), await anonymous(`?versionId=${first}`)], [200, 403]);
});
