import { assertEquals, assertRejects } from "@std/assert";
import { ConfigurationError, NotFoundError } from "../../../../src/errors.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { s3On } from "../../storage/storages.ts";
import { errorAnswer, scripted, xmlAnswer } from "../../transport.ts";

Deno.test("setTags() replaces all tags of a file, which getTags() reads", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server, { location: "up" });
  await storage.save("a.txt", "hello");
  assertEquals(await storage.getTags("a.txt"), {});
  const tags = { "team": "web mobile", "häß/l:ich": "", "sign": " +-=._:/@" };
  await storage.setTags("a.txt", tags);
  assertEquals(await storage.getTags("a.txt"), tags);
  await storage.setTags("a.txt", { stage: "live" });
  assertEquals(await storage.getTags("a.txt"), { stage: "live" });
  assertEquals(await storage.readText("a.txt"), "hello");
});

Deno.test("setTags() with an empty object removes all tags", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server);
  await storage.save("a.txt", "hello");
  await storage.setTags("a.txt", { stage: "live" });
  await storage.setTags("a.txt", {});
  assertEquals(await storage.getTags("a.txt"), {});
  const operations = server.requests.map(({ operation }) => operation);
  assertEquals(operations.slice(1), ["PutObjectTagging", "DeleteObjectTagging", "GetObjectTagging"]);
});

Deno.test("setTags() and getTags() are about one version if its id is given", async () => {
  const server = createS3Server({ buckets: ["media"], versioning: ["media"] });
  const storage = s3On(server);
  const { versionId } = await storage.save("a.txt", "first", { details: true });
  await storage.save("a.txt", "second");
  await storage.setTags("a.txt", { stage: "old" }, { versionId });
  assertEquals(await storage.getTags("a.txt"), {});
  assertEquals(await storage.getTags("a.txt", { versionId }), { stage: "old" });
  await storage.setTags("a.txt", {}, { versionId });
  assertEquals(await storage.getTags("a.txt", { versionId }), {});
});

Deno.test("getTags() and setTags() report a missing file", async () => {
  const storage = s3On(createS3Server({ buckets: ["media"] }));
  await assertRejects(() => storage.getTags("a.txt"), NotFoundError, "File does not exist: a.txt");
  await assertRejects(() => storage.setTags("a.txt", { a: "b" }), NotFoundError, "File does not exist: a.txt");
  await assertRejects(() => storage.setTags("a.txt", {}), NotFoundError, "File does not exist: a.txt");
});

Deno.test("setTags() checks the limits of S3 before any request", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server);
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`tag ${index}`, ""]));
  const cases: [tags: unknown, error: typeof TypeError | typeof RangeError, message: string][] = [
    [many, RangeError, "Cannot set the tags of 'a.txt': a file has at most 10 tags, got 11"],
    [{ "": "x" }, RangeError, "the name of a tag must have 1 to 128 characters, got 0"],
    [{ ["k".repeat(129)]: "x" }, RangeError, "the name of a tag must have 1 to 128 characters, got 129"],
    [{ team: "v".repeat(257) }, RangeError, "tag 'team' must have 0 to 256 characters, got 257"],
    [{ team: 1 }, TypeError, "tag 'team' must be Unicode text, got 1"],
    [{ team: "\u0000" }, TypeError, "tag 'team' must be Unicode text"],
    [{ "\ud800": "x" }, TypeError, "the name of a tag must be Unicode text"],
    [[["team", "web"]], TypeError, "tags must be an object of strings"],
    [new Map([["team", "web"]]), TypeError, "tags must be an object of strings"],
    ["team=web", TypeError, 'tags must be an object of strings, got "team=web"'],
    [undefined, TypeError, "tags must be an object of strings, got undefined"],
  ];
  for (const [tags, error, message] of cases) {
    await assertRejects(() => storage.setTags("a.txt", tags as Record<string, string>), error, message);
  }
  assertEquals(server.requests.length, 0);
});

Deno.test("tags may have as many characters as S3 allows, counted as code points", async () => {
  const storage = s3On(createS3Server({ buckets: ["media"] }));
  await storage.save("a.txt", "hello");
  const tags = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`${index}${"𝒳".repeat(127)}`, "𝒳".repeat(256)]),
  );
  await storage.setTags("a.txt", tags);
  assertEquals(await storage.getTags("a.txt"), tags);
});

Deno.test("getTags() returns nothing where a service reports a file without tags as an error", async () => {
  assertEquals(await s3On(scripted(errorAnswer(404, "NoSuchTagSet"))).getTags("a.txt"), {});
});

Deno.test("getTags() makes a tag called __proto__ an ordinary member", async () => {
  const tag = "<Tag><Key>__proto__</Key><Value>x</Value></Tag>";
  const tags = await s3On(scripted(xmlAnswer(`<Tagging><TagSet>${tag}</TagSet></Tagging>`))).getTags("a.txt");
  assertEquals([Object.keys(tags), Object.getPrototypeOf(tags)], [["__proto__"], Object.prototype]);
});

Deno.test("setTags() sends the MD5 that S3 requires, and the parameters of every operation", async () => {
  const transport = scripted(xmlAnswer(""));
  const storage = s3On(transport, { objectParameters: { RequestPayer: "requester", ExpectedBucketOwner: "1234" } });
  await storage.setTags("a.txt", { "<a>": "b & 'c'" });
  const [request] = transport.requests;
  assertEquals(
    (await request!.clone().text()).replace(/ xmlns="[^"]*"/, ""),
    "<Tagging><TagSet><Tag><Key>&lt;a&gt;</Key><Value>b &amp; 'c'</Value></Tag></TagSet></Tagging>",
  );
  const { searchParams } = new URL(request!.url);
  assertEquals([request!.method, [...searchParams]], ["PUT", [["tagging", ""]]]);
  assertEquals(request!.headers.get("content-md5")?.length, 24);
  assertEquals(request!.headers.get("x-amz-request-payer"), "requester");
  assertEquals(request!.headers.get("x-amz-expected-bucket-owner"), "1234");
});

Deno.test("a storage that reads one version changes tags only of a version that is given", async () => {
  const transport = scripted(xmlAnswer(""));
  const storage = s3On(transport, { objectParameters: { VersionId: "v1" } });
  await assertRejects(() => storage.setTags("a.txt", { a: "b" }), ConfigurationError, "VersionId is for reading");
  await storage.setTags("a.txt", { a: "b" }, { versionId: "v2" });
  assertEquals(transport.requests.map(({ url }) => new URL(url).searchParams.get("versionId")), ["v2"]);
});
