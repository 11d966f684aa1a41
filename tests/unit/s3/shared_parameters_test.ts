/** Which request carries which parameter, as a server sees it. Source: the S3 API. */
import { assertEquals, assertRejects } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { ObjectParameters, S3StorageOptions } from "../../../src/settings/options.ts";
import { createS3Server } from "../../../src/testing/mod.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const MEBIBYTE = 1024 * 1024;

/** The compared headers, by the operations that take them. */
const ALL = ["x-amz-expected-bucket-owner", "x-amz-request-payer"];
const WITH_KEY = [
  ...ALL,
  ...["algorithm", "key", "key-md5"].map((name) => `x-amz-server-side-encryption-customer-${name}`),
];
const READ = [...WITH_KEY, "x-amz-checksum-mode"].toSorted();
const SOURCE = ["algorithm", "key", "key-md5"].map((name) =>
  `x-amz-copy-source-server-side-encryption-customer-${name}`
);

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  PutObject: [...WITH_KEY, "x-amz-server-side-encryption-bucket-key-enabled"].toSorted(),
  CreateMultipartUpload: [...WITH_KEY, "x-amz-server-side-encryption-bucket-key-enabled"].toSorted(),
  UploadPart: WITH_KEY,
  CompleteMultipartUpload: WITH_KEY,
  AbortMultipartUpload: ALL,
  CopyObject: [...SOURCE, ...WITH_KEY, "x-amz-server-side-encryption-bucket-key-enabled"].toSorted(),
  GetObject: READ,
  GetObjectAcl: ALL,
  HeadObject: READ,
  DeleteObject: ALL,
  DeleteObjects: ALL,
  ListMultipartUploads: ALL,
  ListObjectsV2: ALL,
};

const PARAMETERS: ObjectParameters = {
  SSECustomerKey: KEY,
  RequestPayer: "requester",
  ExpectedBucketOwner: "111122223333",
  ChecksumMode: "ENABLED",
  BucketKeyEnabled: true,
};

/** A server, and the compared headers of each operation. */
function watched(): { options: S3StorageOptions; headersOf: Map<string, Set<string>>; queries: string[] } {
  const server = createS3Server({ buckets: ["bucket"] });
  const headersOf = new Map<string, Set<string>>();
  const queries: string[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const names = [...request.headers.keys()].filter((name) =>
      /customer|encryption|payer|owner|checksum-mode/.test(name)
    );
    const response = await server.fetch(request);
    // Not the last one: another request may have ended in between.
    const { method } = request;
    const { pathname } = new URL(request.url);
    const { operation } = server.requests.findLast((seen) => seen.method === method && seen.path === pathname)!;
    headersOf.set(operation!, (headersOf.get(operation!) ?? new Set()).union(new Set([names.toSorted().join("\n")])));
    const source = /\?versionId=(.*)/.exec(request.headers.get("x-amz-copy-source") ?? "")?.[1];
    const version = new URL(request.url).searchParams.get("versionId") ?? "-";
    queries.push([operation, version, source].filter((part) => part !== undefined).join(" "));
    return response;
  };
  const options: S3StorageOptions = {
    bucketName: "bucket",
    accessKey: "testkey",
    secretKey: "testsecret",
    fetch,
    responseChecksumValidation: "when_required",
    transferConfig: { multipartThreshold: 5 * MEBIBYTE, partSize: 5 * MEBIBYTE, maxConcurrency: 1 },
  };
  return { options, headersOf, queries };
}

async function everyOperation(storage: S3Storage): Promise<void> {
  const large = new Uint8Array(6 * MEBIBYTE);
  await storage.save("a.txt", "hello");
  await storage.save("large.bin", large);
  await storage.save("large.bin", new Blob([large]), { onExisting: "rename" });
  const file = await storage.open("large.bin", "rb");
  await file.seek(MEBIBYTE);
  await file.read(1);
  await file.close();
  await storage.stat("a.txt");
  await storage.size("a.txt");
  await storage.exists("a.txt");
  await storage.copy("a.txt", "b.txt");
  await storage.listdir("");
  const writer = await storage.open("c.bin", "wb");
  await writer.write(large);
  await writer.abort();
  await storage.delete("a.txt");
  await storage.deleteMany(["b.txt", "large.bin"]);
}

