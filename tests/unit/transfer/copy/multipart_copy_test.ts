/** Copies of objects that are too large for one request. */
import { assert, assertEquals, assertLess, assertRejects, assertStrictEquals } from "@std/assert";
import {
  NotFoundError,
  NotSupportedError,
  PermissionDeniedError,
  PreconditionFailedError,
  ServiceError,
} from "../../../../src/errors.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../../src/settings/options.ts";
import { createS3Server, type S3Server } from "../../../../src/testing/mod.ts";
import { patternBytes } from "../../random.ts";
import { bareAnswer, errorAnswer, withoutWaiting } from "../../transport.ts";

const MIB = 1024 ** 2;
const BYTES = patternBytes(12 * MIB);
const SMALL_PARTS = { multipartThreshold: 5 * MIB, partSize: 5 * MIB, maxConcurrency: 2 };

type Intercept = (request: Request, query: URLSearchParams) => Response | undefined | Promise<Response | undefined>;

/** A storage on a server that copies at most 1 MiB per request. */
function storageOn(
  options: S3StorageOptions = {},
  intercept: Intercept = () => undefined,
): { storage: S3Storage; server: S3Server; ranges: string[] } {
  const server = createS3Server({ buckets: ["bucket"], maxCopySize: MIB });
  const ranges: string[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    request.signal.throwIfAborted();
    const range = request.headers.get("x-amz-copy-source-range");
    if (range !== null) ranges.push(range);
    return await intercept(request, new URL(request.url).searchParams) ?? await server.fetch(request);
  };
  const storage = new S3Storage({
    bucketName: "bucket",
    accessKey: "testkey",
    secretKey: "testsecret",
    transferConfig: SMALL_PARTS,
    fetch,
    ...options,
  });
  return { storage, server, ranges };
}

const operations = ({ requests }: S3Server): (string | undefined)[] => requests.map(({ operation }) => operation);

Deno.test("an object too large for one request is copied in parts, with all its properties", async () => {
  const { storage, server, ranges } = storageOn({
    objectParameters: { Tagging: "team=a%20b&stage=live", ACL: "public-read" },
  });
  await storage.save("from.bin", BYTES, {
    contentType: "video/mp4",
    cacheControl: "max-age=60",
    contentDisposition: "inline",
    contentLanguage: "de",
    contentEncoding: "x-own",
    metadata: { owner: "ada" },
  });
  const before = server.requests.length;
  await storage.copy("from.bin", "to.bin");
  const [from, to] = server.objects("bucket");
  assert(to!.bytes.every((byte, i) => byte === BYTES[i]));
  assertEquals([to!.size, to!.headers, to!.metadata, to!.tags, to!.acl], [
    BYTES.length,
    from!.headers,
    { owner: "ada" },
    { team: "a b", stage: "live" },
    "public-read",
  ]);
  assertEquals(ranges.toSorted(), ["bytes=0-5242879", "bytes=10485760-12582911", "bytes=5242880-10485759"]);
  const [head, copy, tags, create, ...rest] = operations(server).slice(before);
  assertEquals([head, copy, tags, create], ["HeadObject", "CopyObject", "GetObjectTagging", "CreateMultipartUpload"]);
  assertEquals(rest, [...Array(3).fill("UploadPartCopy"), "CompleteMultipartUpload"]);
  assertEquals(server.openUploads("bucket"), []);
});

Deno.test("an object that fits into one request is copied by one request", async () => {
  const { storage, server } = storageOn();
  await storage.save("from.bin", "small");
  await storage.copy("from.bin", "to.bin");
  assertEquals(operations(server), ["PutObject", "HeadObject", "GetObjectAcl", "CopyObject"]);
});

Deno.test("a copy in parts retries failed parts, works for move(), and sends checksums", async () => {
  for (const ChecksumAlgorithm of ["CRC32", "SHA256", "CRC64NVME"] as const) {
    let failures = 0;
    const { storage, server } = storageOn({ objectParameters: { ChecksumAlgorithm } }, (_, query) => {
      return query.get("partNumber") === "2" && failures++ < 2 ? errorAnswer(503, "SlowDown") : undefined;
    });
    await withoutWaiting(async () => {
      await storage.save("from.bin", BYTES);
      await storage.move("from.bin", "to.bin");
    });
    const [to, ...others] = server.objects("bucket");
    assertEquals([to!.key, to!.size, others], ["to.bin", BYTES.length, []]);
  }
});

