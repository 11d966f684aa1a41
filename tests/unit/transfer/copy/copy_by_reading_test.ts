import { assertEquals, assertRejects } from "@std/assert";
import { headObject, putObject } from "../../../../src/client/operations/objects.ts";
import type { S3Client } from "../../../../src/client/s3_client.ts";
import { AlreadyExistsError, NotSupportedError, PreconditionFailedError } from "../../../../src/errors.ts";
import type { ClientConfig } from "../../../../src/settings/options.ts";
import { createS3Server, type S3Server } from "../../../../src/testing/mod.ts";
import { copyByReading } from "../../../../src/transfer/copy/copy_by_reading.ts";
import type { CopySource } from "../../../../src/transfer/copy/multipart_copy.ts";
import { patternBytes } from "../../random.ts";
import { clientOn } from "../../transport.ts";

const SOURCE = { bucket: "bucket", key: "a" };
const COPY = { bucket: "bucket", key: "b", source: SOURCE };

const SETTINGS = {
  endpointUrl: "http://localhost",
  accessKey: "testkey",
  secretKey: "testsecret",
  securityToken: undefined,
  transferConfig: { multipartThreshold: 1000 },
};

/** A server with an object of the given length, and the source that describes it. */
async function stage(
  length: number,
  clientConfig: ClientConfig = {},
): Promise<{ server: S3Server; client: S3Client; source: CopySource }> {
  const server = createS3Server({ buckets: ["bucket"] });
  const client = clientOn(server, { ...SETTINGS, clientConfig });
  const headers = { "content-type": "text/plain", "x-amz-meta-a": "b", "x-amz-tagging": "c=d" };
  await putObject(client, { ...SOURCE, body: patternBytes(length), headers });
  const { size, etag } = await headObject(client, SOURCE);
  return { server, client, source: { client, target: SOURCE, headers: new Headers(headers), size, etag } };
}

Deno.test("copyByReading() copies bytes and headers of small objects, and of large ones as a stream", async () => {
  for (const length of [0, 1000, 100_000]) {
    const { server, client, source } = await stage(length);
    await copyByReading(client, COPY, source);
    const copied = server.objects("bucket").find(({ key }) => key === "b")!;
    assertEquals(copied.bytes, patternBytes(length));
    assertEquals([copied.contentType, copied.metadata["a"]], ["text/plain", "b"]);
  }
});

Deno.test("copyByReading() replaces no object", async () => {
  const { client, source } = await stage(10);
  await putObject(client, { ...COPY, body: patternBytes(1), headers: {} });
  await assertRejects(() => copyByReading(client, COPY, source), AlreadyExistsError);
});

Deno.test("copyByReading() throws PreconditionFailedError for a source that has changed, as the new key is free", async () => {
  for (const length of [100_000, 10]) {
    for (const ignoresCondition of [false, true]) {
      const { server, client, source } = await stage(length);
      await putObject(client, { ...SOURCE, body: patternBytes(length + 1), headers: {} });
      // Some services ignore the condition.
      const headers = { etag: '"other"', "content-length": `${length + 1}` };
      const answer = (request: Request): Promise<Response> =>
        request.url.includes("tagging")
          ? server.fetch(request)
          : Promise.resolve(new Response(patternBytes(length + 1), { headers }));
      const from = ignoresCondition ? clientOn({ fetch: answer }, SETTINGS) : client;
      const copying = copyByReading(client, COPY, { ...source, client: from });
      const error = await assertRejects(() => copying, PreconditionFailedError);
      assertEquals(error.key, "a");
      assertEquals(server.objects("bucket").map(({ key }) => key), ["a"]);
    }
  }
});

Deno.test("copyByReading() throws for an object larger than 5 GiB, and sends nothing", async () => {
  const { server, client, source } = await stage(10);
  const requests = server.requests.length;
  await assertRejects(() => copyByReading(client, COPY, { ...source, size: 5 * 1024 ** 3 + 1 }), NotSupportedError);
  assertEquals(server.requests.length, requests);
});

Deno.test("copyByReading() needs no free connection for the bytes that it sends", async () => {
  const { server, client, source } = await stage(100_000, { maxConnections: 1 });
  await Promise.all(["b", "c", "d"].map((key) => copyByReading(client, { ...COPY, key }, source)));
  assertEquals(
    server.objects("bucket").map(({ key, size }) => [key, size]),
    ["a", "b", "c", "d"].map((key) => [key, 100_000]),
  );
});
