/** MD5s that are sent with writes, and those that are ETags. */
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { IntegrityError } from "../../../../src/errors.ts";
import { encodeBase64, encodeHex } from "../../../../src/kit/bytes/bytes.ts";
import { md5 } from "../../../../src/kit/bytes/md5.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../../src/settings/options.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { patternBytes } from "../../random.ts";
import { withoutWaiting } from "../../transport.ts";

const MIB = 1024 ** 2;
const BYTES = patternBytes(6 * MIB);
const SMALL = BYTES.slice(0, 1000);

const KEYS = { bucketName: "bucket", accessKey: "testkey", secretKey: "testsecret" };

/** A response in place of the server's; `undefined` passes the request on. */
type Change = (request: Request) => Request | Response | undefined | Promise<Request | Response | undefined>;

/** A storage on an https endpoint without checksums, and the requests to its server. */
function storageOn(options: S3StorageOptions = {}, change: Change = () => undefined): {
  storage: S3Storage;
  server: ReturnType<typeof createS3Server>;
  md5s: (string | null)[];
} {
  const server = createS3Server({ buckets: ["bucket"] });
  const md5s: (string | null)[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    if (request.method === "PUT") md5s.push(request.headers.get("content-md5"));
    const changed = await change(request) ?? request;
    return changed instanceof Response ? changed : await server.fetch(changed);
  };
  const storage = new S3Storage({
    ...KEYS,
    endpointUrl: "https://storage.example.com",
    transferConfig: { multipartThreshold: 5 * MIB, partSize: 5 * MIB },
    fetch,
    ...options,
  });
  return { storage, server, md5s };
}

/** The request with one flipped bit in its body. */
async function flipped(request: Request): Promise<Request | undefined> {
  if (request.method !== "PUT") return undefined;
  const body = await request.bytes();
  body[body.length >> 1]! ^= 1;
  return new Request(request.url, { method: "PUT", headers: request.headers, body });
}

const base64Md5 = (bytes: Uint8Array): string => encodeBase64(md5(bytes));

Deno.test("ContentMD5 is sent with bytes, Blobs and streams, for each part its own", async () => {
  const { storage, md5s, server } = storageOn({ objectParameters: { ContentMD5: true } });
  for (const content of [SMALL, new Blob([SMALL]), new Blob([SMALL]).stream()]) await storage.save("a.bin", content);
  await storage.save("empty.bin", "");
  assertEquals(md5s.splice(0), [...Array(3).fill(base64Md5(SMALL)), base64Md5(new Uint8Array(0))]);
  for (const content of [BYTES, new Blob([BYTES]), new Blob([BYTES]).stream()]) {
    await storage.save("b.bin", content);
    const parts = [BYTES.subarray(0, 5 * MIB), BYTES.subarray(5 * MIB)];
    assertEquals(md5s.splice(0).toSorted(), parts.map(base64Md5).toSorted());
  }
  await storage.copy("a.bin", "c.bin");
  assertEquals(md5s, [null]);
  assertEquals(server.objects("bucket").map(({ key }) => key), ["a.bin", "b.bin", "c.bin", "empty.bin"]);
});

Deno.test("ContentMD5 and a checksum are sent together", async () => {
  const { storage, server, md5s } = storageOn({ objectParameters: { ContentMD5: true, ChecksumAlgorithm: "SHA256" } });
  await storage.save("a.bin", SMALL);
  await storage.save("b.bin", BYTES);
  assertEquals(md5s.includes(null), false);
  assertEquals(server.objects("bucket").length, 2);
});

Deno.test("with ContentMD5 damaged bytes are detected and sent again, and throw if they are always damaged", async () => {
  for (const content of [SMALL, BYTES]) {
    let left = 1;
    const once = storageOn({ objectParameters: { ContentMD5: true } }, (request) => {
      return request.method === "PUT" && left-- > 0 ? flipped(request) : undefined;
    });
    await withoutWaiting(() => once.storage.save("a.bin", content));
    assertEquals(once.server.objects("bucket")[0]!.bytes, content);
    const always = storageOn({ objectParameters: { ContentMD5: true } }, flipped);
    const error = await withoutWaiting(() =>
      assertRejects(() => always.storage.save("a.bin", content), IntegrityError)
    );
    assertMatch(error.message, /BadDigest: .* \(sent (\S{22}==), received (?!\1)\S{22}==\)$/);
    assertEquals([always.server.objects("bucket"), always.server.openUploads("bucket")], [[], []]);
  }
});

