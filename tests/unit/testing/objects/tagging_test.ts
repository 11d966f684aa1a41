import { assertEquals } from "@std/assert";
import {
  element,
  elements,
  outcome,
  send,
  store,
  storeVersion,
  testServer,
  versionedServer,
} from "../authentication/signed_requests.ts";

function document(tags: readonly (readonly [string, string])[]): string {
  const entries = tags.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`);
  return `<Tagging><TagSet>${entries.join("")}</TagSet></Tagging>`;
}

Deno.test("tags have the limits of S3, in documents and in headers", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "x");
  const inDocument = (tags: [string, string][]): Promise<[number, string | undefined]> =>
    outcome(send(server, "/media/a.txt?tagging", { method: "PUT", body: document(tags) }));
  const inHeader = (tags: [string, string][]): Promise<[number, string | undefined]> => {
    const headers = { "x-amz-tagging": new URLSearchParams(tags).toString() };
    return outcome(send(server, "/media/b.txt", { method: "PUT", body: "x", headers }));
  };
  const many = Array.from({ length: 11 }, (_, index): [string, string] => [`k${index}`, "v"]);
  for (const put of [inDocument, inHeader]) {
    assertEquals(await put(many), [400, "BadRequest"]);
    assertEquals(await put(many.slice(1)), [200, undefined]);
    assertEquals(await put([["k".repeat(128), "v".repeat(256)]]), [200, undefined]);
    assertEquals(await put([["é".repeat(128), "日".repeat(256)]]), [200, undefined]);
    assertEquals(await put([["k".repeat(129), "v"]]), [400, "InvalidTag"]);
    assertEquals(await put([["k", "v".repeat(257)]]), [400, "InvalidTag"]);
    assertEquals(await put([["", "v"]]), [400, "InvalidTag"]);
    assertEquals(await put([["k", ""]]), [200, undefined]);
    assertEquals(await put([["aws:k", "v"]]), [400, "InvalidTag"]);
    assertEquals(await put([["k", "a_b.c:d/e=f+g-h@i j"]]), [200, undefined]);
    assertEquals(await put([["k?", "v"]]), [400, "InvalidTag"]);
    assertEquals(await put([["k", put === inDocument ? "1 &amp; 2" : "1 & 2"]]), [400, "InvalidTag"]);
    assertEquals(await put([["k", "😀"]]), [400, "InvalidTag"]);
  }
  assertEquals(await inDocument([["k", "1"], ["k", "2"]]), [400, "InvalidTag"]);
  assertEquals(await inHeader([["k", "1"], ["k", "2"]]), [400, "InvalidArgument"]);
  const bad = send(server, "/media/b.txt", { method: "PUT", body: "x", headers: { "x-amz-tagging": "a=%zz" } });
  assertEquals(await outcome(bad), [400, "InvalidArgument"]);
});

Deno.test("GET and HEAD count the tags of put, copied and multipart objects", async () => {
  const server = testServer();
  await store(server, "/media/put", "x", { "x-amz-tagging": "a=1&b=2" });
  await send(server, "/media/copied", { method: "PUT", headers: { "x-amz-copy-source": "/media/put" } });
  const headers = { "x-amz-tagging": "a=1&b=2" };
  const upload = await (await send(server, "/media/parts?uploads", { method: "POST", headers })).text();
  const query = `uploadId=${element(upload, "UploadId")}`;
  const part = await send(server, `/media/parts?partNumber=1&${query}`, { method: "PUT", body: "x" });
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${
    part.headers.get("etag")
  }</ETag></Part></CompleteMultipartUpload>`;
  await send(server, `/media/parts?${query}`, { method: "POST", body });
  for (const key of ["put", "copied", "parts"]) {
    for (const method of ["GET", "HEAD"]) {
      const response = await send(server, `/media/${key}`, { method });
      assertEquals(response.headers.get("x-amz-tagging-count"), "2", `${method} ${key}`);
    }
    const read = await (await send(server, `/media/${key}?tagging`)).text();
    assertEquals(elements(read, "Tag"), ["<Key>a</Key><Value>1</Value>", "<Key>b</Key><Value>2</Value>"]);
  }
});

Deno.test("tags and ACLs belong to a version", async () => {
  const server = versionedServer();
  const first = await storeVersion(server, "/media/a.txt", "1");
  const second = await storeVersion(server, "/media/a.txt", "2");
  const path = `/media/a.txt?tagging&versionId=${first}`;
  const put = await send(server, path, { method: "PUT", body: document([["k", "v"]]) });
  assertEquals([put.status, put.headers.get("x-amz-version-id")], [200, first]);
  const read = await send(server, path);
  assertEquals([read.headers.get("x-amz-version-id"), element(await read.text(), "Key")], [first, "k"]);
  const current = await send(server, "/media/a.txt?tagging");
  assertEquals([current.headers.get("x-amz-version-id"), element(await current.text(), "Key")], [second, undefined]);
  const headers = { "x-amz-acl": "public-read" };
  await send(server, `/media/a.txt?acl&versionId=${first}`, { method: "PUT", headers });
  assertEquals(server.versions("media").map(({ object }) => object?.acl), ["private", "public-read"]);
  const removed = await send(server, path, { method: "DELETE" });
  assertEquals([removed.status, removed.headers.get("x-amz-version-id")], [204, first]);
  assertEquals(server.versions("media").map(({ object }) => object?.tags), [{}, {}]);
});

Deno.test("tags of a delete marker cannot be read or changed", async () => {
  const server = versionedServer();
  await storeVersion(server, "/media/a.txt", "1");
  await send(server, "/media/a.txt", { method: "DELETE" });
  assertEquals(await outcome(send(server, "/media/a.txt?tagging")), [404, "NoSuchKey"]);
  const put = send(server, "/media/a.txt?tagging", { method: "PUT", body: document([["k", "v"]]) });
  assertEquals(await outcome(put), [405, "MethodNotAllowed"]);
});
