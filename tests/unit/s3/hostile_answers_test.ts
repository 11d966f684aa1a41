import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { ConfigurationError, type Credentials, NotFoundError, S3Storage, ServiceError } from "../../../mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { errorAnswer, scripted, withoutWaiting } from "../transport.ts";

const KEYS = { accessKey: "testkey", secretKey: "testsecret" };

/** A storage on a server behind a proxy. */
function behindProxy(proxy: (request: Request) => Response | undefined): S3Storage {
  const server = createS3Server({ buckets: ["media"] });
  const fetch = async (request: Request): Promise<Response> => proxy(request) ?? await server.fetch(request);
  return new S3Storage({ ...KEYS, bucketName: "media", fetch });
}

const html = (): Response => new Response("<html>ok</html>", { headers: { "content-type": "text/html" } });

Deno.test("move() loses nothing if a foreign response arrives", () =>
  withoutWaiting(async () => {
    const storage = behindProxy(({ headers }) => headers.has("x-amz-copy-source") ? html() : undefined);
    await storage.save("a.txt", "hello");
    await assertRejects(() => storage.move("a.txt", "b.txt"), ServiceError, "missing document CopyObjectResult");
    assertEquals(await (await storage.open("a.txt")).text(), "hello");
  }));

Deno.test("listings, deletions and writes fail on a foreign response", () =>
  withoutWaiting(async () => {
    const storage = behindProxy(({ method }) => method === "HEAD" ? undefined : html());
    await assertRejects(() => storage.listdir(""), ServiceError, "ListBucketResult");
    const { errors } = await assertRejects(() => storage.deleteMany(["a", "b"]), AggregateError);
    assert(errors[0] instanceof ServiceError && errors[0].message.includes("DeleteResult"));
    await assertRejects(
      () => storage.save("a.txt", "hello"),
      ServiceError,
      "Invalid response to PutObject of media/a.txt: not from an S3 server",
    );
  }));

Deno.test("delete() ignores a missing object, also if the service reports it, but not a missing bucket", async () => {
  const on = (code: string): S3Storage => {
    return new S3Storage({ ...KEYS, bucketName: "media", fetch: scripted(errorAnswer(404, code)).fetch });
  };
  await on("NoSuchKey").delete("a.txt");
  await assertRejects(() => on("NoSuchBucket").delete("a.txt"), NotFoundError);
});

Deno.test("credentials that a header cannot carry are refused, and not shown", () => {
  for (const part of ["accessKey", "secretKey", "securityToken"]) {
    const options = { ...KEYS, bucketName: "media", [part]: "tok\nsecret-part" };
    const error = assertThrows(() => new S3Storage(options), ConfigurationError, "must be text in printable ASCII");
    assert(!Deno.inspect(error).includes("secret-part"));
  }
});

Deno.test("a provider without credentials is reported, and a missing part by its name", async () => {
  const answers: [unknown, string][] = [
    [undefined, "accessKeyId"],
    [{}, "accessKeyId"],
    [{ accessKeyId: "AKID" }, "secretAccessKey"],
    [{ accessKeyId: "AKID", secretAccessKey: "s", sessionToken: "tok\n" }, "sessionToken"],
  ];
  for (const [answer, part] of answers) {
    const storage = new S3Storage({ bucketName: "media", credentials: () => answer as Credentials });
    for (const call of [() => storage.url("a.txt"), () => storage.save("a.txt", "hello")]) {
      await assertRejects(call, ConfigurationError, `The ${part} of the credentials`);
    }
  }
});

Deno.test("a signal aborts a call whose credential provider is stalled", async () => {
  const storage = new S3Storage({ bucketName: "media", credentials: () => new Promise<Credentials>(() => {}) });
  for (
    const call of [
      (signal: AbortSignal): Promise<unknown> => storage.url("a.txt", { signal }),
      (signal: AbortSignal): Promise<unknown> => storage.stat("a.txt", { signal }),
    ]
  ) {
    const stop = new AbortController();
    const reason = new Error("changed my mind");
    const calling = call(stop.signal).catch((error) => error);
    setTimeout(() => stop.abort(reason), 1);
    assertStrictEquals(await calling, reason);
  }
});

