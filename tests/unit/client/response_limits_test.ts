/** Responses over real connections are read no further than they can be valid; valid ones are read at any length. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { listPages } from "../../../src/client/operations/list_objects.ts";
import { listUploads } from "../../../src/client/operations/list_uploads.ts";
import { listParts } from "../../../src/client/operations/multipart.ts";
import { ServiceError, StorageError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { completesUnderConditions } from "../../../src/transfer/write/condition_support.ts";
import { bareAnswer, clientOn, errorAnswer, networkError, scripted, xmlAnswer } from "../transport.ts";

const KEYS = { bucketName: "bucket", accessKey: "testkey", secretKey: "testsecret", clientConfig: { maxAttempts: 1 } };

Deno.test("a listing that decompresses to more than the limit throws an error with the limit", async () => {
  const blanks = new Uint8Array(1024 ** 2).fill(32);
  let left = 100;
  const packed = await new Response(
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => left-- > 0 ? controller.enqueue(blanks) : controller.close(),
    }).pipeThrough(new CompressionStream("gzip")),
  ).bytes();
  assert(packed.byteLength < 1024 ** 2);
  const headers = { "content-encoding": "gzip", "content-type": "application/xml" };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    return new Response(packed, { headers });
  });
  const storage = new S3Storage({ ...KEYS, endpointUrl: `http://127.0.0.1:${server.addr.port}` });
  const error = await assertRejects(() => storage.listdir(""), ServiceError);
  assertEquals(error.message, "Invalid response to ListObjectsV2: longer than 16777216 bytes");
  assertEquals([error.operation, error.bucket], ["ListObjectsV2", "bucket"]);
});

Deno.test("a chunked body is read no further than its announced length", async () => {
  // Deno and Bun follow the chunks, and show the announced length.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let sent = 0;
  const serving = (async (): Promise<void> => {
    using connection = await listener.accept();
    const encoder = new TextEncoder();
    await connection.read(new Uint8Array(65536));
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nETag: "e"\r\n\r\n';
    await connection.write(encoder.encode(head));
    const chunk = encoder.encode(`10000\r\n${"a".repeat(65536)}\r\n`);
    try {
      while (sent < 1024 ** 3) sent += await connection.write(chunk);
    } catch {
      // The client closed the connection.
    }
  })();
  const storage = new S3Storage({
    ...KEYS,
    endpointUrl: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    responseChecksumValidation: "when_required",
  });
  const file = await storage.open("a.txt", "rb");
  await assertRejects(() => file.bytes(), ServiceError, "longer than announced");
  await file.close();
  await serving;
  listener.close();
  assert(sent < 64 * 1024 ** 2, `${sent} bytes were taken`);
});

Deno.test("the longest page of S3 is read: 1,000 keys of 1,024 characters that XML escapes", async () => {
  const names = Array.from({ length: 1000 }, (_, index) => `${"'".repeat(1020)}${String(index).padStart(4, "0")}`);
  const entries = names.map((name) =>
    `<Contents><Key>${name.replaceAll("'", "&apos;")}</Key><LastModified>2026-01-31T12:00:00.000Z</LastModified>` +
    `<ETag>&quot;e&quot;</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass><Owner><ID>${"f".repeat(64)}</ID>` +
    `<DisplayName>owner</DisplayName></Owner></Contents>`
  );
  const transport = scripted(xmlAnswer(`<ListBucketResult>${entries.join("")}</ListBucketResult>`));
  const [page] = await Array.fromAsync(listPages(clientOn(transport), { bucket: "bucket", prefix: "" }));
  assertEquals(page!.objects.map(({ key }) => key), names);
});

Deno.test("a page with a key outside the prefix, or without a size, throws", async () => {
  const pages = [
    "<Contents><Key>other/a</Key><Size>1</Size></Contents>",
    "<CommonPrefixes><Prefix>other/</Prefix></CommonPrefixes>",
    "<Contents><Key>dir/a</Key></Contents>",
    "<Contents><Key>dir/a</Key><Size>-1</Size></Contents>",
    "<Contents><Key>dir/a</Key><Size>1e300</Size></Contents>",
  ];
  for (const page of pages) {
    const transport = scripted(xmlAnswer(`<ListBucketResult>${page}</ListBucketResult>`));
    await assertRejects(
      () => Array.fromAsync(listPages(clientOn(transport), { bucket: "bucket", prefix: "dir/" })),
      ServiceError,
    );
  }
});

for (const length of [1, 2, 5]) {
  Deno.test(`pages that repeat after ${length} throw`, async () => {
    let turn = 0;
    const next = (): string => `t${turn++ % length}`;
    const objects = clientOn(scripted(() =>
      xmlAnswer(
        "<ListBucketResult><IsTruncated>true</IsTruncated>" +
          `<NextContinuationToken>${next()}</NextContinuationToken></ListBucketResult>`,
      )
    ));
    const input = { bucket: "bucket", prefix: "" };
    await assertRejects(() => Array.fromAsync(listPages(objects, input)), ServiceError, "its pages repeat");
    const uploads = clientOn(scripted(() =>
      xmlAnswer(
        "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>" +
          `<NextKeyMarker>${next()}</NextKeyMarker></ListMultipartUploadsResult>`,
      )
    ));
    await assertRejects(() => Array.fromAsync(listUploads(uploads, input)), ServiceError, "its pages repeat");
  });
}

Deno.test("listParts() throws for more parts than an upload can have", async () => {
  let marker = 0;
  const transport = scripted(() => {
    const parts = Array.from({ length: 1000 }, () => `<Part><PartNumber>${++marker}</PartNumber><ETag>e</ETag></Part>`);
    return xmlAnswer(
      `<ListPartsResult>${parts.join("")}<IsTruncated>true</IsTruncated>` +
        `<NextPartNumberMarker>${marker}</NextPartNumberMarker></ListPartsResult>`,
    );
  });
  const input = { bucket: "bucket", key: "a", uploadId: "u" };
  await assertRejects(() => listParts(clientOn(transport), input), ServiceError, "more than 10000 parts");
  assertEquals(transport.requests.length, 11);
});

Deno.test("support for conditions is not learned from a connection error or a rejection", async () => {
  const begun = xmlAnswer("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
  const target = { bucket: "bucket", key: "a" };
  for (const failure of [networkError(), bareAnswer(503), errorAnswer(403, "AccessDenied"), errorAnswer(500, "X")]) {
    const minds = [begun, errorAnswer(412, "PreconditionFailed"), bareAnswer(204)];
    const transport = scripted(begun, failure, bareAnswer(204), ...minds);
    const options = { endpointUrl: "https://s3.example.com", clientConfig: { maxAttempts: 1 } };
    const client = clientOn(transport, options);
    assertEquals(await completesUnderConditions(client, target), false);
    assertEquals(await completesUnderConditions(client, target), true);
    const asked = transport.requests.length;
    assertEquals([await completesUnderConditions(client, target), transport.requests.length], [true, asked]);
  }
});

Deno.test("a response that is not HTTP, or has an invalid status, throws an error of this package on each transport", async () => {
  const heads = ["000 x", "099 x", "600 x", "999 x", "1000 x", "403 \u009b31m", "403 \x1b[2J", "garbage", "101 x"];
  const large = new Uint8Array(1024 ** 2); // sent by node:http
  for (const head of heads) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = (async (): Promise<void> => {
      for await (const connection of listener) {
        try {
          await connection.read(new Uint8Array(65536));
          const text = `HTTP/1.1 ${head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
          await connection.write(Uint8Array.from(text, (character) => character.charCodeAt(0)));
          while (await connection.read(new Uint8Array(65536)) !== null); // the rest of the request
        } catch {
          // The client closed the connection.
        }
        connection.close();
      }
    })();
    const { port } = listener.addr as Deno.NetAddr;
    const storage = new S3Storage({ ...KEYS, endpointUrl: `http://127.0.0.1:${port}` });
    for (const run of [() => storage.stat("a"), () => storage.save("a", large), () => storage.listdir("")]) {
      const error = await assertRejects(run, StorageError);
      // deno-lint-ignore no-control-regex -- control characters are to be found
      assert(!/[\x00-\x1f\x7f-\x9f]/.test(error.message), head);
    }
    listener.close();
    await serving;
  }
});