Deno.test("a large object that changes while it is copied throws, and the upload is aborted", async () => {
  const { storage, server } = storageOn({}, async (request, query) => {
    if (!request.headers.has("x-amz-copy-source-range") || query.get("partNumber") !== "2") return undefined;
    const { fetch } = server;
    await new S3Storage({ bucketName: "bucket", accessKey: "testkey", secretKey: "testsecret", fetch })
      .save("from.bin", "other");
    return undefined;
  });
  await storage.save("from.bin", BYTES);
  await assertRejects(() => storage.copy("from.bin", "to.bin"), PreconditionFailedError);
  assertEquals([server.objects("bucket").map(({ key }) => key), server.openUploads("bucket")], [["from.bin"], []]);
});

Deno.test("a copy in parts that fails or is aborted leaves nothing stored", async () => {
  const stop = new AbortController();
  const reason = new Error("changed my mind");
  const ways: [Intercept, AbortSignal | undefined][] = [
    [
      (request) => request.headers.has("x-amz-copy-source-range") ? errorAnswer(403, "AccessDenied") : undefined,
      undefined,
    ],
    [(request) => void (request.headers.has("x-amz-copy-source-range") && stop.abort(reason)), stop.signal],
    [(request, query) => {
      return request.method === "POST" && query.has("uploadId") ? errorAnswer(403, "AccessDenied") : undefined;
    }, undefined],
  ];
  for (const [intercept, signal] of ways) {
    let armed = false;
    const { storage, server } = storageOn({}, (request, query) => armed ? intercept(request, query) : undefined);
    await storage.save("from.bin", BYTES);
    armed = true;
    const error = await assertRejects(() => storage.copy("from.bin", "to.bin", { signal }));
    if (signal === undefined) assert(error instanceof PermissionDeniedError, `${error}`);
    else assertStrictEquals(error, reason);
    assertEquals([server.objects("bucket").length, server.openUploads("bucket")], [1, []]);
  }
});

Deno.test("a rejection for another reason than the size is thrown unchanged", async () => {
  const refused = errorAnswer(400, "InvalidRequest", { message: "This copy request is illegal" });
  const { storage, server } = storageOn(
    {},
    ({ headers }) => headers.has("x-amz-copy-source") ? refused.clone() : undefined,
  );
  await storage.save("from.bin", BYTES);
  await assertRejects(() => storage.copy("from.bin", "to.bin"), ServiceError, "This copy request is illegal");
  assertLess(operations(server).indexOf("CreateMultipartUpload", 3), 0);
  const { storage: other } = storageOn({}, ({ headers }) => {
    return headers.has("x-amz-copy-source") ? errorAnswer(400, "EntityTooLarge") : undefined;
  });
  await assertRejects(() => other.copy("missing.bin", "to.bin"), NotFoundError, "File does not exist: missing.bin");
});

Deno.test("SSE-C keys are sent with each part, for the source and for the copy", async () => {
  const { storage, server } = storageOn({ objectParameters: { SSECustomerKey: "0123456789abcdef0123456789abcdef" } });
  await storage.save("from.bin", BYTES);
  await storage.copy("from.bin", "to.bin");
  assertEquals((await (await storage.open("to.bin", "rb")).bytes()).length, BYTES.length);
  assertEquals(operations(server).filter((name) => name === "UploadPartCopy").length, 3);
});

Deno.test("tags that cannot be read are not silently lost", () =>
  withoutWaiting(async () => {
    const answering = (code: number, name: string): ReturnType<typeof storageOn> =>
      storageOn({}, (_, query) => query.has("tagging") ? errorAnswer(code, name) : undefined);
    for (const [code, name] of [[501, "NotImplemented"], [404, "NoSuchTagSet"]] as const) {
      const { storage, server } = answering(code, name);
      await storage.save("from.bin", BYTES);
      await storage.copy("from.bin", "to.bin");
      assertEquals(server.objects("bucket").length, 2);
    }
    const nothing = (): Response => bareAnswer(200, { "x-amz-request-id": "id" });
    const empty = storageOn({}, (_, query) => query.has("tagging") ? nothing() : undefined);
    await empty.storage.save("from.bin", BYTES);
    await empty.storage.copy("from.bin", "to.bin"); // as Ceph RGW responds for an object in parts
    assertEquals(empty.server.objects("bucket").length, 2);
    const tagged = storageOn({ objectParameters: { Tagging: "a=b" } }, (_, query) => {
      return query.has("tagging") ? nothing() : undefined;
    });
    await tagged.storage.save("from.bin", BYTES);
    await assertRejects(() => tagged.storage.copy("from.bin", "to.bin"), ServiceError, "GetObjectTagging");
    for (const status of [200, 403]) {
      const page = (): Response => new Response("<html>", { status, headers: { "content-type": "text/html" } });
      const { storage, server } = storageOn({}, (_, query) => query.has("tagging") ? page() : undefined);
      await storage.save("from.bin", BYTES);
      await assertRejects(() => storage.move("from.bin", "to.bin"), ServiceError, "GetObjectTagging");
      assertEquals(server.objects("bucket").map(({ key }) => key), ["from.bin"]);
    }
  }));

