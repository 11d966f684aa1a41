import { assertEquals, assertRejects } from "@std/assert";
import { ConfigurationError, NotFoundError, ServiceError, StorageError } from "../../../../src/errors.ts";
import type { S3Storage } from "../../../../src/s3/s3_storage.ts";
import { createS3Server, type S3Server } from "../../../../src/testing/mod.ts";
import { s3On } from "../../storage/storages.ts";
import { scripted, xmlAnswer } from "../../transport.ts";

function versioned(location = ""): { server: S3Server; storage: S3Storage } {
  const server = createS3Server({ buckets: ["media"], versioning: ["media"] });
  return { server, storage: s3On(server, { location }) };
}

Deno.test("versions.list() lists the versions of one file, the newest first", async () => {
  const { storage } = versioned("up");
  const first = await storage.save("a.txt", "first", { details: true });
  await storage.save("a.txt.bak", "other");
  await storage.save("a.txt", "second!");
  await storage.delete("a.txt");
  const versions = await Array.fromAsync(storage.versions.list("a.txt"));
  assertEquals(
    versions.map(({ name, isLatest, isDeleteMarker, size }) => [name, isLatest, isDeleteMarker, size]),
    [["a.txt", true, true, 0], ["a.txt", false, false, 7], ["a.txt", false, false, 5]],
  );
  const { versionId, etag, modifiedTime, storageClass } = versions[2]!;
  assertEquals([versionId, etag, storageClass], [first.versionId, first.etag, undefined]);
  assertEquals([modifiedTime instanceof Date, versions[0]!.etag], [true, undefined]);
  assertEquals(await Array.fromAsync(storage.versions.list("missing.txt")), []);
});

Deno.test("versions.list() with recursive lists those of a folder, without folder markers and odd keys", async () => {
  const { server, storage } = versioned("up");
  for (const name of ["b.txt", "docs/a.txt", "docs/ü +&.txt", "docs/old/c.txt", "docs2/d.txt"]) {
    await storage.save(name, name);
  }
  const all = s3On(server);
  for (const key of ["up/docs/", "up/docs//x.txt"]) await all.request({ method: "PUT", key, body: "" });
  const omitted: [string, string][] = [];
  const listed = async (folder: string): Promise<string[]> => {
    const onOmitted = (name: string, reason: string): void => void omitted.push([name, reason]);
    return (await Array.fromAsync(storage.versions.list(folder, { recursive: true, onOmitted }))).map(({ name }) => name);
  };
  assertEquals(await listed("docs"), ["docs/a.txt", "docs/old/c.txt", "docs/ü +&.txt"]);
  assertEquals(omitted, [["docs/", "marker"], ["docs//x.txt", "name"]]);
  assertEquals(await listed(""), ["b.txt", "docs/a.txt", "docs/old/c.txt", "docs/ü +&.txt", "docs2/d.txt"]);
});

Deno.test("versions.list() reads page by page, and stops after the pages of its file", async () => {
  const { server, storage } = versioned();
  for (let index = 0; index < 1003; index++) await storage.save("a b+ü.txt", "");
  await storage.save("a b+ü.txt2", "");
  const before = server.requests.length;
  const ids = new Set<string>();
  for await (const { versionId } of storage.versions.list("a b+ü.txt")) ids.add(versionId);
  assertEquals([ids.size, server.requests.length - before], [1003, 2]);
  for await (const _ of storage.versions.list("a b+ü.txt")) break;
  assertEquals(server.requests.length - before, 3);
});

Deno.test("versions.list() sends one request for a file before many others with its name as a beginning", async () => {
  const page = (keys: string[]): Response =>
    xmlAnswer(
      `<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>z</NextKeyMarker>${
        keys.map((key) => `<Version><Key>${key}</Key><VersionId>1</VersionId><Size>1</Size></Version>`).join("")
      }<DeleteMarker><Key>a</Key><VersionId>2</VersionId></DeleteMarker></ListVersionsResult>`,
    );
  const transport = scripted(page(["a", "a1"]));
  const versions = await Array.fromAsync(s3On(transport).versions.list("a"));
  // Some services list delete markers behind all versions of a page.
  assertEquals([versions.map(({ versionId }) => versionId), transport.requests.length], [["1", "2"], 1]);
});

Deno.test("versions.list() lists the only version of a file in a bucket without versions", async () => {
  const storage = s3On(createS3Server({ buckets: ["media"] }));
  await storage.save("a.txt", "hello");
  const versions = await Array.fromAsync(storage.versions.list("a.txt"));
  assertEquals(versions.map(({ versionId, isLatest }) => [versionId, isLatest]), [["null", true]]);
});

