import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  ConfigurationError,
  NotFoundError,
  PermissionDeniedError,
  PreconditionFailedError,
  StorageError,
} from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { ObjectParameters, S3StorageOptions } from "../../../src/settings/options.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { chunkedStream, patternBytes } from "../random.ts";
import { s3On } from "../storage/storages.ts";
import { errorAnswer, scripted, watchedBody, xmlAnswer } from "../transport.ts";

const MIB = 1024 ** 2;
const newServer = (): ReturnType<typeof createS3Server> => createS3Server({ buckets: ["media"] });

Deno.test("new S3Storage() sends no request", () => {
  const { requests, ...server } = newServer();
  s3On(server);
  assertEquals(requests.length, 0);
});

Deno.test("save() sends the configured parameters, those of the call, and the default ACL", async () => {
  const server = newServer();
  const storage = s3On(server, {
    objectParameters: {
      CacheControl: "max-age=1",
      Metadata: { a: "1", b: "1" },
      Tagging: "t=1",
      StorageClass: "STANDARD_IA",
    },
    defaultAcl: "public-read",
  });
  await storage.save("a.txt", "x", { cacheControl: "no-store", metadata: { b: "2" } });
  const [object] = server.objects("media");
  assertEquals(object?.headers["cache-control"], "no-store");
  assertEquals([object?.metadata, object?.tags, object?.acl], [{ a: "1", b: "2" }, { t: "1" }, "public-read"]);
  assertEquals([object?.storageClass, object?.contentType], ["STANDARD_IA", "text/plain; charset=utf-8"]);
});

Deno.test("save() prefers a configured ACL to the default one, and a configured type to the content's", async () => {
  const server = newServer();
  const objectParameters = { ACL: "private", ContentType: "text/configured" };
  const storage = s3On(server, { objectParameters, defaultAcl: "public-read" });
  await storage.save("a.css", new Blob(["x"], { type: "text/content" }));
  const [object] = server.objects("media");
  assertEquals([object?.acl, object?.contentType], ["private", "text/configured"]);
});

Deno.test("getObjectParameters() can be overridden to choose parameters by name", async () => {
  class ByName extends S3Storage {
    override getObjectParameters(name: string): ObjectParameters {
      return { CacheControl: name.includes(".hash.") ? "immutable" : "no-cache" };
    }
  }
  const server = newServer();
  const storage = new ByName({
    bucketName: "media",
    location: "x",
    accessKey: "testkey",
    secretKey: "testsecret",
    fetch: server.fetch,
  });
  for (const name of ["a.hash.css", "a.css"]) await storage.save(name, "x");
  assertEquals(server.objects("media").map(({ key, headers }) => [key, headers["cache-control"]]), [
    ["x/a.css", "no-cache"],
    ["x/a.hash.css", "immutable"],
  ]);
});

for (const wrong of [undefined, null, "x", [], Promise.resolve({ ServerSideEncryption: "aws:kms" })]) {
  Deno.test(`getObjectParameters() must not return ${Deno.inspect(wrong)}`, async () => {
    class ByName extends S3Storage {
      override getObjectParameters(): ObjectParameters {
        return wrong as ObjectParameters;
      }
    }
    const server = newServer();
    const storage = new ByName({
      bucketName: "media",
      accessKey: "testkey",
      secretKey: "testsecret",
      fetch: server.fetch,
    });
    const message = "getObjectParameters('a.txt') must return an object, not a promise";
    await assertRejects(() => storage.save("a.txt", "x"), ConfigurationError, message);
    await assertRejects(() => storage.stat("a.txt"), ConfigurationError, message);
    await assertRejects(() => storage.copy("b.txt", "a.txt"), ConfigurationError, message);
    await assertRejects(() => storage.uploads.create("a.txt", { size: 1 }), ConfigurationError, message);
    assertEquals(server.requests.length, 0);
  });
}

Deno.test("getObjectParameters() is not asked for keys of other storages on the same backend", async () => {
  const names: string[] = [];
  class ByName extends S3Storage {
    override getObjectParameters(name: string): ObjectParameters {
      names.push(name);
      return { CacheControl: "immutable" };
    }
  }
  const server = newServer();
  const own = new ByName({
    bucketName: "media",
    location: "x",
    accessKey: "testkey",
    secretKey: "testsecret",
    fetch: server.fetch,
  });
  const all = new Storage(own.backend);
  for (const name of ["x/a.txt", "longer/a.txt"]) await all.save(name, "hello");
  assertEquals([...new Set(names)], ["a.txt"]);
  assertEquals(server.objects("media").map(({ key, headers }) => [key, headers["cache-control"]]), [
    ["longer/a.txt", undefined],
    ["x/a.txt", "immutable"],
  ]);
});