for (const how of ["by objectParameters", "by getObjectParameters"] as const) {
  Deno.test(`every operation sends the parameters that it takes, ${how}, and no others`, async () => {
    const { options, headersOf } = watched();
    class Own extends S3Storage {
      override getObjectParameters(): ObjectParameters {
        return PARAMETERS;
      }
    }
    const given = how === "by objectParameters" ? PARAMETERS : {};
    const storage = given === PARAMETERS ? new S3Storage({ ...options, objectParameters: given }) : new Own(options);
    await everyOperation(storage);
    const expected = given === PARAMETERS ? EXPECTED : { ...EXPECTED, ListObjectsV2: [] };
    assertEquals(
      Object.fromEntries([...headersOf].map(([operation, sets]) => [operation, [...sets]]).toSorted()),
      Object.fromEntries(Object.entries(expected).map(([name, names]) => [name, [names.join("\n")]]).toSorted()),
    );
  });
}

Deno.test("no operation sends parameters if none are configured", async () => {
  const { options, headersOf } = watched();
  await everyOperation(new S3Storage(options));
  assertEquals([...headersOf.values()].flatMap((sets) => [...sets]).filter((names) => names !== ""), []);
});

Deno.test("VersionId is sent with reads, also of the source of a copy, and never with writes", async () => {
  const { options, queries } = watched();
  await new S3Storage(options).save("a.txt", "hello");
  class Versioned extends S3Storage {
    override getObjectParameters(name: string): ObjectParameters {
      return name === "a.txt" ? { VersionId: "null" } : {};
    }
  }
  const storage = new Versioned(options);
  assertEquals(await (await storage.open("a.txt")).text(), "hello");
  assertEquals(await storage.size("a.txt"), 5);
  await storage.copy("a.txt", "b.txt");
  await storage.delete("b.txt");
  const copied = ["HeadObject null", "GetObjectAcl null", "CopyObject - null"];
  assertEquals(queries, ["PutObject -", "GetObject null", "HeadObject null", ...copied, "DeleteObject -"]);
  const before = queries.length;
  for (const write of [() => storage.save("a.txt", "x"), () => storage.copy("b.txt", "a.txt")]) {
    await assertRejects(write as () => Promise<unknown>, ConfigurationError, "VersionId is for reading");
  }
  await assertRejects(() => storage.open("a.txt", "w"), ConfigurationError, "VersionId is for reading");
  assertEquals(queries.length, before);
  const missing = new S3Storage({ ...options, objectParameters: { VersionId: "v+1/ x" } });
  await assertRejects(() => missing.open("a.txt"));
  assertEquals(queries.at(-1), "GetObject v+1/ x");
});

Deno.test("uploads to AWS carry a checksum, uploads to other services only if it is configured", async () => {
  const server = createS3Server({ buckets: ["bucket"] });
  const sent: (string | null)[] = [];
  const fetch = (request: Request): Promise<Response> => {
    sent.push(request.headers.get("x-amz-checksum-crc32"));
    return server.fetch(request);
  };
  const options = { bucketName: "bucket", accessKey: "testkey", secretKey: "testsecret", fetch };
  const endpointUrl = "http://localhost";
  for (
    const more of [
      {},
      { endpointUrl },
      { endpointUrl, requestChecksumCalculation: "when_supported" },
      { requestChecksumCalculation: "when_required" },
    ] as const
  ) {
    await new S3Storage({ ...options, ...more }).save("a.txt", "123456789");
  }
  assertEquals(sent, ["y/Q5Jg==", null, "y/Q5Jg==", null]);
});
