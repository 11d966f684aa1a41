/** Over plain HTTP, bytes are compared with an ETag that is their MD5, and no right bytes are refused. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { ConnectionError, IntegrityError, PreconditionFailedError, type StorageError } from "../../../../src/errors.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../../src/settings/options.ts";
import { patternBytes } from "../../random.ts";
import { withoutWaiting } from "../../transport.ts";
import { type AnswerPlan, RangeServer } from "../range_server.ts";

const PLAIN = "http://storage.example.com";

const md5Of = (bytes: Uint8Array): string => `"${createHash("md5").update(bytes).digest("hex")}"`;

type Damage = (bytes: Uint8Array<ArrayBuffer>, request: number) => void;

/** A server whose objects have these ETags, and what happens to the bytes of its responses on the way. */
function serverOf(bytes: Uint8Array<ArrayBuffer>, { etag = md5Of(bytes), damage, headers = {}, plan }: {
  readonly etag?: string;
  readonly damage?: Damage | undefined;
  readonly headers?: Record<string, string>;
  readonly plan?: (request: number, start: number) => AnswerPlan | void;
} = {}): RangeServer & { readonly requestCount: () => number } {
  const server = new RangeServer(bytes, plan ?? (() => ({ headers })));
  server.etag = etag;
  let count = 0;
  const fetch = async (request: Request): Promise<Response> => {
    const number = count++;
    const response = await server.fetch(request);
    if (damage === undefined || !response.ok || request.method === "HEAD") return response;
    const body = await response.bytes();
    damage(body, number);
    return new Response(body, response);
  };
  return Object.assign(Object.create(server), { fetch, requestCount: () => count });
}

function storageOn(server: Pick<RangeServer, "fetch">, options: S3StorageOptions = {}): S3Storage {
  return new S3Storage({
    bucketName: "bucket",
    accessKey: "AKID",
    secretKey: "secret",
    endpointUrl: PLAIN,
    fetch: server.fetch,
    ...options,
  });
}

/** Every way to read a whole object. */
const WAYS: Readonly<Record<string, (storage: S3Storage) => Promise<Uint8Array>>> = {
  "bytes()": async (storage) => await (await storage.open("a.bin", "rb")).bytes(),
  readable: async (storage) => await new Response((await storage.open("a.bin", "rb")).readable).bytes(),
  download: async (storage) => await new Response(await storage.download("a.bin", { partSize: 300 })).bytes(),
  "a download by one request": async (storage) =>
    await new Response(await storage.download("a.bin", { maxConcurrency: 1 })).bytes(),
};

const BYTES = patternBytes(1000);

const flip = (at: (length: number, request: number) => number): Damage => (bytes, request) => {
  if (bytes.length > 0) bytes[at(bytes.length, request)]! ^= 1;
};

/** Damages of every response, by the position of the byte. */
const DAMAGES: Readonly<Record<string, Damage>> = {
  "the first byte": flip(() => 0),
  "the last byte": flip((length) => length - 1),
  "the middle byte": flip((length) => length >> 1),
  "another byte each time": flip((length, request) => (request * 7) % length),
};

for (const [way, read] of Object.entries(WAYS)) {
  Deno.test(`${way} over plain HTTP throws before the end of bytes that differ from the ETag`, async () => {
    for (const [name, damage] of Object.entries(DAMAGES)) {
      const server = serverOf(BYTES, { damage });
      const error = await assertRejects(() => read(storageOn(server)), IntegrityError, undefined, name);
      assertStringIncludes(error.message, `stored MD5 ${md5Of(BYTES).slice(1, -1)}`);
      assertEquals([error.operation, error.bucket, error.key], ["GetObject", "bucket", "a.bin"]);
    }
    const once = serverOf(BYTES, { damage: (bytes, request) => request === 0 && flip(() => 5)(bytes, 0) });
    await assertRejects(() => read(storageOn(once)), IntegrityError);
  });

  Deno.test(`${way} returns bytes whose ETag only looks like an MD5`, async () => {
    const server = serverOf(BYTES, { etag: `"${"ab".repeat(16)}"` });
    const storage = storageOn(server);
    assertEquals(await read(storage), BYTES);
    const once = server.requestCount();
    assertEquals(await read(storage), BYTES); // the service is known now
    assert(server.requestCount() - once <= once, "the object was read twice again");
    const whole = serverOf(BYTES, { etag: `"${"ab".repeat(16)}"`, plan: () => ({ ignoresRange: true }) });
    assertEquals(await read(storageOn(whole)), BYTES);
  });
}

