/** Copies between storages, on the service if both are on one. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AlreadyExistsError, NotFoundError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { BackendWrapper, MemoryStorage, Storage } from "../../../src/storage/mod.ts";
import { createS3Server, type S3Server } from "../../../src/testing/mod.ts";
import { patternBytes } from "../random.ts";
import { s3On } from "../storage/storages.ts";
import { errorAnswer } from "../transport.ts";

const MIB = 1024 ** 2;
const OTHER_SERVER = { endpointUrl: "http://localhost" };
const ATTRIBUTES = {
  contentType: "video/mp4",
  cacheControl: "max-age=60",
  contentDisposition: "inline",
  contentLanguage: "de",
  contentEncoding: "x-own",
  metadata: { owner: "ada" },
} as const;
const OWN = { acl: "public-read", storageClass: "STANDARD_IA", tagging: { team: "web" } } as const;

type Intercept = (request: Request) => Response | undefined | Promise<Response | undefined>;

/** A server with two buckets, and a storage on each. */
function buckets(
  options: S3StorageOptions = {},
  { maxCopySize, intercept = () => undefined }: { maxCopySize?: number; intercept?: Intercept } = {},
): { from: S3Storage; to: S3Storage; server: S3Server; copies(): string[] } {
  const server = createS3Server({
    buckets: ["media", "archive"],
    ...(maxCopySize === undefined ? {} : { maxCopySize }),
  });
  const fetch = async (request: Request): Promise<Response> => await intercept(request) ?? await server.fetch(request);
  return {
    server,
    from: s3On({ fetch }, { location: "in", ...options }),
    to: s3On({ fetch }, { bucketName: "archive", location: "out", ...options }),
    copies: () =>
      server.requests.map(({ operation = "" }) => operation).filter((name) => /^(Copy|Put|UploadPart)/.test(name)),
  };
}

Deno.test("copyTo() another bucket copies on the server, with the attributes", async () => {
  for (const options of [{}, OTHER_SERVER, { regionName: "eu-west-1" }]) {
    const { from, to, server, copies } = buckets(options);
    await from.save("a.bin", "hello", { ...ATTRIBUTES, ...OWN });
    assertEquals(await from.copyTo("a.bin", to, { name: "b.bin", storageClass: "GLACIER_IR" }), "b.bin");
    assertEquals(copies(), ["PutObject", "CopyObject"]);
    const [copied] = server.objects("archive");
    assertEquals([copied?.key, copied?.metadata, copied?.tags], ["out/b.bin", { owner: "ada" }, { team: "web" }]);
    assertEquals([copied?.acl, copied?.storageClass], ["private", "GLACIER_IR"]);
    await from.copyTo("a.bin", to, { cacheControl: "no-cache", tagging: "" });
    assertEquals((await to.stat("a.bin")).cacheControl, "no-cache");
    assertEquals((await to.stat("a.bin")).contentLanguage, "de");
    await assertRejects(() => from.copyTo("missing", to), NotFoundError, "in/missing");
  }
});

Deno.test("copyTo() another bucket may refuse or rename", async () => {
  for (const options of [{}, OTHER_SERVER]) {
    const { from, to } = buckets(options);
    await from.save("a.bin", "hello");
    await to.save("a.bin", "other");
    await assertRejects(() => from.copyTo("a.bin", to, { onExisting: "refuse" }), AlreadyExistsError);
    assertEquals(await to.readText("a.bin"), "other");
    const name = await from.copyTo("a.bin", to, { onExisting: "rename" });
    assert(/^a_\w{7}\.bin$/.test(name));
    assertEquals([await to.readText("a.bin"), await to.readText(name)], ["other", "hello"]);
  }
});

Deno.test("copyTo() another bucket copies large objects in parts", async () => {
  const { from, to, server, copies } = buckets({}, { maxCopySize: 6 * MIB });
  const bytes = patternBytes(12 * MIB);
  await from.save("a.bin", bytes, ATTRIBUTES);
  const before = copies().length;
  await from.copyTo("a.bin", to, { partSize: 6 * MIB });
  assertEquals(copies().slice(before), ["CopyObject", "UploadPartCopy", "UploadPartCopy"]);
  const [copied] = server.objects("archive");
  assert(copied!.bytes.every((byte, index) => byte === bytes[index]));
  assertEquals(copied!.metadata, { owner: "ada" });
});

