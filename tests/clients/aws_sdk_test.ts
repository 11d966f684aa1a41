// deno-lint-ignore-file no-import-prefix -- only these tests need the clients; deno.json lists what the package needs.
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from "npm:@aws-sdk/client-s3@^3.1163.0";
import { getSignedUrl } from "npm:@aws-sdk/s3-request-presigner@^3.1163.0";
import { Upload } from "npm:@aws-sdk/lib-storage@^3.1163.0";
import { createPresignedPost } from "npm:@aws-sdk/s3-presigned-post@^3.1163.0";
import { Readable } from "node:stream";
import { CREDENTIALS, patternBytes, serve, type ServedServer } from "./served_server.ts";

const KEY = "folder with space/ü+日本 😀//x.txt";

function* pieces(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 65536) yield bytes.subarray(start, start + 65536);
}

function sdkClient(
  served: ServedServer,
  credentials: { accessKeyId: string; secretAccessKey: string } = CREDENTIALS,
): S3Client {
  return new S3Client({
    region: "us-east-1",
    endpoint: served.endpoint,
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
  });
}

Deno.test("AWS SDK puts, reads, copies and deletes objects with its default checksums", async () => {
  await using served = serve();
  const client = sdkClient(served);
  await client.send(
    new PutObjectCommand({
      Bucket: "media",
      Key: KEY,
      Body: "storage contents",
      ContentType: "text/plain",
      Metadata: { Author: "someone" },
    }),
  );
  assertEquals(served.server.objects("media").map((object) => object.key), [KEY]);
  const got = await client.send(new GetObjectCommand({ Bucket: "media", Key: KEY, ChecksumMode: "ENABLED" }));
  assertEquals(await got.Body!.transformToString(), "storage contents");
  assertEquals(got.Metadata, { author: "someone" });
  assertMatch(got.ChecksumCRC32 ?? "", /^[A-Za-z0-9+/]{6}==$/);
  const part = await client.send(new GetObjectCommand({ Bucket: "media", Key: KEY, Range: "bytes=0-6" }));
  assertEquals(await part.Body!.transformToString(), "storage");
  await client.send(
    new CopyObjectCommand({ Bucket: "media", Key: "copy.txt", CopySource: `media/${encodeURIComponent(KEY)}` }),
  );
  const head = await client.send(new HeadObjectCommand({ Bucket: "media", Key: "copy.txt" }));
  assertEquals([head.ContentLength, head.ContentType], [16, "text/plain"]);
  const deleted = await client.send(
    new DeleteObjectsCommand({ Bucket: "media", Delete: { Objects: [{ Key: KEY }, { Key: "copy.txt" }] } }),
  );
  assertEquals(deleted.Deleted?.length, 2);
  assertEquals(served.server.objects("media"), []);
  client.destroy();
});

Deno.test("AWS SDK streams a body in chunks with a trailing checksum", async () => {
  await using served = serve();
  const client = sdkClient(served);
  const bytes = patternBytes(300_000);
  await client.send(
    new PutObjectCommand({
      Bucket: "media",
      Key: "stream.bin",
      Body: Readable.from(pieces(bytes)),
      ContentLength: bytes.length,
      ChecksumAlgorithm: "CRC32C",
    }),
  );
  const [object] = served.server.objects("media");
  assertEquals(object?.bytes, bytes);
  assertEquals(object?.headers["content-encoding"], undefined);
  client.destroy();
});

Deno.test("AWS SDK lists 1,500 keys in pages", async () => {
  await using served = serve();
  const client = sdkClient(served);
  const keys = Array.from({ length: 1500 }, (_, index) => `many/${String(index).padStart(4, "0")}.txt`);
  for (let start = 0; start < keys.length; start += 50) {
    await Promise.all(
      keys.slice(start, start + 50).map((Key) =>
        client.send(new PutObjectCommand({ Bucket: "media", Key, Body: Key }))
      ),
    );
  }
  const pages: string[][] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: "media", Prefix: "many/" })) {
    pages.push((page.Contents ?? []).map((object) => object.Key ?? ""));
  }
  assertEquals(pages.map((page) => page.length), [1000, 500]);
  assertEquals(pages.flat(), keys);
  const folders = await client.send(new ListObjectsV2Command({ Bucket: "media", Delimiter: "/" }));
  assertEquals(folders.CommonPrefixes, [{ Prefix: "many/" }]);
  client.destroy();
});