Deno.test("download() and downloadTo() call an overridden open()", async () => {
  const server = newServer();
  const storage = s3On(server);
  await storage.save("a.txt", "hello");
  const opened: string[] = [];
  storage.open = ((...given: Parameters<typeof storage.open>) => {
    opened.push(`${given[0]} ${given[1]}`);
    return S3Storage.prototype.open.apply(storage, given);
  }) as typeof storage.open;
  const progress: number[] = [];
  const onProgress = ({ bytes }: { bytes: number }): void => void progress.push(bytes);
  const stream = await storage.download("a.txt", { partSize: 2, maxConcurrency: 2, onProgress });
  assertEquals(await new Response(stream).text(), "hello");
  assertEquals(progress.at(-1), 5);
  assertEquals(await storage.downloadTo("a.txt", new Uint8Array(5)), 5);
  assertEquals(opened, ["a.txt rb", "a.txt rb"]);
});

Deno.test("copy() keeps the object's description, and sends the configured ACL and storage class", async () => {
  const server = newServer();
  await s3On(server).save("a.txt", "x", { contentType: "text/x", metadata: { a: "b" } });
  const objectParameters = { StorageClass: "STANDARD_IA", CacheControl: "not for copies" };
  await s3On(server, { objectParameters, defaultAcl: "public-read" }).copy("a.txt", "b.txt");
  const copy = server.objects("media").find(({ key }) => key === "b.txt");
  assertEquals([copy?.contentType, copy?.metadata, copy?.headers["cache-control"]], ["text/x", { a: "b" }, undefined]);
  assertEquals([copy?.acl, copy?.storageClass], ["public-read", "STANDARD_IA"]);
});

for (
  const [what, options] of [
    ["an unknown object parameter", { objectParameters: { cacheControl: "x" } }],
    ["metadata that headers cannot carry", { objectParameters: { Metadata: { a: "ñ" } } }],
    ["an access key without a secret", { secretKey: undefined }],
    ["a bucket that is not a valid host", { bucketName: "user:pw@evil.example", addressingStyle: "virtual" }],
    ["virtual hosts for a name that no host can have", { bucketName: "my_bucket", addressingStyle: "virtual" }],
    ["a region that is not a valid host", { regionName: "evil.example/x?" }],
    ["a region with a space", { regionName: "eu west" }],
  ] as [string, S3StorageOptions][]
) {
  Deno.test(`new S3Storage() refuses ${what}`, () => {
    assertThrows(() => s3On(newServer(), options), ConfigurationError);
  });
}

Deno.test("open() sends one request, and a read after seek() one more", async () => {
  const server = newServer();
  const storage = s3On(server);
  await storage.save("a.txt", "storage contents");
  const before = server.requests.length;
  await using file = await storage.open("a.txt");
  assertEquals([await file.read(7), file.size, file.stat.contentType], ["storage", 16, "text/plain; charset=utf-8"]);
  assertEquals(server.requests.slice(before).map(({ operation }) => operation), ["GetObject"]);
  await file.seek(8);
  assertEquals(await file.text(), "contents");
  assertEquals(server.requests.slice(before).map(({ operation, status }) => [operation, status]), [
    ["GetObject", 200],
    ["GetObject", 206],
  ]);
});

Deno.test("reading fails if the object changed after it was opened", async () => {
  const server = newServer();
  const storage = s3On(server);
  await storage.save("a.txt", "before");
  const file = await storage.open("a.txt", "rb");
  await storage.save("a.txt", "after!");
  await file.seek(2);
  await assertRejects(() => file.read(), PreconditionFailedError);
  await file.close();
});

Deno.test("closing an unread file releases its connection", async () => {
  const { stream, fate } = watchedBody();
  const transport = scripted(() => new Response(stream, { headers: { "content-length": "3072", etag: '"e"' } }));
  await (await s3On(transport).open("a", "rb")).close();
  assertEquals(fate(), "cancelled");
});