Deno.test("copyTo() another service or through a wrapper reads and writes the bytes", async () => {
  const { from, to, server } = buckets();
  await from.save("a.bin", "hello", ATTRIBUTES);
  const other = createS3Server({ buckets: ["archive"] });
  const wrapped = new Storage(new BackendWrapper(from.backend), { location: "in" });
  const cases: readonly (readonly [Storage, Storage, S3Server | undefined])[] = [
    [from, s3On(other, { bucketName: "archive" }), other],
    [from, s3On(server, { bucketName: "archive", ...OTHER_SERVER }), server],
    [wrapped, to, server],
    [from, new MemoryStorage(), undefined],
  ];
  for (const [source, target, of] of cases) {
    const before = of?.requests.length ?? 0;
    await source.copyTo("a.bin", target);
    assertEquals(of?.requests.slice(before).some(({ operation }) => operation === "CopyObject") ?? false, false);
    const { cacheControl, metadata } = await target.stat("a.bin");
    assertEquals([await target.readText("a.bin"), cacheControl, metadata], ["hello", "max-age=60", { owner: "ada" }]);
  }
  // A wrapper may change keys, or refuse writes: the wrapped backend must not copy in its place.
  const inner = new Storage(new BackendWrapper(to.backend));
  const before = server.requests.length;
  await from.copyTo("a.bin", inner);
  assertEquals(server.requests.slice(before).some(({ operation }) => operation === "CopyObject"), false);
});

Deno.test("copyTo() reads and writes the bytes if the other storage may not read the source", async () => {
  const { from, to, copies } = buckets({}, {
    intercept: ({ headers }) => headers.has("x-amz-copy-source") ? errorAnswer(403, "AccessDenied") : undefined,
  });
  await from.save("a.bin", "hello", ATTRIBUTES);
  assertEquals(await from.copyTo("a.bin", to), "a.bin");
  assertEquals([await to.readText("a.bin"), (await to.stat("a.bin")).cacheControl], ["hello", "max-age=60"]);
  assertEquals(copies(), ["PutObject", "PutObject"]);
});

Deno.test("copyTo() sends the SSE-C key and the bucket owner of the source, and uses the region of each bucket", async () => {
  const sent: Request[] = [];
  const fetch = (request: Request): Promise<Response> => {
    sent.push(request);
    const headers = { etag: '"e"', "content-length": "5" };
    const body = request.method === "HEAD" ? null : "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>";
    return Promise.resolve(new Response(body, { headers }));
  };
  const key = "k".repeat(32);
  const from = s3On({ fetch }, {
    regionName: "eu-west-1",
    objectParameters: { SSECustomerKey: key, ExpectedBucketOwner: "111122223333", VersionId: "v1" },
  });
  const to = s3On({ fetch }, {
    bucketName: "archive",
    regionName: "us-west-2",
    objectParameters: { ExpectedBucketOwner: "444455556666" },
  });
  await from.copyTo("a.bin", to);
  const [head, copy] = sent;
  assertEquals([new URL(head!.url).host, new URL(copy!.url).host], [
    "media.s3.eu-west-1.amazonaws.com",
    "archive.s3.us-west-2.amazonaws.com",
  ]);
  const names = ["x-amz-copy-source", "x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"];
  assertEquals(names.map((name) => copy!.headers.get(name)), [
    "/media/a.bin?versionId=v1",
    "444455556666",
    "111122223333",
  ]);
  assertEquals(copy!.headers.get("x-amz-copy-source-server-side-encryption-customer-key"), btoa(key));
  assertEquals(copy!.headers.has("x-amz-server-side-encryption-customer-key"), false);
  const china = s3On({ fetch }, { bucketName: "archive", regionName: "cn-north-1" });
  assertEquals(await china.backend.copyFrom!(from.backend, "a.bin", "a.bin", { onExisting: "replace" }), false);
});