Deno.test("short objects are compared too", async () => {
  for (const length of [0, 1, 2, 3]) {
    const bytes = patternBytes(length);
    const right = serverOf(bytes);
    assertEquals(await WAYS["bytes()"]!(storageOn(right)), bytes);
    assertEquals(right.requestCount(), 1);
    const odd = serverOf(bytes, { etag: `"${"ab".repeat(16)}"` });
    assertEquals(await WAYS["bytes()"]!(storageOn(odd)), bytes);
    if (length < 2) continue;
    const server = serverOf(bytes, { damage: DAMAGES["the first byte"] });
    await assertRejects(() => WAYS["bytes()"]!(storageOn(server)), IntegrityError);
  }
});

Deno.test("an object with another ETag does not end the comparison for a service whose ETags are MD5s", async () => {
  const server = serverOf(BYTES);
  const storage = storageOn(server);
  const read = WAYS["bytes()"]!;
  await read(storage);
  Object.getPrototypeOf(server).etag = `"${"ab".repeat(16)}"`;
  assertEquals(await read(storage), BYTES);
  Object.getPrototypeOf(server).etag = md5Of(patternBytes(999));
  Object.getPrototypeOf(server).bytes = patternBytes(998);
  assertEquals(await read(storage), patternBytes(998)); // it is read twice, with the same bytes
});

Deno.test("ETags are not compared with TLS, on AWS, for encrypted objects, for parts and if the settings say so", async () => {
  const damage = flip(() => 0);
  const unchecked: [S3StorageOptions, Parameters<typeof serverOf>[1]][] = [
    [{ endpointUrl: "https://storage.example.com" }, {}],
    [{ endpointUrl: "http://s3.eu-west-1.amazonaws.com" }, {}],
    [{ responseChecksumValidation: "when_required" }, {}],
    [{}, { headers: { "x-amz-server-side-encryption": "aws:kms" } }],
    [{}, { headers: { "x-amz-server-side-encryption": "aws:kms:dsse" } }],
    [{}, { headers: { "x-amz-server-side-encryption-customer-algorithm": "AES256" } }],
    [{}, { etag: `${md5Of(BYTES).slice(0, -1)}-1"` }],
    [{}, { etag: `W/${md5Of(BYTES)}` }],
  ];
  for (const [options, answers] of unchecked) {
    const server = serverOf(BYTES, { ...answers, damage });
    const read = await WAYS["bytes()"]!(storageOn(server, options));
    assertEquals([read.byteLength, server.requestCount()], [1000, 1], JSON.stringify([options, answers]));
  }
  const managed = serverOf(BYTES, { headers: { "x-amz-server-side-encryption": "AES256" }, damage });
  await assertRejects(() => WAYS["bytes()"]!(storageOn(managed)), IntegrityError);
  const bare = serverOf(BYTES, {
    etag: md5Of(BYTES).slice(1, -1),
    damage,
    plan: () => ({ ignoresCondition: true }),
  });
  await assertRejects(() => WAYS["bytes()"]!(storageOn(bare)), IntegrityError);
});

Deno.test("a checksum of the service is compared in place of the ETag, and ranges are not", async () => {
  const server = serverOf(BYTES, { etag: `"${"ab".repeat(16)}"`, headers: { "x-amz-checksum-crc32": "AAAAAA==" } });
  await assertRejects(() => WAYS["bytes()"]!(storageOn(server)), IntegrityError, "CRC32");
  const damaged = serverOf(BYTES, { damage: flip(() => 0) });
  const file = await storageOn(damaged).open("a.bin", "rb", { start: 10, end: 20 });
  assertEquals((await file.bytes()).byteLength, 10);
  assertEquals(damaged.requestCount(), 1);
});

for (const [way, read] of Object.entries(WAYS)) {
  Deno.test(`${way} fails with the error of the second read if the object cannot be read again`, async () => {
    const failures: [AnswerPlan, new (message: string) => StorageError][] = [
      [{ instead: new TypeError("connection reset") }, ConnectionError],
      [{ instead: new Response(null, { status: 412 }) }, PreconditionFailedError],
    ];
    for (const [again, kind] of failures) {
      const read0 = new Set([0]);
      const server = serverOf(BYTES, {
        etag: `"${"ab".repeat(16)}"`,
        plan: (_, start) => read0.delete(start) ? {} : again,
      });
      const reading = withoutWaiting(() => read(storageOn(server, { clientConfig: { maxNetworkAttempts: 2 } })));
      await assertRejects(() => reading, kind, undefined, kind.name);
    }
  });
}

Deno.test("bytes from several connections are compared with the ETag together", async () => {
  const plan = (request: number): AnswerPlan | undefined => [{ breakAfter: 137 }, { breakAfter: 300 }][request];
  for (const way of ["bytes()", "readable"]) {
    await withoutWaiting(async () => {
      const server = serverOf(BYTES, { plan });
      assertEquals(await WAYS[way]!(storageOn(server)), BYTES);
      assertEquals(server.requestCount(), 3);
    });
  }
});