Deno.test("versions.list() refuses incomplete, foreign and endless listings", async () => {
  const entry = (content: string, name = "Version"): string => `<${name}>${content}</${name}>`;
  const truncated = "<IsTruncated>true</IsTruncated>";
  const cases: [content: string, message: string][] = [
    [entry("<Key>up/a</Key><Size>1</Size>"), "missing VersionId"],
    [entry("<Key>up/a</Key><VersionId>1</VersionId>"), "missing or invalid object size"],
    [entry("<Key>up/a</Key><VersionId>1</VersionId><Size>1e400</Size>"), "missing or invalid object size"],
    [entry("<Key>etc/passwd</Key><VersionId>1</VersionId><Size>1</Size>"), "a key does not begin with the prefix"],
    [entry("<Key>etc/passwd</Key><VersionId>1</VersionId>", "DeleteMarker"), "a key does not begin with the prefix"],
    [`<EncodingType>url</EncodingType>${entry("<Key>%ff</Key>")}`, "malformed encoded key"],
    [truncated, "its markers repeat"],
    [`${truncated}<NextKeyMarker>up/a</NextKeyMarker>`, "its markers repeat"],
  ];
  for (const [content, message] of cases) {
    const storage = s3On(scripted(xmlAnswer(`<ListVersionsResult>${content}</ListVersionsResult>`)), { location: "up" });
    await assertRejects(
      () => Array.fromAsync(storage.versions.list("", { recursive: true })),
      ServiceError,
      `Invalid response to ListObjectVersions: ${message}`,
    );
  }
});

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

Deno.test("versions.restore() writes with the encryption that the storage configures, and keeps what describes content", async () => {
  const head = new Response(null, { headers: { "content-length": "5", etag: '"e"', "x-amz-storage-class": "STANDARD_IA" } });
  const transport = scripted(
    head,
    xmlAnswer("<AccessControlPolicy/>"),
    xmlAnswer("<CopyObjectResult><ETag>e2</ETag></CopyObjectResult>"),
  );
  const storage = s3On(transport, {
    objectParameters: { ServerSideEncryption: "aws:kms", ContentType: "text/x", Tagging: "a=b", CacheControl: "no-store" },
  });
  assertEquals((await storage.versions.restore("a b.txt", "v/1+")).etag, '"e2"');
  const { headers } = transport.requests[2]!;
  assertEquals(headers.get("x-amz-copy-source"), "/media/a%20b.txt?versionId=v%2F1%2B");
  assertEquals(headers.get("x-amz-server-side-encryption"), "aws:kms");
  assertEquals(headers.get("x-amz-storage-class"), "STANDARD_IA");
  assertEquals([headers.get("content-type"), headers.get("x-amz-tagging"), headers.get("cache-control")], [null, null, null]);
});

Deno.test("versions.delete() deletes a version for good, and a delete marker so that the file exists again", async () => {
  const { server, storage } = versioned();
  await storage.save("a.txt", "first");
  const { versionId } = await storage.save("a.txt", "second", { details: true });
  await storage.versions.delete("a.txt", versionId!);
  assertEquals(await storage.readText("a.txt"), "first");
  await storage.versions.delete("a.txt", versionId!); // counts as deleted
  await storage.delete("a.txt");
  const [marker] = await Array.fromAsync(storage.versions.list("a.txt"));
  await storage.versions.delete("a.txt", marker!.versionId);
  assertEquals([await storage.readText("a.txt"), server.versions("media").length], ["first", 1]);
});

Deno.test("a storage that reads one version restores none, but deletes one that is given", async () => {
  const transport = scripted(new Response(null, { status: 204 }));
  const storage = s3On(transport, { objectParameters: { VersionId: "v1" } });
  await assertRejects(() => storage.versions.restore("a.txt", "v2"), ConfigurationError, "VersionId is for reading");
  await storage.versions.delete("a.txt", "v2");
  assertEquals(transport.requests.map(({ url }) => new URL(url).searchParams.get("versionId")), ["v2"]);
});

Deno.test("versions of a service without versions are an error of this module", async () => {
  const storage = s3On(scripted(xmlAnswer("<Error><Code>NotImplemented</Code></Error>", 501)));
  await assertRejects(() => Array.fromAsync(storage.versions.list("a.txt")), StorageError, "NotImplemented");
});