Deno.test("AWS SDK uploads in parts", async () => {
  await using served = serve();
  const client = sdkClient(served);
  const bytes = patternBytes(11 * 1024 * 1024);
  const upload = new Upload({
    client,
    params: { Bucket: "media", Key: "big.bin", Body: bytes },
    partSize: 5 * 1024 * 1024,
  });
  const done = await upload.done();
  assertMatch(done.ETag ?? "", /^"[0-9a-f]{32}-3"$/);
  const [object] = served.server.objects("media");
  assertEquals(object?.partCount, 3);
  assert(object?.bytes.every((byte, index) => byte === bytes[index]));
  assertEquals(served.server.openUploads("media"), []);
  client.destroy();
});

Deno.test("a presigned URL of the AWS SDK works with plain fetch, and is refused if it is changed or expired", async () => {
  let now = new Date();
  await using served = serve({ now: () => now });
  const client = sdkClient(served);
  await client.send(new PutObjectCommand({ Bucket: "media", Key: KEY, Body: "storage contents" }));
  const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: "media", Key: KEY }), { expiresIn: 60 });
  const response = await fetch(url);
  assertEquals([response.status, await response.text()], [200, "storage contents"]);

  const tampered = await fetch(url.replace("x.txt", "y.txt"));
  assertEquals(tampered.status, 403);
  assertMatch(await tampered.text(), /<Code>SignatureDoesNotMatch<\/Code>/);

  const put = await getSignedUrl(client, new PutObjectCommand({ Bucket: "media", Key: "put.txt" }), { expiresIn: 60 });
  const wrongMethod = await fetch(put);
  assertEquals(wrongMethod.status, 403);
  assertMatch(await wrongMethod.text(), /<Code>SignatureDoesNotMatch<\/Code>/);

  now = new Date(now.getTime() + 61_000);
  const expired = await fetch(url);
  assertEquals(expired.status, 403);
  assertMatch(await expired.text(), /<Code>AccessDenied<\/Code><Message>Request has expired<\/Message>/);
  client.destroy();
});

Deno.test("AWS SDK with a wrong secret receives SignatureDoesNotMatch", async () => {
  await using served = serve();
  const client = sdkClient(served, { accessKeyId: "testkey", secretAccessKey: "wrong" });
  const error = await assertRejects(() => client.send(new ListObjectsV2Command({ Bucket: "media" }))) as Error & {
    $metadata: { httpStatusCode: number };
  };
  assertEquals([error.name, error.$metadata.httpStatusCode], ["SignatureDoesNotMatch", 403]);
  client.destroy();
});

Deno.test("a form of the AWS SDK uploads a file", async () => {
  await using served = serve();
  const client = sdkClient(served);
  const { url, fields } = await createPresignedPost(client, {
    Bucket: "media",
    Key: "forms/${filename}",
    Fields: { success_action_status: "201", "Content-Type": "text/plain" },
    Conditions: [["content-length-range", 1, 100]],
    Expires: 60,
  });
  const post = async (contents: string): Promise<Response> => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", new File([contents], "naïve file.txt"));
    return await fetch(url, { method: "POST", body: form });
  };
  const created = await post("from a form");
  assertEquals(created.status, 201);
  assertMatch(await created.text(), /<Key>forms\/naïve file.txt<\/Key>/);
  assertEquals(served.server.objects("media").map(({ key, contentType }) => [key, contentType]), [
    ["forms/naïve file.txt", "text/plain"],
  ]);
  const tooLarge = await post("x".repeat(101));
  assertEquals(tooLarge.status, 400);
  assertMatch(await tooLarge.text(), /<Code>EntityTooLarge<\/Code>/);
  client.destroy();
});
