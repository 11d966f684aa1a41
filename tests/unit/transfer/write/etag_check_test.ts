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

Deno.test("an equal ETag needs no reading, and it is not compared where the settings say so, and for Blobs over TLS", async () => {
  for (
    const options of [
      { requestChecksumCalculation: "when_required" },
      { endpointUrl: "http://localhost" }, // it is compared there, and equal
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

/** A server of plain HTTP that compares no checksum, and stores what `change` makes of the bodies of its PUT requests. */
function carelessServer(
  change: (body: Uint8Array<ArrayBuffer>, put: number) => void,
  etagOf = (body: Uint8Array) => encodeHex(md5(body)),
  headers: Record<string, string> = {},
): { storage: S3Storage; operations: string[]; stored: Map<string, Uint8Array<ArrayBuffer>> } {
  const stored = new Map<string, Uint8Array<ArrayBuffer>>();
  const operations: string[] = [];
  const parts = new Map<number, Uint8Array<ArrayBuffer>>();
  let puts = 0;
  const respond = (body: BodyInit | null, more: Record<string, string> = {}, status = 200): Response =>
    new Response(body, { status, headers: { "x-amz-request-id": "1", ...headers, ...more } });
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    const part = searchParams.get("partNumber");
    operations.push(part === null ? request.method : `${request.method} ${part}`);
    if (request.method === "POST" && searchParams.has("uploads")) {
      return respond("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
    }
    if (request.method === "POST") {
      const all = [...parts].toSorted(([one], [other]) => one - other).map(([, bytes]) => bytes);
      stored.set(pathname, await new Blob(all).bytes());
      return respond('<CompleteMultipartUploadResult><ETag>"e-2"</ETag></CompleteMultipartUploadResult>');
    }
    if (request.method === "DELETE") return respond(null, {}, 204);
    if (request.method === "PUT") {
      const body = await request.bytes();
      change(body, ++puts);
      if (part === null) stored.set(pathname, body);
      else parts.set(Number(part), body);
      return respond(null, { etag: `"${etagOf(body)}"` });
    }
    const bytes = stored.get(pathname)!;
    return respond(bytes, { etag: `"${etagOf(bytes)}"`, "content-length": String(bytes.length) });
  };
  const transferConfig = { multipartThreshold: 5 * MIB, partSize: 5 * MIB, maxConcurrency: 1 };
  const storage = new S3Storage({ ...KEYS, endpointUrl: "http://storage.example.com", transferConfig, fetch });
  return { storage, operations, stored };
}

const flip = (body: Uint8Array): void => void (body[body.length >> 1]! ^= 1);

Deno.test("over plain HTTP damaged bytes are detected though the server ignores their hash, those of a Blob too", async () => {
  for (const content of [SMALL, new Blob([SMALL]), new Blob([SMALL]).stream()]) {
    const { storage } = carelessServer(flip);
    await assertRejects(() => storage.save("a.bin", content), IntegrityError, "Checksum mismatch after writing");
  }
  const checked = carelessServer(flip).storage.with({ objectParameters: { ChecksumAlgorithm: "SHA256" } });
  await assertRejects(() => checked.save("a.bin", SMALL), IntegrityError);
});

Deno.test("over plain HTTP a damaged part is sent again", async () => {
  for (const content of [BYTES, new Blob([BYTES]), new Blob([BYTES]).stream()]) {
    const { storage, operations, stored } = carelessServer((body, put) => put === 1 && flip(body));
    await storage.save("a.bin", content);
    assertEquals(operations.toSorted(), ["POST", "POST", "PUT 1", "PUT 1", "PUT 2"]);
    assertEquals([...stored.values()], [BYTES]);
  }
});

Deno.test("over plain HTTP a part that is damaged twice throws, where ETags are known to be MD5s", async () => {
  const { storage, operations, stored } = carelessServer((body, put) => put > 2 && flip(body));
  await storage.save("small.bin", SMALL);
  await assertRejects(() => storage.save("a.bin", BYTES), IntegrityError, "Checksum mismatch after writing a part of");
  assertEquals(operations, ["PUT", "POST", "PUT 1", "PUT 2", "PUT 2", "DELETE"]);
  assertEquals(stored.size, 1);
  const damaging = carelessServer(flip).storage; // a damaged object shows it as well
  await assertRejects(() => damaging.save("small.bin", SMALL), IntegrityError);
  await assertRejects(() => damaging.save("a.bin", BYTES), IntegrityError);
});

Deno.test("parts are sent once where ETags are no MD5s, or are of encrypted bytes", async () => {
  const other = carelessServer(() => {}, () => "0".repeat(32));
  await other.storage.save("a.bin", BYTES);
  await other.storage.save("a.bin", BYTES);
  assertEquals(other.operations.filter((operation) => operation.startsWith("PUT")), [
    "PUT 1", // it is not known yet
    ...["PUT 1", "PUT 2"],
    ...["PUT 1", "PUT 2"],
  ]);
  const encrypted = carelessServer(() => {}, () => "0".repeat(32), { "x-amz-server-side-encryption": "aws:kms" });
  await encrypted.storage.save("a.bin", BYTES);
  assertEquals(encrypted.operations, ["POST", "PUT 1", "PUT 2", "POST"]);
});