Deno.test("an object of 6 GiB is copied between buckets in parts of at most 5 GiB", async () => {
  const size = 6 * 1024 ** 3;
  const ranges: string[] = [];
  const operations: string[] = [];
  const fetch = ({ method, url, headers }: Request): Promise<Response> => {
    const answer = (body: string): Promise<Response> => Promise.resolve(new Response(body));
    const query = new URL(url).searchParams;
    const range = headers.get("x-amz-copy-source-range");
    if (method === "HEAD") {
      return Promise.resolve(new Response(null, { headers: { etag: '"e"', "content-length": String(size) } }));
    }
    if (range !== null) {
      ranges.push(range);
      assertEquals(headers.get("x-amz-copy-source"), "/media/a.bin");
      return answer("<CopyPartResult><ETag>p</ETag></CopyPartResult>");
    }
    operations.push(`${method} ${[...query.keys()].join()}`);
    if (headers.has("x-amz-copy-source")) return Promise.resolve(errorAnswer(400, "InvalidRequest"));
    if (query.has("uploads")) {
      return answer("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
    }
    if (query.has("tagging")) return answer("<Tagging><TagSet/></Tagging>");
    return answer("<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>");
  };
  const to = s3On({ fetch }, { bucketName: "archive" });
  await s3On({ fetch }).copyTo("a.bin", to);
  assertEquals(operations.map((one) => one.replace("x-id,", "")), [
    "PUT ",
    "GET tagging",
    "POST uploads",
    "POST uploadId",
  ]);
  const ends = ranges.map((range) => range.replace("bytes=", "").split("-").map(Number) as [number, number])
    .sort(([one], [other]) => one - other);
  assertEquals([ends[0]![0], ends.at(-1)![1]], [0, size - 1]);
});

Deno.test("a subclass with a method of its own still copies on the server", async () => {
  class Own extends S3Storage {
    override getObjectParameters(name: string): ReturnType<S3Storage["getObjectParameters"]> {
      return { ...super.getObjectParameters(name), StorageClass: "STANDARD_IA" };
    }
  }
  const { from, server } = buckets();
  await from.save("a.bin", "hello");
  const keys = { accessKey: "testkey", secretKey: "testsecret", fetch: from.settings.fetch };
  await from.copyTo("a.bin", new Own({ bucketName: "archive", ...keys }));
  assertEquals(server.objects("archive").map(({ storageClass }) => storageClass), ["STANDARD_IA"]);
});

Deno.test("copyTo() does not copy what another account has under the name of the source", async () => {
  const mine = createS3Server({
    buckets: ["media", "only-mine"],
    credentials: [{ accessKeyId: "mine", secretAccessKey: "secret" }],
  });
  const other = createS3Server({
    buckets: ["media", "only-other"],
    credentials: [{ accessKeyId: "other", secretAccessKey: "secret" }],
  });
  // One address, whose buckets depend on the access key.
  const fetch = (request: Request): Promise<Response> =>
    request.headers.get("authorization")!.includes("Credential=mine/") ? mine.fetch(request) : other.fetch(request);
  const at = (accessKey: string, bucketName: string): S3Storage =>
    new S3Storage({ bucketName, accessKey, secretKey: "secret", fetch });
  await at("mine", "media").save("a.txt", "of this account", ATTRIBUTES);
  await at("other", "media").save("a.txt", "of the other account");
  await at("mine", "media").copyTo("a.txt", at("other", "media"), { name: "copied.txt" });
  assertEquals(await at("other", "media").readText("copied.txt"), "of this account");
  await at("mine", "only-mine").save("b.txt", "in a bucket of this account");
  await at("mine", "only-mine").copyTo("b.txt", at("other", "only-other"));
  assertEquals(await at("other", "only-other").readText("b.txt"), "in a bucket of this account");
});

Deno.test("copyTo() the same object through another location keeps its ACL and storage class", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server);
  await storage.save("avatars/7.png", "x", { acl: "public-read", storageClass: "STANDARD_IA" });
  await storage.copyTo("avatars/7.png", storage.with({ location: "avatars" }), {
    name: "7.png",
    cacheControl: "no-cache",
  });
  const [object] = server.objects("media");
  assertEquals([object?.acl, object?.storageClass, object?.headers["cache-control"]], [
    "public-read",
    "STANDARD_IA",
    "no-cache",
  ]);
});
