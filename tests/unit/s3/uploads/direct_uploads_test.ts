import { assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import { AlreadyExistsError, ConfigurationError, IntegrityError, NotFoundError } from "../../../../src/errors.ts";
import type { MultipartUpload, MultipartUploadOptions } from "../../../../src/s3/uploads/direct_uploads.ts";
import { createS3Server, type S3Server } from "../../../../src/testing/mod.ts";
import { patternBytes } from "../../random.ts";
import { s3On } from "../../storage/storages.ts";
import { scripted, xmlAnswer } from "../../transport.ts";

const MIB = 1024 ** 2;
const newServer = (): S3Server => createS3Server({ buckets: ["media"], minPartSize: 1 });

/** PUTs a part as a browser sends a slice of a file, without a type. Returns the ETag. */
async function put(server: S3Server, url: string, part: BlobPart): Promise<string> {
  const response = await server.fetch(new Request(url, { method: "PUT", body: new Blob([part]) }));
  assertEquals([response.status, await response.text()], [200, ""]);
  return response.headers.get("etag")!;
}

/** Creates an upload with parts of one letter each, and PUTs the parts of the given numbers. */
async function begun(
  server: S3Server,
  parts: number,
  arriving: readonly number[],
): Promise<MultipartUpload & { etags: string[] }> {
  const upload = await s3On(server).uploads.create("a.txt", { parts });
  const etags = [];
  for (const number of arriving) etags.push(await put(server, upload.urls[number - 1]!, "abcdefgh"[number - 1]!));
  return { ...upload, etags };
}

function textOf(server: S3Server): string | undefined {
  const [object] = server.objects("media");
  return object && new TextDecoder().decode(object.bytes);
}

Deno.test("uploads.complete() makes the uploaded parts a file with the options of the upload", async () => {
  const server = newServer();
  const storage = s3On(server, { location: "up", defaultAcl: "public-read", querystringAuth: false });
  const bytes = patternBytes(12 * MIB);
  const { name, uploadId, partSize, urls } = await storage.uploads.create("films//1.mp4", {
    size: bytes.length,
    partSize: 5 * MIB,
    cacheControl: "max-age=1",
    metadata: { owner: "ada" },
  });
  assertEquals([name, partSize, urls.length], ["films/1.mp4", 5 * MIB, 3]);
  const etags = [];
  for (const [i, url] of urls.entries()) {
    etags.push(await put(server, url, bytes.subarray(i * partSize, (i + 1) * partSize)));
  }
  assertEquals(server.objects("media"), []);
  await storage.uploads.complete(name, uploadId, { etags });
  const [object] = server.objects("media");
  assertEquals([object?.key, object?.contentType, object?.acl], ["up/films/1.mp4", "video/mp4", "public-read"]);
  assertEquals([object?.headers["cache-control"], object?.metadata], ["max-age=1", { owner: "ada" }]);
  assertEquals(object?.bytes, bytes);
});

Deno.test("uploads.complete() lists any number of parts if no etags are given", async () => {
  const server = newServer();
  const storage = s3On(server);
  const { uploadId, urls } = await storage.uploads.create("a.txt", { parts: 1001 });
  await Promise.all(urls.map((url, index) => put(server, url, String.fromCharCode(97 + index % 26))));
  await storage.uploads.complete("a.txt", uploadId);
  assertEquals(server.requests.slice(-3).map(({ operation }) => operation), [
    "ListParts",
    "ListParts",
    "CompleteMultipartUpload",
  ]);
  assertEquals(textOf(server), Array.from(urls, (_, index) => String.fromCharCode(97 + index % 26)).join(""));
});

Deno.test("uploads.complete() refuses an upload with a missing part", async () => {
  for (const [arriving, missing] of [[[1, 3], 2], [[2, 3], 1], [[], 1]] as const) {
    const server = newServer();
    const { uploadId } = await begun(server, 3, arriving);
    await assertRejects(
      () => s3On(server).uploads.complete("a.txt", uploadId),
      IntegrityError,
      `part ${missing} is missing`,
    );
    assertEquals([server.objects("media").length, server.openUploads("media").length], [0, 1]);
  }
});

Deno.test("uploads.complete() refuses another size, also with etags", async () => {
  const server = newServer();
  const storage = s3On(server);
  const { uploadId, etags } = await begun(server, 3, [1, 2]);
  for (const given of [undefined, etags]) {
    await assertRejects(
      () => storage.uploads.complete("a.txt", uploadId, { etags: given, size: 3 }),
      IntegrityError,
      "size must be 3 bytes, got 2",
    );
  }
  await storage.uploads.complete("a.txt", uploadId, { etags, size: 2 });
  assertEquals(textOf(server), "ab");
});

Deno.test("uploads.create() signs one part for an empty file", async () => {
  const server = newServer();
  const storage = s3On(server);
  const { uploadId, urls } = await storage.uploads.create("empty", { size: 0 });
  assertEquals(urls.length, 1);
  await put(server, urls[0]!, "");
  await storage.uploads.complete("empty", uploadId, { size: 0 });
  assertEquals(await storage.size("empty"), 0);
});

Deno.test("uploads.create() raises the part size if 10,000 parts would not suffice", async () => {
  const storage = s3On(newServer());
  const plan = async (options: MultipartUploadOptions): Promise<[number, number]> => {
    const { urls, partSize } = await storage.uploads.create("a", { ...options });
    return [urls.length, partSize];
  };
  assertEquals(await plan({ size: 8 * MIB }), [1, 8 * MIB]);
  assertEquals(await plan({ size: 8 * MIB + 1 }), [2, 8 * MIB]);
  assertEquals(await plan({ parts: 3, partSize: 5 * MIB }), [3, 5 * MIB]);
  for (const total of [5 * 1024 ** 4, 50_000 * 1024 ** 3]) {
    const [parts, size] = await plan({ size: total });
    assertEquals([parts <= 10_000, parts * size >= total, size <= 5 * 1024 ** 3], [true, true, true]);
  }
});

Deno.test("the URLs of parts say that the requester pays, also by a parameter of the call", async () => {
  const server = newServer();
  const objectParameters = { RequestPayer: "requester" };
  for (
    const upload of [
      await s3On(server, { objectParameters }).uploads.create("a.txt", { parts: 2 }),
      await s3On(server).uploads.create("b.txt", { parts: 2, objectParameters }),
      await s3On(server, { objectParameters, signatureVersion: "s3" }).uploads.create("c.txt", { parts: 2 }),
    ]
  ) {
    for (const url of upload.urls) {
      assertEquals(new URL(url).searchParams.get("x-amz-request-payer"), "requester");
      await put(server, url, "a");
    }
  }
  const { urls } = await s3On(server).uploads.create("a.txt", { parts: 1 });
  assertEquals(new URL(urls[0]!).searchParams.has("x-amz-request-payer"), false);
});

Deno.test("multipart uploads refuse invalid options before any request", async () => {
  const server = newServer();
  const storage = s3On(server);
  const begin = (options: unknown) => (): Promise<unknown> =>
    storage.uploads.create("a", options as MultipartUploadOptions);
  await assertRejects(begin({}), TypeError, "either size (in bytes) or parts (their number), not both");
  await assertRejects(begin({ size: 1, parts: 1 }), TypeError, "not both");
  for (const size of [-1, 1.5, NaN, "1", 50_000 * 1024 ** 3 + 1]) {
    await assertRejects(begin({ size }), RangeError, "size must be an integer from 0 to 53687091200000");
  }
  for (const parts of [0, 10_001, 1.5]) {
    await assertRejects(begin({ parts }), RangeError, "parts must be an integer from 1 to 10000");
  }
  for (const partSize of [5 * MIB - 1, 5 * 1024 * MIB + 1, 0]) {
    await assertRejects(begin({ size: 1, partSize }), RangeError, "partSize must be an integer from 5242880 to");
  }
  await assertRejects(
    begin({ size: 1, expiresIn: 604_801 }),
    RangeError,
    "expiresIn must be an integer from 1 to 604800",
  );
  for (
    const described of [{ contentType: "a\nb" }, { contentDisposition: "ü" }, { metadata: { "a b": "c" } }, {
      metadata: { A: "b", a: "c" },
    }]
  ) {
    await assertRejects(begin({ size: 1, ...described }), TypeError, "Cannot upload 'a': ");
  }
  await assertRejects(begin({ size: 1, signal: AbortSignal.abort(new Error("no")) }), Error, "no");
  await assertRejects(() => storage.uploads.create("a/", { size: 1 }), Error, "a/");
  const secretive = s3On(server, { objectParameters: { SSECustomerKey: "k".repeat(32) } });
  await assertRejects(() => secretive.uploads.create("a", { size: 1 }), ConfigurationError, "SSECustomerKey");
  for (const uploadId of ["", undefined]) {
    const id = uploadId as string;
    await assertRejects(() => storage.uploads.complete("a", id), TypeError, "uploadId must be the one from");
    await assertRejects(() => storage.uploads.abort("a", id), TypeError, "uploadId must be the one from");
  }
  const complete = (etags: unknown) => (): Promise<unknown> =>
    storage.uploads.complete("a", "id", { etags: etags as string[] });
  await assertRejects(complete(['"1"', null]), TypeError, "the ETag of part 2 must be a string, got null");
  await assertRejects(complete('"1"'), TypeError, "etags must be an array");
  await assertRejects(complete([]), RangeError, "the number of etags must be an integer from 1 to 10000");
  const sized = (size: unknown) => (): Promise<unknown> =>
    storage.uploads.complete("a", "id", { size: size as number });
  await assertRejects(
    sized("16"),
    RangeError,
    'size must be an integer from 0 to 53687091200000, got "16"',
  );
  await assertRejects(complete(Array(10_001).fill("e")), RangeError, "got 10001");
  assertEquals(server.requests.length, 0);
});

Deno.test("a multipart upload belongs to its name, and ends once", async () => {
  const server = newServer();
  const storage = s3On(server);
  const { uploadId, etags } = await begun(server, 1, [1]);
  await assertRejects(() => storage.uploads.complete("b.txt", uploadId, { etags }), NotFoundError, "NoSuchUpload");
  await assertRejects(() => storage.uploads.abort("b.txt", uploadId), NotFoundError, "NoSuchUpload");
  await storage.uploads.abort("a.txt", uploadId);
  assertEquals([server.openUploads("media"), server.objects("media")], [[], []]);
  await assertRejects(() => storage.uploads.abort("a.txt", uploadId), NotFoundError, "NoSuchUpload");
});

Deno.test("uploads.complete() does not overwrite a taken name, and the upload stays open", async () => {
  const server = newServer();
  const storage = s3On(server, { fileOverwrite: false });
  const { uploadId, etags } = await begun(server, 1, [1]);
  await storage.save("a.txt", "first");
  await assertRejects(() => storage.uploads.complete("a.txt", uploadId, { etags }), AlreadyExistsError, "a.txt");
  assertEquals([textOf(server), server.openUploads("media").length], ["first", 1]);
  await storage.delete("a.txt");
  await storage.uploads.complete("a.txt", uploadId, { etags });
  assertEquals(textOf(server), "a");
});

Deno.test("part URLs are signed by either signature version, for S3 or a custom domain that it serves", async () => {
  const server = newServer();
  const first = async (options: Parameters<typeof s3On>[1]): Promise<URL> => {
    const { urls } = await s3On(server, { querystringWindow: 3600, ...options }).uploads.create("a", {
      size: 1,
    });
    await put(server, urls[0]!, "x");
    return new URL(urls[0]!);
  };
  const v4 = await first({});
  assertEquals([v4.host, v4.searchParams.get("partNumber")], ["media.s3.amazonaws.com", "1"]);
  assertMatch(v4.searchParams.get("X-Amz-Signature")!, /^[0-9a-f]{64}$/);
  assertEquals(v4.searchParams.get("X-Amz-Expires"), "3600");
  assertEquals((await first({ signatureVersion: "s3" })).searchParams.has("Signature"), true);
  assertEquals((await first({ customDomain: "cdn.example.com" })).host, "media.s3.amazonaws.com");
  const own = {
    customDomain: "localhost:9000/media",
    customDomainQuerystringAuth: true,
    urlProtocol: "http:",
  } as const;
  assertEquals((await first(own)).href.startsWith("http://localhost:9000/media/a?"), true);
});

Deno.test("uploads.create() aborts the upload if its URLs can no longer be signed", async () => {
  const clock = { now: Date.now() };
  const server = createS3Server({ buckets: ["media"], now: () => new Date(clock.now) });
  const storage = s3On({
    fetch: async (request) => {
      const answer = await server.fetch(request);
      if (request.method === "POST") clock.now += 7200_000;
      return answer;
    },
  }, {
    now: () => new Date(clock.now),
    accessKey: undefined,
    secretKey: undefined,
    credentials: () =>
      Promise.resolve({
        accessKeyId: "testkey",
        secretAccessKey: "testsecret",
        expiration: new Date(clock.now + 3600_000),
      }),
  });
  await assertRejects(
    () => storage.uploads.create("a", { size: 1 }),
    ConfigurationError,
    "credentials expire at",
  );
  assertEquals(server.requests.map(({ operation }) => operation), ["CreateMultipartUpload", "AbortMultipartUpload"]);
  assertEquals(server.openUploads("media"), []);
});

Deno.test("uploads.complete() refuses an endless or incomplete list of parts", async () => {
  const page = (content: string): Response => xmlAnswer(`<ListPartsResult>${content}</ListPartsResult>`);
  const part = (number: number): string =>
    `<Part><PartNumber>${number}</PartNumber><ETag>"e"</ETag><Size>1</Size></Part>`;
  for (
    const [marker, problem] of [
      ["", "missing NextPartNumberMarker"],
      ["<NextPartNumberMarker>1</NextPartNumberMarker>", "its pages repeat"],
    ] as const
  ) {
    const transport = scripted(page(`<IsTruncated>true</IsTruncated>${marker}${part(1)}`));
    const error = await assertRejects(() => s3On(transport).uploads.complete("a", "id"));
    assertInstanceOf(error, Error);
    assertEquals(error.message, `Invalid response to ListParts: ${problem}`);
    assertEquals(transport.requests.length, marker === "" ? 1 : 2);
  }
  const transport = scripted(page("<Part><PartNumber>1</PartNumber></Part>"));
  await assertRejects(() => s3On(transport).uploads.complete("a", "id"), Error, "missing ETag");
});

Deno.test("uploads.complete() returns the stored file, whose size is known if S3 was asked for the parts", async () => {
  const server = createS3Server({ buckets: ["media"], versioning: ["media"], minPartSize: 1 });
  const storage = s3On(server, { location: "up" });
  for (
    const [options, size] of [[{}, 2], [{ size: 2 }, 2], [{ etags: true }, undefined], [
      { etags: true, size: 2 },
      2,
    ]] as const
  ) {
    const { uploadId, urls } = await storage.uploads.create("a//b.txt", { parts: 2 });
    const sent = [await put(server, urls[0]!, "a"), await put(server, urls[1]!, "b")];
    const etags = "etags" in options ? sent : undefined;
    const file = await storage.uploads.complete("a//b.txt", uploadId, { ...options, etags });
    const { etag, versionId } = await storage.stat("a/b.txt");
    assertEquals(file, { name: "a/b.txt", etag, versionId, size });
    assertMatch(etag, /^"[0-9a-f]{32}-2"$/);
  }
});

Deno.test("uploads.complete() takes ETags with and without quotes", async () => {
  const server = newServer();
  const { uploadId, etags } = await begun(server, 2, [1, 2]);
  const bare = etags.map((etag) => etag.replaceAll('"', ""));
  assertEquals([bare[0] === etags[0], etags[0]!.startsWith('"')], [false, true]);
  await s3On(server).uploads.complete("a.txt", uploadId, { etags: [bare[0]!, etags[1]!] });
  assertEquals(textOf(server), "ab");
});

Deno.test("uploads.complete() follows onExisting, whatever fileOverwrite is", async () => {
  const server = newServer();
  const storage = s3On(server, { fileOverwrite: false });
  await storage.save("a.txt", "first");
  const { uploadId } = await begun(server, 1, [1]);
  await assertRejects(
    () => s3On(server).uploads.complete("a.txt", uploadId, { onExisting: "refuse" }),
    AlreadyExistsError,
  );
  await storage.uploads.complete("a.txt", uploadId, { onExisting: "replace" });
  assertEquals(textOf(server), "a");
});

Deno.test("uploads.create() refuses options that an upload cannot have", async () => {
  const server = newServer();
  const { uploads } = s3On(server);
  for (const option of ["onExisting", "ifMatch", "ifNoneMatch", "onProgress", "deleteOnAbort", "etags"]) {
    await assertRejects(
      () => uploads.create("a.txt", { size: 1, [option]: "x" }),
      TypeError,
      `Cannot upload 'a.txt': unknown option '${option}'`,
    );
  }
  assertEquals(server.requests.length, 0);
});

Deno.test("uploads.create() takes the options of a write: storage class, ACL, tags and parameters", async () => {
  const server = newServer();
  const storage = s3On(server, { objectParameters: { StorageClass: "STANDARD_IA", CacheControl: "no-store" } });
  const { uploadId, urls } = await storage.uploads.create("a.txt", {
    parts: 1,
    storageClass: "GLACIER_IR",
    acl: "public-read",
    tagging: { stage: "live" },
    objectParameters: { WebsiteRedirectLocation: "/b.txt" },
  });
  await put(server, urls[0]!, "a");
  await storage.uploads.complete("a.txt", uploadId);
  assertEquals((await storage.stat("a.txt")).storageClass, "GLACIER_IR");
  assertEquals([await storage.getTags("a.txt"), (await storage.getAcl("a.txt")).cannedAcl], [
    { stage: "live" },
    "public-read",
  ]);
  const [object] = server.objects("media");
  assertEquals(object?.headers["x-amz-website-redirect-location"], "/b.txt");
  const own = { parts: 1, objectParameters: { SSECustomerKey: "k".repeat(32) } };
  await assertRejects(() => storage.uploads.create("a.txt", own), ConfigurationError, "SSECustomerKey");
  await assertRejects(() => storage.uploads.create("a.txt", { parts: 1, acl: 5 as never }), TypeError, "acl must be");
});
