/** Bytes that are read are compared with the reported checksum before the reader receives the last of them. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { IntegrityError } from "../../../src/errors.ts";
import { checksum } from "../../../src/runtime/hash/checksum.ts";
import { CHECKSUM_ALGORITHMS } from "../../../src/runtime/hash/checksum_algorithms.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { patternBytes } from "../random.ts";
import { withoutWaiting } from "../transport.ts";
import { type AnswerPlan, RangeServer } from "./range_server.ts";

const BYTES = patternBytes(1000);
const FLIPPED = BYTES.slice();
FLIPPED[500]! ^= 1;

type Plan = ConstructorParameters<typeof RangeServer>[1];

/** A server that reports the checksum of an object and sends these bytes. */
async function reporting(
  algorithm: (typeof CHECKSUM_ALGORITHMS)[number],
  given = BYTES,
  plan?: Plan,
): Promise<RangeServer> {
  const server = new RangeServer(given, plan);
  server.checksum = { [`x-amz-checksum-${algorithm.toLowerCase()}`]: await checksum(algorithm, BYTES) };
  return server;
}

function storageOn(server: Pick<RangeServer, "fetch">, options: S3StorageOptions = {}): S3Storage {
  return new S3Storage({
    bucketName: "bucket",
    accessKey: "AKID",
    secretKey: "secret",
    fetch: server.fetch,
    ...options,
  });
}

/** Every way to read a whole object. */
const WAYS: Readonly<Record<string, (storage: S3Storage) => Promise<Uint8Array>>> = {
  "bytes()": async (storage) => await (await storage.open("a.bin", "rb")).bytes(),
  "read(size)": async (storage) => {
    await using file = await storage.open("a.bin", "rb");
    return await file.read(file.size);
  },
  "a spooled file": async (storage) => {
    await using file = await storage.open("a.bin", "rb", { spool: true });
    return await file.bytes();
  },
  readable: async (storage) => await new Response((await storage.open("a.bin", "rb")).readable).bytes(),
  download: async (storage) => await new Response(await storage.download("a.bin", { partSize: 300 })).bytes(),
  "a download by one request": async (storage) =>
    await new Response(await storage.download("a.bin", { maxConcurrency: 1 })).bytes(),
};

for (const algorithm of CHECKSUM_ALGORITHMS) {
  for (const [way, read] of Object.entries(WAYS)) {
    Deno.test(`${way} returns bytes with the ${algorithm} that S3 reports, and throws before the end of others`, async () => {
      const right = await reporting(algorithm);
      assertEquals(await read(storageOn(right)), BYTES);
      const wrong = await reporting(algorithm, FLIPPED);
      const error = await assertRejects(() => read(storageOn(wrong)), IntegrityError);
      const [stored, received] = [await checksum(algorithm, BYTES), await checksum(algorithm, FLIPPED)];
      assertStringIncludes(error.message, `received ${algorithm} ${received}, stored ${algorithm} ${stored}`);
      assertEquals([error.operation, error.bucket, error.key], ["GetObject", "bucket", "a.bin"]);
      assertEquals([right.openBodies, wrong.openBodies], [0, 0]);
    });
  }
}

Deno.test("SHA512 and MD5, which other programs store, are compared too, and XXHASH checksums are not", async () => {
  for (const [name, hash] of [["sha512", "sha512"], ["md5", "md5"]] as const) {
    for (const read of Object.values(WAYS)) {
      const server = new RangeServer(BYTES);
      server.checksum = { [`x-amz-checksum-${name}`]: createHash(hash).update(BYTES).digest("base64") };
      assertEquals(await read(storageOn(server)), BYTES);
      server.bytes = FLIPPED;
      await assertRejects(() => read(storageOn(server)), IntegrityError, `stored ${name.toUpperCase()} `);
    }
  }
  for (const name of ["xxhash64", "xxhash3", "xxhash128"]) {
    const server = new RangeServer(BYTES);
    server.checksum = { [`x-amz-checksum-${name}`]: "AAAAAAAAAAA=" };
    for (const read of Object.values(WAYS)) assertEquals(await read(storageOn(server)), BYTES);
  }
});

Deno.test("the bytes before a checksum mismatch are never complete", async () => {
  for (const options of [{}, { partSize: 300 }]) {
    const server = await reporting("CRC32", FLIPPED);
    let bytes = 0;
    const reading = (await storageOn(server).download("a.bin", options)).pipeTo(
      new WritableStream({ write: (chunk) => void (bytes += chunk.byteLength) }),
    );
    await assertRejects(() => reading, IntegrityError);
    assert(bytes < BYTES.byteLength, `${bytes} bytes`);
  }
});

