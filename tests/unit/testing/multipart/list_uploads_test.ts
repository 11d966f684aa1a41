import { assertEquals } from "@std/assert";
import type { S3Server } from "../../../../src/testing/mod.ts";
import { element, elements, send, testServer } from "../authentication/signed_requests.ts";

async function create(server: S3Server, path: string, headers: Record<string, string> = {}): Promise<string> {
  const text = await (await send(server, `${path}?uploads`, { method: "POST", headers })).text();
  return element(text, "UploadId") ?? "";
}

async function put(server: S3Server, path: string, id: string, part: number, body: string): Promise<string> {
  const response = await send(server, `${path}?partNumber=${part}&uploadId=${id}`, { method: "PUT", body });
  return response.headers.get("etag") ?? await response.text();
}

Deno.test("ListParts and ListMultipartUploads return pages", async () => {
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
