import { assertEquals, assertRejects } from "@std/assert";
import { ServiceError, StorageError } from "../../../../src/errors.ts";
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
    return (await Array.fromAsync(storage.versions.list(folder, { recursive: true, onOmitted }))).map(({ name }) =>
      name
    );
  };
  assertEquals(await listed("docs"), ["docs/a.txt", "docs/old/c.txt", "docs/ü +&.txt"]);
  assertEquals(omitted, [["docs/", "marker"], ["docs//x.txt", "name"]]);
  assertEquals(await listed(""), ["b.txt", "docs/a.txt", "docs/old/c.txt", "docs/ü +&.txt", "docs2/d.txt"]);
});

Deno.test("versions.list() reads page by page, and stops after the pages of its file", async () => {
  const { server, storage } = versioned();
  for (let index = 0; index < 1003; index++) await storage.save("a b+ü.txt", "");
  await storage.save("a b+ü.txt2", "");
  let requests = 0;
  const counted = s3On({ fetch: (request) => (requests++, server.fetch(request)) });
  const ids = new Set<string>();
  for await (const { versionId } of counted.versions.list("a b+ü.txt")) ids.add(versionId);
  assertEquals([ids.size, requests], [1003, 2]);
  for await (const _ of counted.versions.list("a b+ü.txt")) break;
  assertEquals(requests, 3);
});

Deno.test("versions.list() continues after the last key of a page, also where a service does not encode it", async () => {
  const key = "100%25 + ü";
  const encoded = encodeURIComponent(key);
  for (const marker of [key, encoded, encoded.replaceAll("%20", "+")]) {
    const page = (id: number, more: string): Response =>
      xmlAnswer(
        `<ListVersionsResult><EncodingType>url</EncodingType>${more}<Version><Key>${encoded}</Key>` +
          `<VersionId>${id}</VersionId><Size>1</Size></Version></ListVersionsResult>`,
      );
    const next = `<NextKeyMarker>${marker}</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>`;
    const transport = scripted(page(1, `<IsTruncated>true</IsTruncated>${next}`), page(2, ""));
    const versions = await Array.fromAsync(s3On(transport).versions.list("", { recursive: true }));
    assertEquals(versions.map(({ name, versionId }) => [name, versionId]), [[key, "1"], [key, "2"]]);
    const { searchParams } = new URL(transport.requests[1]!.url);
    assertEquals([searchParams.get("key-marker"), searchParams.get("version-id-marker")], [key, "1"]);
  }
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
    [`<EncodingType>url</EncodingType>${entry("<Key>%ff</Key>")}`, "a key does not begin with the prefix"],
    [truncated, "missing NextKeyMarker"],
    [`${truncated}<NextKeyMarker>up/a</NextKeyMarker>`, "its pages repeat"],
  ];
  for (const [content, message] of cases) {
    const storage = s3On(scripted(xmlAnswer(`<ListVersionsResult>${content}</ListVersionsResult>`)), {
      location: "up",
    });
    await assertRejects(
      () => Array.fromAsync(storage.versions.list("", { recursive: true })),
      ServiceError,
      `Invalid response to ListObjectVersions: ${message}`,
    );
  }
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

Deno.test("versions of a service without versions are an error of this module", async () => {
  const storage = s3On(scripted(xmlAnswer("<Error><Code>NotImplemented</Code></Error>", 501)));
  await assertRejects(() => Array.fromAsync(storage.versions.list("a.txt")), StorageError, "NotImplemented");
});
