import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";
import { scripted } from "../transport.ts";

const newServer = (): ReturnType<typeof createS3Server> => createS3Server({ buckets: ["media"] });

Deno.test("url() sends no request, and signs method, expiry and parameters", async () => {
  const server = newServer();
  const storage = s3On(server, { location: "x", endpointUrl: "http://localhost" });
  await storage.save("a ñ.txt", "contents");
  const before = server.requests.length;
  const url = await storage.url("a ñ.txt", { expiresIn: 60, parameters: { ResponseContentType: "text/x" } });
  assertEquals(server.requests.length, before);
  assert(url.startsWith("http://localhost/media/x/a%20%C3%B1.txt?response-content-type=text%2Fx&X-Amz-Algorithm="));
  const answer = await server.fetch(new Request(url));
  assertEquals([answer.status, answer.headers.get("content-type"), await answer.text()], [200, "text/x", "contents"]);
  const put = await storage.url("b.txt", { method: "PUT" });
  assertEquals((await server.fetch(new Request(put, { method: "PUT", body: "put" }))).status, 200);
  assertEquals((await server.fetch(new Request(put))).status, 403);
});

Deno.test("an unsigned URL needs no credentials and keeps its parameters", async () => {
  const storage = new S3Storage({ bucketName: "media", querystringAuth: false });
  assertEquals(await storage.url("a b.txt"), "https://media.s3.amazonaws.com/a%20b.txt");
  const url = await storage.url("a", { parameters: { VersionId: "v 1" } });
  assertEquals(url, "https://media.s3.amazonaws.com/a?versionId=v%201");
});

for (const expiresIn of [0, -1, 1.5, 604801, NaN, "60", null]) {
  Deno.test(`url() refuses to expire after ${Deno.inspect(expiresIn)} seconds`, async () => {
    const options = { expiresIn: expiresIn as number };
    await assertRejects(() => s3On(newServer()).url("a", options), ConfigurationError, "expiresIn must be an integer");
  });
}

Deno.test("url() refuses other methods and unknown parameters", async () => {
  const storage = s3On(newServer());
  await assertRejects(
    () => storage.url("a", { method: "POST" as "PUT" }),
    ConfigurationError,
    "method must be one of GET",
  );
  const error = await assertRejects(() => storage.url("a", { parameters: { versionid: "1" } }), ConfigurationError);
  assertStringIncludes(error.message, "Did you mean VersionId?");
});

Deno.test("url() uses the region in which the bucket was found", async () => {
  const moved = new Response(null, { status: 400, headers: { "x-amz-bucket-region": "eu-west-1" } });
  const transport = scripted(moved, new Response(null, { headers: { "content-length": "0" } }));
  const storage = s3On(transport);
  await storage.exists("a");
  assertStringIncludes(await storage.url("a"), "https://media.s3.eu-west-1.amazonaws.com/a?");
});
