import { assertEquals, assertRejects } from "@std/assert";
import { ConfigurationError, NotFoundError } from "../../../../src/errors.ts";
import type { S3Storage } from "../../../../src/s3/s3_storage.ts";
import { createS3Server, type S3Server } from "../../../../src/testing/mod.ts";
import { s3On } from "../../storage/storages.ts";
import { errorAnswer, scripted, withoutWaiting, xmlAnswer } from "../../transport.ts";

function versioned(location = ""): { server: S3Server; storage: S3Storage } {
  const server = createS3Server({ buckets: ["media"], versioning: ["media"] });
  return { server, storage: s3On(server, { location }) };
}

Deno.test("versions.restore() copies a version over the current one, with its attributes and tags", async () => {
  const { server, storage } = versioned("up");
  await storage.save("a.txt", "first", { cacheControl: "no-cache", metadata: { owner: "ada" } });
  const [first] = await Array.fromAsync(storage.versions.list("a.txt"));
  await storage.setTags("a.txt", { stage: "live" });
  await storage.setAcl("a.txt", "public-read");
  await storage.save("a.txt", "second!");

  const restored = await storage.versions.restore("a.txt", first!.versionId);
  const { etag, cacheControl, metadata, versionId: current } = await storage.stat("a.txt");
  assertEquals(restored, { name: "a.txt", etag, size: 5, versionId: current });
  assertEquals([cacheControl, metadata], ["no-cache", { owner: "ada" }]);
  assertEquals(await storage.getTags("a.txt"), { stage: "live" });
  assertEquals((await storage.getAcl("a.txt")).cannedAcl, "public-read");
  assertEquals(await storage.readText("a.txt"), "first");
  assertEquals(server.versions("media").length, 3);
});

Deno.test("versions.restore() brings a deleted file back", async () => {
  const { storage } = versioned();
  const { versionId } = await storage.save("a.txt", "first", { details: true });
  await storage.delete("a.txt");
  await storage.versions.restore("a.txt", versionId!);
  assertEquals(await storage.readText("a.txt"), "first");
});

Deno.test("versions.restore() copies a version in parts if it is too large for one request", async () => {
  const server = createS3Server({ buckets: ["media"], versioning: ["media"], maxCopySize: 1024 ** 2 });
  const storage = s3On(server);
  const { versionId } = await storage.save("a.bin", new Uint8Array(6_000_000), {
    details: true,
    metadata: { owner: "ada" },
  });
  await storage.setTags("a.bin", { stage: "live" });
  await storage.save("a.bin", "small");
  const restored = await storage.versions.restore("a.bin", versionId!);
  assertEquals([restored.size, (await storage.stat("a.bin")).versionId], [6_000_000, restored.versionId]);
  assertEquals([await storage.getTags("a.bin"), (await storage.stat("a.bin")).metadata], [{ stage: "live" }, {
    owner: "ada",
  }]);
});

Deno.test("versions.restore() copies a large version without the tags that the credentials may not read", async () => {
  const server = createS3Server({ buckets: ["media"], versioning: ["media"], maxCopySize: 1024 ** 2 });
  const fetch = (request: Request): Promise<Response> =>
    new URL(request.url).searchParams.has("tagging")
      ? Promise.resolve(errorAnswer(403, "AccessDenied"))
      : server.fetch(request);
  const storage = s3On({ fetch });
  const { versionId } = await storage.save("a.bin", new Uint8Array(6_000_000), { details: true });
  await storage.save("a.bin", "second");
  assertEquals((await storage.versions.restore("a.bin", versionId!)).size, 6_000_000);
  assertEquals(server.openUploads("media"), []);
});

Deno.test("versions.restore() refuses a delete marker and a version that does not exist", async () => {
  const { storage } = versioned();
  const { versionId } = await storage.save("a.txt", "first", { details: true });
  await storage.delete("a.txt");
  const [marker] = await Array.fromAsync(storage.versions.list("a.txt"));
  await assertRejects(
    () => storage.versions.restore("a.txt", marker!.versionId),
    NotFoundError,
    `Cannot restore a version of 'a.txt': version '${marker!.versionId}' is a delete marker`,
  );
  await storage.versions.delete("a.txt", versionId!);
  await assertRejects(() => storage.versions.restore("a.txt", versionId!), NotFoundError, "File does not exist: a.txt");
});

Deno.test("versions.restore() finds the id of the new version where a service does not return it", async () => {
  const head = (etag: string, id: string): Response =>
    new Response(null, { headers: { "content-length": "5", etag, "x-amz-version-id": id } });
  for (const [etag, expected] of [['"e2"', "v3"], ['"another write"', undefined]] as const) {
    const storage = s3On(scripted(
      head('"e"', "v1"),
      xmlAnswer("<AccessControlPolicy/>"),
      xmlAnswer("<CopyObjectResult><ETag>e2</ETag></CopyObjectResult>"),
      head(etag, "v3"),
    ));
    assertEquals((await storage.versions.restore("a.txt", "v1")).versionId, expected);
  }
});

Deno.test("versions.restore() writes with the encryption that the storage configures, and keeps what describes content", () =>
  withoutWaiting(async () => {
    const head = new Response(null, {
      headers: { "content-length": "5", etag: '"e"', "x-amz-storage-class": "STANDARD_IA" },
    });
    const transport = scripted(
      head,
      xmlAnswer("<AccessControlPolicy/>"),
      xmlAnswer("<CopyObjectResult><ETag>e2</ETag></CopyObjectResult>"),
    );
    const storage = s3On(transport, {
      objectParameters: {
        ServerSideEncryption: "aws:kms",
        ContentType: "text/x",
        Tagging: "a=b",
        CacheControl: "no-store",
      },
    });
    assertEquals((await storage.versions.restore("a b.txt", "v/1+")).etag, '"e2"');
    const { headers } = transport.requests[2]!;
    assertEquals(headers.get("x-amz-copy-source"), "/media/a%20b.txt?versionId=v%2F1%2B");
    assertEquals(headers.get("x-amz-server-side-encryption"), "aws:kms");
    assertEquals(headers.get("x-amz-storage-class"), "STANDARD_IA");
    assertEquals([headers.get("content-type"), headers.get("x-amz-tagging"), headers.get("cache-control")], [
      null,
      null,
      null,
    ]);
  }));

Deno.test("a storage that reads one version restores none, but deletes one that is given", async () => {
  const transport = scripted(new Response(null, { status: 204 }));
  const storage = s3On(transport, { objectParameters: { VersionId: "v1" } });
  await assertRejects(() => storage.versions.restore("a.txt", "v2"), ConfigurationError, "VersionId is for reading");
  await storage.versions.delete("a.txt", "v2");
  assertEquals(transport.requests.map(({ url }) => new URL(url).searchParams.get("versionId")), ["v2"]);
});