Deno.test("tags that may not be read are left out of a copy, and are not lost where the source does not remain", async () => {
  const denying = (options: S3StorageOptions = {}): ReturnType<typeof storageOn> =>
    storageOn(options, (_, query) => query.has("tagging") ? errorAnswer(403, "AccessDenied") : undefined);
  const { storage, server } = denying();
  await storage.save("from.bin", BYTES);
  await storage.copy("from.bin", "to.bin");
  await storage.copyTo("from.bin", storage.with({ gzip: false }), { name: "other.bin" });
  assertEquals(server.objects("bucket").map(({ key, size }) => [key, size]), [
    ["from.bin", BYTES.length],
    ["other.bin", BYTES.length],
    ["to.bin", BYTES.length],
  ]);
  const advice = "Copying the tags of 'from.bin' needs s3:GetObjectTagging; to copy without it, pass tagging";
  for (
    const lose of [
      () => storage.move("from.bin", "moved.bin"),
      () => storage.copy("from.bin", "from.bin", { cacheControl: "no-cache" }),
    ]
  ) await assertRejects(lose, PermissionDeniedError, advice);
  const tagged = denying({ objectParameters: { Tagging: "a=b" } }); // its HEAD counts the tags
  await tagged.storage.save("from.bin", BYTES);
  await assertRejects(() => tagged.storage.copy("from.bin", "to.bin"), PermissionDeniedError, advice);
  assertEquals([tagged.server.objects("bucket").length, tagged.server.openUploads("bucket").length], [1, 0]);
  assertEquals([server.objects("bucket").length, server.openUploads("bucket").length], [3, 0]);
  await tagged.storage.copy("from.bin", "to.bin", { tagging: "" });
  await storage.move("from.bin", "moved.bin", { tagging: { a: "b" } });
  assertEquals(server.objects("bucket").map(({ key, tags }) => [key, tags])[0], ["moved.bin", { a: "b" }]);
});

Deno.test("attributes that a server keeps beyond ASCII are copied by CopyObject, else refused unless replaced", async () => {
  const asKept = (response: Response): Response => {
    const headers = new Headers(response.headers);
    headers.set("x-amz-meta-title", String.fromCharCode(...new TextEncoder().encode("Grüße")));
    return new Response(response.body, { status: response.status, headers });
  };
  const { storage, server } = storageOn({}, async (request) => {
    return request.method === "HEAD" ? asKept(await server.fetch(request)) : undefined;
  });
  await storage.save("small.txt", "small");
  await storage.save("large.bin", BYTES);
  assertEquals((await storage.stat("small.txt")).metadata, { title: "Grüße" });
  await storage.copy("small.txt", "copy.txt");
  const refusals = [
    () => storage.copy("large.bin", "copy.bin"),
    () => storage.copy("small.txt", "small.txt", { cacheControl: "no-cache" }),
  ];
  for (const refused of refusals) {
    await assertRejects(
      refused,
      NotSupportedError,
      "requests cannot carry the value of x-amz-meta-title, which is not ASCII",
    );
  }
  await storage.copy("large.bin", "copy.bin", { metadata: { title: "Gruesse" } });
  await storage.copy("small.txt", "small.txt", { metadata: {}, cacheControl: "no-cache" });
  assertEquals(server.objects("bucket").map(({ key, metadata }) => [key, metadata.title]), [
    ["copy.bin", "Gruesse"],
    ["copy.txt", undefined],
    ["large.bin", undefined],
    ["small.txt", undefined],
  ]);
});