Deno.test("open() reads gzip as it is stored, and stat() returns the encoding", async () => {
  const server = newServer();
  const storage = s3On(server);
  const packed = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
  await storage.save("a.txt.gz", packed, { contentEncoding: "gzip" });
  assertEquals(await (await storage.open("a.txt.gz", "rb")).read(), packed);
  assertEquals((await storage.stat("a.txt.gz")).contentEncoding, "gzip");
});

Deno.test("a missing file is reported with its key, and a missing bucket with S3's message", async () => {
  const server = newServer();
  const error = await assertRejects(() => s3On(server, { location: "x" }).open("a"), NotFoundError);
  assertEquals([error.message, error.key, error.s3Code, error.status], [
    "File does not exist: x/a",
    "x/a",
    "NoSuchKey",
    404,
  ]);
  assert(error.requestId !== undefined && error.cause instanceof NotFoundError && error.response instanceof Response);
  const elsewhere = s3On(server, { bucketName: "nowhere" });
  const missing = await assertRejects(() => elsewhere.open("a"), NotFoundError);
  assertEquals([missing.s3Code, missing.message.includes("File does not exist")], ["NoSuchBucket", false]);
});

Deno.test("exists() fails if the service denies the request", async () => {
  const transport = scripted(new Response(null, { status: 403 }));
  await assertRejects(() => s3On(transport).exists("a"), PermissionDeniedError, "s3:ListBucket");
});

Deno.test("save() uploads large content of every kind in parts", async () => {
  const server = newServer();
  const storage = s3On(server, {
    transferConfig: { multipartThreshold: 5 * MIB, partSize: 5 * MIB, maxConcurrency: 2 },
  });
  const bytes = patternBytes(11 * MIB);
  for (const content of [bytes, new Blob([bytes]), chunkedStream(bytes, [MIB - 1, 3])]) {
    await storage.save("a.bin", content);
    const [object] = server.objects("media");
    assertEquals([object?.partCount, object?.size], [3, bytes.length]);
    assert(object!.bytes.every((byte, index) => byte === bytes[index]));
  }
  assertEquals(server.openUploads("media"), []);
});

/** A stream of 12 MiB that then fails. */
async function* failing(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 12; i++) yield new Uint8Array(MIB);
  throw new Error("cut");
}

Deno.test("save() of a large stream whose source fails leaves neither object nor upload", async () => {
  const server = newServer();
  const storage = s3On(server, { transferConfig: { multipartThreshold: 5 * MIB, partSize: 5 * MIB } });
  for (const fileOverwrite of [true, false]) {
    await assertRejects(
      () => storage.save("a.bin", failing(), { onExisting: fileOverwrite ? "replace" : "rename" }),
      Error,
      "cut",
    );
    assertEquals([server.objects("media"), server.openUploads("media")], [[], []]);
  }
});

Deno.test("aborting the save of a large stream rejects with the signal's reason, and leaves nothing", async () => {
  const server = newServer();
  const storage = s3On(server, { transferConfig: { multipartThreshold: 5 * MIB, partSize: 5 * MIB } });
  const controller = new AbortController();
  const reason = new Error("enough");
  let cancelled = false;
  const endless = new ReadableStream({
    pull: (stream) => {
      stream.enqueue(new Uint8Array(MIB));
      if (server.openUploads("media").length > 0) controller.abort(reason);
    },
    cancel: () => void (cancelled = true),
  });
  assertStrictEquals(await assertRejects(() => storage.save("a.bin", endless, { signal: controller.signal })), reason);
  assertEquals([server.objects("media"), server.openUploads("media"), cancelled], [[], [], true]);
});

Deno.test("aborting a save whose source is stalled ends it, and releases the source", async () => {
  for (const overwrite of [true, false]) {
    const controller = new AbortController();
    const reason = new Error("enough");
    let cancelled = false;
    const stalled = new ReadableStream({ pull: () => new Promise(() => {}), cancel: () => void (cancelled = true) });
    const saving = s3On(newServer()).save("a.bin", stalled, {
      signal: controller.signal,
      onExisting: overwrite ? "replace" : "rename",
    });
    setTimeout(() => controller.abort(reason), 5);
    assertStrictEquals(await assertRejects(() => saving), reason);
    assertEquals(cancelled, true);
  }
});

