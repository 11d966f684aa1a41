/** Writes with a condition on the ETag of the existing file. */
import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError, NotSupportedError, PreconditionFailedError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { MemoryStorage, type SaveOptions, type Storage } from "../../../src/storage/mod.ts";
import { createS3Server, type S3Server } from "../../../src/testing/mod.ts";
import { patternBytes } from "../random.ts";
import { errorAnswer, networkError, withoutWaiting } from "../transport.ts";

const MIB = 1024 ** 2;
const LARGE = patternBytes(6 * MIB);

type Intercept = (request: Request, server: S3Server) => Response | undefined | Promise<Response | undefined>;

function s3On(
  intercept: Intercept = () => undefined,
  fileOverwrite = true,
  options: S3StorageOptions = {},
  unconditional: readonly string[] = [],
): { storage: S3Storage; server: S3Server } {
  const server = createS3Server({ buckets: ["bucket"], unconditional });
  const storage = new S3Storage({
    ...options,
    bucketName: "bucket",
    accessKey: "testkey",
    secretKey: "testsecret",
    transferConfig: { multipartThreshold: 5 * MIB, partSize: 5 * MIB },
    fileOverwrite,
    fetch: async (request) => await intercept(request, server) ?? await server.fetch(request),
  });
  return { storage, server };
}

async function write(storage: Storage, content: string | Uint8Array<ArrayBuffer>, options: SaveOptions): Promise<void> {
  await using file = await storage.open("a.bin", "wb", options);
  await file.write(content);
  await file.close();
}

const WAYS: Record<string, (storage: Storage, options: SaveOptions) => Promise<unknown>> = {
  "a small save": (storage, options) => storage.save("a.bin", "new", options),
  "a save in parts": (storage, options) => storage.save("a.bin", LARGE, options),
  "a small handle": (storage, options) => write(storage, "new", options),
  "a handle in parts": (storage, options) => write(storage, LARGE, options),
};

for (const [way, run] of Object.entries(WAYS)) {
  for (
    const [kind, make] of [
      ["S3", () => s3On().storage],
      ["S3 that does not overwrite", () => s3On(undefined, false).storage],
      ["memory", () => new MemoryStorage()],
    ] as const
  ) {
    Deno.test(`${way} to ${kind} with ifMatch replaces only a file with that ETag`, async () => {
      const storage = make();
      await storage.save("a.bin", "old");
      const { etag } = await storage.stat("a.bin");
      await assertRejects(() => run(storage, { ifMatch: '"another"' }), PreconditionFailedError);
      assertEquals(await storage.size("a.bin"), 3);
      await run(storage, { ifMatch: etag });
      const { etag: next } = await storage.stat("a.bin");
      await assertRejects(() => run(storage, { ifMatch: etag }), PreconditionFailedError);
      assertEquals((await storage.stat("a.bin")).etag, next);
      assertEquals(await storage.listdir(""), [[], ["a.bin"]]);
    });

    Deno.test(`${way} to ${kind} with ifNoneMatch "*" writes exactly this name, if it is free`, async () => {
      const storage = make();
      await run(storage, { ifNoneMatch: "*" });
      const { etag } = await storage.stat("a.bin");
      await assertRejects(() => run(storage, { ifNoneMatch: "*" }), PreconditionFailedError);
      assertEquals([(await storage.stat("a.bin")).etag, await storage.listdir("")], [etag, [[], ["a.bin"]]]);
    });
  }

  Deno.test(`${way} with ifMatch to a missing file fails`, async () => {
    const { storage, server } = s3On();
    await assertRejects(() => run(storage, { ifMatch: '"a"' }), NotFoundError);
    await assertRejects(() => run(new MemoryStorage(), { ifMatch: '"a"' }), PreconditionFailedError);
    assertEquals([server.objects("bucket"), server.openUploads("bucket")], [[], []]);
  });

  Deno.test(`${way} whose response is lost is resolved by the stored object`, async () => {
    let lost = false;
    const { storage } = s3On(async (request, server) => {
      if (lost || !request.headers.has("if-match")) return undefined;
      lost = true;
      await server.fetch(request);
      throw networkError();
    });
    await storage.save("a.bin", "old");
    const { etag } = await storage.stat("a.bin");
    await withoutWaiting(() => run(storage, { ifMatch: etag }));
    assertEquals([lost, (await storage.stat("a.bin")).etag === etag], [true, false]);
  });

  Deno.test(`${way} with a condition and onExisting "rename" is refused before any request`, async () => {
    const { storage, server } = s3On();
    for (const options of [{ ifMatch: '"a"' }, { ifNoneMatch: "*" as const }]) {
      await assertRejects(
        () => run(storage, { ...options, onExisting: "rename" }),
        TypeError,
        "cannot be combined with ifMatch or ifNoneMatch",
      );
    }
    assertEquals(server.requests, []);
  });
}

Deno.test("save() with a condition uses one request if the service ignores conditions on multipart uploads", async () => {
  const endpointUrl = "http://localhost";
  const { storage, server } = s3On(undefined, true, { endpointUrl }, ["CompleteMultipartUpload"]);
  await storage.save("a.bin", "old");
  await assertRejects(() => storage.save("a.bin", LARGE, { ifMatch: '"other"' }), PreconditionFailedError);
  assertEquals([(await storage.stat("a.bin")).size, server.openUploads("bucket")], [3, []]);
  await storage.save("a.bin", LARGE, { ifMatch: (await storage.stat("a.bin")).etag });
  assertEquals([server.objects("bucket")[0]?.size, server.requests.at(-1)?.operation], [LARGE.length, "PutObject"]);
});

Deno.test("save() with a condition fails on a service without conditional writes", async () => {
  const { storage } = s3On(({ headers }) => headers.has("if-match") ? errorAnswer(501, "NotImplemented") : undefined);
  await storage.save("a.bin", "old");
  const { etag } = await storage.stat("a.bin");
  await assertRejects(() => storage.save("a.bin", "new", { ifMatch: etag }), NotSupportedError);
});

Deno.test("save() sends ETags without quotes to a service that compares them so", async () => {
  const { storage, server } = s3On(({ headers, method }) => {
    const quoted = method === "PUT" && headers.get("if-match")?.includes('"');
    return quoted ? errorAnswer(412, "PreconditionFailed") : undefined;
  });
  await storage.save("a.bin", "old");
  const { etag } = await storage.stat("a.bin");
  await storage.save("a.bin", "newer", { ifMatch: etag });
  assertEquals(server.objects("bucket")[0]?.size, 5);
  await assertRejects(() => storage.save("a.bin", "old", { ifMatch: etag }), PreconditionFailedError);
  assertEquals(server.objects("bucket")[0]?.size, 5);
});