Deno.test("an aborted file can be closed, and does not hide the error of its block", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = new S3Storage({ ...KEYS, bucketName: "media", fetch: server.fetch });
  await storage.save("a.txt", "hello");
  const stop = new AbortController();
  const error = await assertRejects(async () => {
    await using file = await storage.open("a.txt", "rb", { signal: stop.signal });
    stop.abort(new Error("changed my mind"));
    assertEquals(file.size, 5);
    throw new Error("the block's own");
  }, Error);
  assertEquals(error.message, "the block's own");
});

/** A storage that loses the response to its first completion, optionally after the server has processed it. */
function losingCompletion(reached: boolean): { storage: S3Storage; server: ReturnType<typeof createS3Server> } {
  const server = createS3Server({ buckets: ["media"] });
  let lost = false;
  const fetch = async (request: Request): Promise<Response> => {
    const completes = request.method === "POST" && new URL(request.url).searchParams.has("uploadId");
    if (!completes || lost) return await server.fetch(request);
    lost = true;
    if (reached) await server.fetch(request);
    else await server.fetch(new Request(request.url.replace(/uploadId=[^&]*/, "uploadId=none"), request));
    throw new TypeError("connection reset");
  };
  const transferConfig = { multipartThreshold: 5 * 1024 * 1024, partSize: 5 * 1024 * 1024 };
  return { storage: new S3Storage({ ...KEYS, bucketName: "media", fetch, transferConfig }), server };
}

for (const reached of [true, false]) {
  Deno.test(`a completion whose response is lost succeeds, ${reached ? "processed" : "not processed"} by the service`, async () => {
    const { storage, server } = losingCompletion(reached);
    await storage.save("big.bin", new Uint8Array(5 * 1024 * 1024 + 1));
    assertEquals(await storage.size("big.bin"), 5 * 1024 * 1024 + 1);
    assertEquals(server.openUploads("media"), []);
  });
}

Deno.test("a completion without an upload fails, even if an older object exists", async () => {
  const server = createS3Server({ buckets: ["media"] });
  let completions = 0;
  const fetch = async (request: Request): Promise<Response> => {
    const completes = request.method === "POST" && new URL(request.url).searchParams.has("uploadId");
    if (!completes || completions++ === 0) return await server.fetch(request);
    return completions === 2 ? errorAnswer(500, "InternalError") : errorAnswer(404, "NoSuchUpload");
  };
  const transferConfig = { multipartThreshold: 5 * 1024 * 1024, partSize: 5 * 1024 * 1024 };
  const storage = new S3Storage({ ...KEYS, bucketName: "media", fetch, transferConfig });
  await storage.save("big.bin", new Uint8Array(5 * 1024 * 1024 + 1));
  const other = new Uint8Array(5 * 1024 * 1024 + 1).fill(1);
  const error = await assertRejects(() => storage.save("big.bin", other), NotFoundError);
  assertEquals(error.s3Code, "NoSuchUpload");
});

Deno.test("a provider may change the returned object: the new secret signs", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const credentials = { accessKeyId: "testkey", secretAccessKey: "wrong", sessionToken: "" };
  const storage = new S3Storage({ bucketName: "media", credentials: () => credentials, fetch: server.fetch });
  await assertRejects(() => storage.save("a.txt", "hello"));
  credentials.secretAccessKey = "testsecret";
  await storage.save("a.txt", "hello");
});

Deno.test("deleteMany() continues after a failed batch, and reports it at the end", async () => {
  const storage = new S3Storage({
    ...KEYS,
    bucketName: "media",
    fetch: scripted(
      errorAnswer(403, "AccessDenied"),
      new Response("<DeleteResult/>", { headers: { "content-type": "application/xml" } }),
    ).fetch,
  });
  const names = Array.from({ length: 1002 }, (_, index) => `${index}`);
  const error = await assertRejects(() => storage.deleteMany(names), AggregateError);
  assertEquals([error.errors.length, error.errors.at(-1).key], [1000, "999"]);
});
