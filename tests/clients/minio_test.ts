// deno-lint-ignore-file no-import-prefix -- only these tests need the clients; deno.json lists what the package needs.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { Client } from "npm:minio@^8";
import { CREDENTIALS, patternBytes, serve, type ServedServer } from "./served_server.ts";

function minioClient(served: ServedServer, secretKey: string = CREDENTIALS.secretAccessKey): Client {
  return new Client({
    endPoint: "127.0.0.1",
    port: served.port,
    useSSL: false,
    accessKey: CREDENTIALS.accessKeyId,
    secretKey,
  });
}

/** A stream of small chunks, since minio makes at least one part of each chunk. */
function* pieces(bytes: Uint8Array<ArrayBuffer>): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += 65536) yield Buffer.from(bytes.subarray(start, start + 65536));
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of stream) chunks.push(new Uint8Array(chunk));
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

Deno.test("minio puts, reads and deletes an object", async () => {
  await using served = serve();
  const client = minioClient(served);
  assertEquals(await client.bucketExists("media"), true);
  assertEquals(await client.bucketExists("absent"), false);
  await client.putObject("media", "a b/ü+x.txt", "storage contents", undefined, {
    "Content-Type": "text/plain",
    author: "someone",
  });
  const bytes = await readAll(await client.getObject("media", "a b/ü+x.txt"));
  assertEquals(new TextDecoder().decode(bytes), "storage contents");
  const stat = await client.statObject("media", "a b/ü+x.txt");
  assertEquals([stat.size, stat.metaData["content-type"], stat.metaData["author"]], [16, "text/plain", "someone"]);
  await client.removeObjects("media", ["a b/ü+x.txt"]);
  assertEquals(served.server.objects("media"), []);
});

Deno.test("minio lists 1,500 keys in pages", async () => {
  await using served = serve();
  const client = minioClient(served);
  const keys = Array.from({ length: 1500 }, (_, index) => `many/${String(index).padStart(4, "0")} +.txt`);
  for (let start = 0; start < keys.length; start += 50) {
    await Promise.all(keys.slice(start, start + 50).map((key) => client.putObject("media", key, key)));
  }
  for (const list of [client.listObjectsV2("media", "many/", true), client.listObjects("media", "many/", true)]) {
    const names: string[] = [];
    for await (const item of list) names.push(item.name);
    assertEquals(names, keys);
  }
  const pages = served.server.requests.filter((request) => request.operation?.startsWith("ListObjects"));
  assertEquals(pages.length, 4);
});

Deno.test("minio uploads in parts", async () => {
  await using served = serve();
  const client = new Client({
    endPoint: "127.0.0.1",
    port: served.port,
    useSSL: false,
    accessKey: CREDENTIALS.accessKeyId,
    secretKey: CREDENTIALS.secretAccessKey,
    partSize: 5 * 1024 * 1024,
  });
  const bytes = patternBytes(11 * 1024 * 1024);
  const stream = Readable.from(pieces(bytes));
  await client.putObject("media", "big.bin", stream, bytes.length);
  const [object] = served.server.objects("media");
  assertEquals([object?.size, object?.partCount], [bytes.length, 3]);
  assert(object?.bytes.every((byte, index) => byte === bytes[index]));
});

Deno.test("a presigned URL of minio works with plain fetch, and is refused if it is changed or expired", async () => {
  let now = new Date();
  await using served = serve({ now: () => now });
  const client = minioClient(served);
  await client.putObject("media", "a b/ü.txt", "storage contents");
  const url = await client.presignedGetObject("media", "a b/ü.txt", 60);
  const response = await fetch(url);
  assertEquals([response.status, await response.text()], [200, "storage contents"]);
  const tampered = await fetch(url.replace("a%20b", "a%20c"));
  assertEquals([tampered.status, codeOf(await tampered.text())], [403, "SignatureDoesNotMatch"]);
  now = new Date(now.getTime() + 62_000);
  const expired = await fetch(url);
  assertEquals([expired.status, codeOf(await expired.text())], [403, "AccessDenied"]);
});

Deno.test("minio with a wrong secret receives SignatureDoesNotMatch", async () => {
  await using served = serve();
  const client = minioClient(served, "wrong");
  const error = await assertRejects(() => client.putObject("media", "a.txt", "x")) as Error & { code: string };
  assertEquals(error.code, "SignatureDoesNotMatch");
  assertEquals(served.server.requests[served.server.requests.length - 1]?.status, 403);
});

function codeOf(document: string): string | undefined {
  return /<Code>(.*?)<\/Code>/.exec(document)?.[1];
}