Deno.test("bytes that are stored damaged are detected by their ETag, and the error has both MD5s", async () => {
  const { storage } = storageOn({}, flipped);
  const error = await assertRejects(() => storage.save("a.bin", SMALL), IntegrityError);
  const damaged = SMALL.slice();
  damaged[500]! ^= 1;
  assertStringIncludes(error.message, encodeHex(md5(SMALL)));
  assertStringIncludes(error.message, encodeHex(md5(damaged)));
  const careful = storageOn({ fileOverwrite: false }, flipped);
  await assertRejects(() => careful.storage.save("a.bin", SMALL), IntegrityError);
});

Deno.test("the ETag is not compared where other checks apply, where the settings say so, and for Blobs", async () => {
  for (
    const options of [
      { requestChecksumCalculation: "when_required" },
      { endpointUrl: "http://localhost" }, // where the signature covers the body
    ] as S3StorageOptions[]
  ) {
    const { storage, server } = storageOn(options);
    await storage.save("a.bin", SMALL);
    assertEquals(server.requests.map(({ operation }) => operation), ["PutObject"]);
  }
  const { storage } = storageOn({ requestChecksumCalculation: "when_required" }, flipped);
  await storage.save("a.bin", SMALL);
  await storageOn({}, flipped).storage.save("a.bin", new Blob([SMALL]));
});

Deno.test("ETags that only look like MD5s are recognized once by the stored bytes", async () => {
  const answers = async (request: Request): Promise<Response> => {
    const response = await server.fetch(request);
    response.headers.set("etag", '"00000000000000000000000000000000"');
    return response;
  };
  const { storage, server } = storageOn({}, answers);
  for (let i = 0; i < 3; i++) await storage.save("a.bin", SMALL);
  const operations = server.requests.map(({ operation }) => operation);
  assertEquals(operations, ["PutObject", "GetObject", "PutObject", "PutObject"]);
});

Deno.test("a single wrong ETag does not throw, and the next one is compared again", async () => {
  let puts = 0;
  const { storage, server } = storageOn({}, async (request) => {
    if (request.method !== "PUT") return undefined;
    if (++puts > 1) return await flipped(request);
    const response = await server.fetch(request);
    response.headers.set("etag", '"00000000000000000000000000000000"');
    return response;
  });
  await storage.save("a.bin", SMALL);
  await assertRejects(() => storage.save("a.bin", SMALL), IntegrityError);
});

Deno.test("the ETag is not compared with KMS or SSE-C encryption, or if the object cannot be read", async () => {
  const told = (more: Record<string, string>, refuses = false): Change => (request) => {
    if (request.method !== "PUT") return refuses ? new Response(null, { status: 403 }) : undefined;
    return new Response(null, { headers: { etag: '"00000000000000000000000000000000"', ...more } });
  };
  for (
    const change of [
      told({ "x-amz-server-side-encryption": "aws:kms" }),
      told({ "x-amz-server-side-encryption": "aws:kms:dsse" }),
      told({ "x-amz-server-side-encryption-customer-algorithm": "AES256" }),
      told({}, true),
    ]
  ) await storageOn({}, change).storage.save("a.bin", SMALL);
});

Deno.test("a write that another one replaced does not throw for its bytes", async () => {
  const { storage, server } = storageOn({}, async (request) => {
    if (request.method !== "PUT") return undefined;
    const response = await server.fetch(request);
    response.headers.set("etag", '"00000000000000000000000000000000"');
    const other = new S3Storage({ ...KEYS, fetch: server.fetch });
    await other.save("a.bin", BYTES.slice(0, 10));
    return response;
  });
  await storage.save("a.bin", SMALL);
  assertEquals(server.objects("bucket")[0]!.size, 10);
});

Deno.test("a stored object with more bytes than were sent is detected without reading it", async () => {
  let taken = 0;
  const endless = (): ReadableStream<Uint8Array<ArrayBuffer>> =>
    new ReadableStream({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(64 * 1024));
        taken += 64 * 1024;
      },
    }, { highWaterMark: 0 });
  const etag = `"${"0".repeat(32)}"`;
  const { storage } = storageOn({}, ({ method }) => {
    if (method === "PUT") return new Response(null, { headers: { etag } });
    return new Response(endless(), { headers: { etag, "content-length": String(1024 ** 4) } });
  });
  const { message } = await assertRejects(() => storage.save("a.bin", SMALL), IntegrityError);
  assertStringIncludes(message, `sent 1000 bytes, stored ${1024 ** 4}`);
  assertEquals(taken, 0);
});