Deno.test("list() leaves out keys that no name can express", async () => {
  const keys = ["a//b", "a/b", "a/../c", "./d", "/e", "f\\g", "h/", "i"];
  const contents = keys.map((key) =>
    `<Contents><Key>${encodeURIComponent(key)}</Key><Size>1</Size><ETag>"e"</ETag>` +
    "<LastModified>2026-01-31T12:00:00Z</LastModified></Contents>"
  );
  const answer = xmlAnswer(`<ListBucketResult><EncodingType>url</EncodingType>${contents.join("")}</ListBucketResult>`);
  const listed = await Array.fromAsync(s3On(scripted(answer)).list("", { recursive: true }));
  assertEquals(listed.map(({ name }) => name), ["a/b", "i"]);
});

Deno.test("list() leaves out the marker of a folder, and lists the folder in its parent", async () => {
  const server = newServer();
  const storage = s3On(server);
  const marker = await storage.url("d/", { method: "PUT" });
  assertEquals((await server.fetch(new Request(marker, { method: "PUT", body: "" }))).status, 200);
  await storage.save("d/a.txt", "x");
  assertEquals(await storage.listdir("d"), [[], ["a.txt"]]);
  assertEquals(await storage.listdir(), [["d"], []]);
  assertEquals((await Array.fromAsync(storage.list("d"))).map(({ name }) => name), ["d/a.txt"]);
});

Deno.test("list() reads a folder of more than a thousand files page by page", async () => {
  const server = newServer();
  const storage = s3On(server);
  const names = Array.from({ length: 1002 }, (_, i) => `f${String(i).padStart(4, "0")}`);
  await Promise.all(names.map((name) => storage.save(name, "")));
  assertEquals(await storage.listdir(), [[], names]);
  assertEquals(server.requests.filter(({ operation }) => operation === "ListObjectsV2").length, 2);
});

Deno.test("deleteMany() reports each file that could not be deleted, after all others were", async () => {
  const failing =
    "<DeleteResult><Error><Key>x/b</Key><Code>AccessDenied</Code><Message>No</Message></Error></DeleteResult>";
  const storage = s3On(scripted(xmlAnswer(failing)), { location: "x" });
  const error = await assertRejects(() => storage.deleteMany(["a", "b"]), AggregateError);
  const [first] = error.errors as StorageError[];
  assertInstanceOf(first, StorageError);
  assertEquals([error.errors.length, first.code, first.s3Code, first.key], [
    1,
    "PermissionDenied",
    "AccessDenied",
    "x/b",
  ]);
  const alone = s3On(scripted(errorAnswer(403, "AccessDenied")), { location: "x" });
  const single = await assertRejects(() => alone.deleteMany(["b"]), AggregateError);
  assertInstanceOf(single.errors[0], PermissionDeniedError);
});

Deno.test("deleteMany() deletes names that XML cannot carry one by one", async () => {
  const server = newServer();
  const storage = s3On(server);
  for (const name of ["a\u0001", "b", "c"]) await storage.save(name, "x");
  await storage.deleteMany(["a\u0001", "b", "c"]);
  assertEquals(server.objects("media"), []);
  const operations = server.requests.map(({ operation }) => operation).filter((name) => name?.startsWith("Delete"));
  assertEquals(operations, ["DeleteObjects", "DeleteObject"]);
});

Deno.test("deleteMany() continues after a failed name that XML cannot carry", async () => {
  const transport = scripted(({ method }) =>
    method === "DELETE" ? errorAnswer(403, "AccessDenied") : xmlAnswer("<DeleteResult/>")
  );
  const error = await assertRejects(() => s3On(transport).deleteMany(["a\u0001", "b", "c"]), AggregateError);
  assertEquals([error.errors.length, transport.requests.map(({ method }) => method)], [1, ["POST", "DELETE"]]);
});

Deno.test("uploads.create() sets no gzip encoding, also if the storage compresses", async () => {
  const server = newServer();
  const storage = s3On(server, { gzip: true, endpointUrl: "http://localhost:9000" });
  await storage.save("a.css", "a {}");
  assertEquals((await storage.stat("a.css")).contentEncoding, "gzip");
  const { uploadId, urls } = await storage.uploads.create("b.css", { parts: 1 });
  await server.fetch(new Request(urls[0]!, { method: "PUT", body: "b {}" }));
  await storage.uploads.complete("b.css", uploadId);
  assertEquals((await storage.stat("b.css")).contentEncoding, undefined);
  assertEquals(await (await storage.open("b.css")).text(), "b {}");
});