Deno.test("bytes from several connections are checked together", async () => {
  const breaks = (request: number): AnswerPlan | undefined => [{ breakAfter: 137 }, { breakAfter: 300 }][request];
  for (const read of [WAYS["bytes()"]!, WAYS["readable"]!, WAYS["download"]!]) {
    await withoutWaiting(async () => {
      assertEquals(await read(storageOn(await reporting("CRC64NVME", BYTES, breaks))), BYTES);
      const wrong = storageOn(await reporting("CRC64NVME", FLIPPED, breaks));
      await assertRejects(() => read(wrong), IntegrityError, "CRC64NVME");
    });
  }
});

Deno.test("a connection that breaks at the end does not hide damaged bytes", async () => {
  for (const how of ["fail", "end", "stall"] as const) {
    const server = await reporting("CRC32", FLIPPED, () => ({ breakAfter: 1000, how }));
    const storage = storageOn(server, { clientConfig: { timeout: 0.02 } });
    await assertRejects(() => WAYS["bytes()"]!(storage), IntegrityError);
  }
});

Deno.test("ranges, and checksums of parts, are not checked", async () => {
  const server = await reporting("CRC32", FLIPPED);
  const file = await storageOn(server).open("a.bin", "rb");
  await file.seek(1);
  assertEquals(await file.bytes(), FLIPPED.subarray(1));
  for (
    const headers of [
      { "x-amz-checksum-crc32": "DUoRhQ==-3" },
      { "x-amz-checksum-sha256": "DUoRhQ==", "x-amz-checksum-type": "COMPOSITE" },
    ]
  ) {
    server.checksum = headers;
    for (const read of Object.values(WAYS)) assertEquals(await read(storageOn(server)), FLIPPED);
  }
});

Deno.test("checksums are requested from AWS, or by the settings, and checked even if not requested", async () => {
  const endpointUrl = "https://storage.example.com";
  const asks = async (options: S3StorageOptions, told = false): Promise<[asked: boolean, compared: boolean]> => {
    const server = await reporting("CRC32", FLIPPED);
    let asked = false;
    const fetch = async (request: Request): Promise<Response> => {
      asked ||= request.headers.has("x-amz-checksum-mode");
      const response = await server.fetch(request);
      if (told) response.headers.set("x-amz-checksum-crc32", server.checksum["x-amz-checksum-crc32"]!);
      return response;
    };
    const failure = await WAYS["bytes()"]!(storageOn({ fetch }, options)).then(() => undefined, (error) => error);
    return [asked, failure instanceof IntegrityError];
  };
  const required = { responseChecksumValidation: "when_required" } as const;
  assertEquals(await asks({}), [true, true]);
  assertEquals(await asks({ endpointUrl: "https://s3.eu-west-1.amazonaws.com" }), [true, true]);
  assertEquals(await asks({ endpointUrl }), [false, false]);
  assertEquals(await asks({ endpointUrl }, true), [false, true]);
  assertEquals(await asks({ endpointUrl, responseChecksumValidation: "when_supported" }), [true, true]);
  assertEquals(await asks(required), [false, false]);
  assertEquals(await asks(required, true), [false, false]);
  assertEquals(await asks({ ...required, objectParameters: { ChecksumMode: "ENABLED" } }), [true, true]);
});

Deno.test("a download in ranges requests the checksum of the whole once, while the bytes arrive", async () => {
  const server = await reporting("CRC32");
  await WAYS["download"]!(storageOn(server));
  assertEquals(server.headCount, 1);
  await WAYS["download"]!(storageOn(server, { responseChecksumValidation: "when_required" }));
  await WAYS["a download by one request"]!(storageOn(server));
  assertEquals(server.headCount, 1);
});

Deno.test("the stored bytes of a decompressed file are checked", async () => {
  const server = createS3Server({ buckets: ["bucket"] });
  let flips = false;
  const fetch = async (request: Request): Promise<Response> => {
    const response = await server.fetch(request);
    if (request.method !== "GET" || !flips) return response;
    const bytes = await response.bytes();
    bytes[4]! ^= 1; // the time in gzip's header, which no other check covers
    return new Response(bytes, response);
  };
  const storage = new S3Storage({
    bucketName: "bucket",
    accessKey: "testkey",
    secretKey: "testsecret",
    gzip: true,
    fetch,
  });
  await storage.save("a.css", "body { color: red }");
  assertEquals(await (await storage.open("a.css")).text(), "body { color: red }");
  flips = true;
  await assertRejects(() => storage.open("a.css").then((file) => file.text()), IntegrityError, "CRC32");
});
