import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { parameterHeaders, sharedParameters, uploadChecksum } from "../../../src/s3/object_parameters.ts";
import type { ObjectParameters, S3StorageOptions } from "../../../src/settings/options.ts";
import { resolveSettings } from "../../../src/settings/resolve.ts";

const DATE = new Date("2026-01-31T12:00:00.500Z");

const KEY = "0123456789abcdef0123456789abcdef";
const KEY_HEADERS = {
  "x-amz-server-side-encryption-customer-algorithm": "AES256",
  "x-amz-server-side-encryption-customer-key": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
};

/** Kinds of operations, by their names in the table; by default, writes take a parameter. */
type Kind = "all" | "part" | "read" | "write";
const EVERY: readonly Kind[] = ["all", "part", "read", "write"];
const WITH_BYTES: readonly Kind[] = ["part", "read", "write"];

/** One row for each parameter: a new parameter without a row does not compile. */
const ROWS: {
  readonly [K in keyof Required<ObjectParameters>]: readonly [
    ObjectParameters[K],
    Record<string, string>,
    (readonly Kind[])?,
  ];
} = {
  ACL: ["public-read", { "x-amz-acl": "public-read" }],
  BucketKeyEnabled: [true, { "x-amz-server-side-encryption-bucket-key-enabled": "true" }],
  CacheControl: ["max-age=86400", { "cache-control": "max-age=86400" }],
  ChecksumAlgorithm: ["CRC32C", { "x-amz-checksum-algorithm": "CRC32C" }],
  ChecksumMode: ["ENABLED", { "x-amz-checksum-mode": "ENABLED" }, ["read"]],
  ContentDisposition: ["inline", { "content-disposition": "inline" }],
  ContentEncoding: ["gzip", { "content-encoding": "gzip" }],
  ContentLanguage: ["de", { "content-language": "de" }],
  ContentMD5: [true, {}],
  ContentType: ["text/plain", { "content-type": "text/plain" }],
  ExpectedBucketOwner: ["123", { "x-amz-expected-bucket-owner": "123" }, EVERY],
  Expires: [DATE, { expires: "Sat, 31 Jan 2026 12:00:00 GMT" }],
  GrantFullControl: ["id=1", { "x-amz-grant-full-control": "id=1" }],
  GrantRead: ["id=1", { "x-amz-grant-read": "id=1" }],
  GrantReadACP: ["id=1", { "x-amz-grant-read-acp": "id=1" }],
  GrantWriteACP: ["id=1", { "x-amz-grant-write-acp": "id=1" }],
  Metadata: [{ Owner: "ada", "b-c": "" }, { "x-amz-meta-owner": "ada", "x-amz-meta-b-c": "" }],
  ObjectLockLegalHoldStatus: ["ON", { "x-amz-object-lock-legal-hold": "ON" }],
  ObjectLockMode: ["GOVERNANCE", { "x-amz-object-lock-mode": "GOVERNANCE" }],
  ObjectLockRetainUntilDate: [DATE, { "x-amz-object-lock-retain-until-date": "2026-01-31T12:00:00.500Z" }],
  RequestPayer: ["requester", { "x-amz-request-payer": "requester" }, EVERY],
  ServerSideEncryption: ["AES256", { "x-amz-server-side-encryption": "AES256" }],
  SSECustomerAlgorithm: ["AES256", { "x-amz-server-side-encryption-customer-algorithm": "AES256" }, WITH_BYTES],
  SSECustomerKey: [KEY, KEY_HEADERS, WITH_BYTES],
  SSECustomerKeyMD5: ["bWQ1", { "x-amz-server-side-encryption-customer-key-md5": "bWQ1" }, WITH_BYTES],
  SSEKMSEncryptionContext: ["e30=", { "x-amz-server-side-encryption-context": "e30=" }],
  SSEKMSKeyId: ["key", { "x-amz-server-side-encryption-aws-kms-key-id": "key" }],
  StorageClass: ["STANDARD_IA", { "x-amz-storage-class": "STANDARD_IA" }],
  Tagging: ["team=web&stage=live", { "x-amz-tagging": "team=web&stage=live" }],
  VersionId: ["v1", { versionId: "v1" }, ["read"]],
  WebsiteRedirectLocation: ["/b", { "x-amz-website-redirect-location": "/b" }],
};

for (const [name, [value, headers, kinds = ["write"]]] of Object.entries(ROWS)) {
  Deno.test(`parameterHeaders() sends ${name} as ${Object.keys(headers).join(", ")} for ${kinds.join(", ")}`, () => {
    for (const kind of EVERY) {
      assertEquals(parameterHeaders({ [name]: value }, kind), kinds.includes(kind) ? headers : {}, kind);
      assertEquals(parameterHeaders({ [name]: undefined }, kind), {});
    }
    assertEquals(parameterHeaders({ [name]: value }), kinds.includes("write") ? headers : {});
  });

  for (const wrong of [null, 5, true, [], Symbol("s"), Object.create(null)]) {
    if (name === "Metadata" && typeof wrong === "object" && wrong !== null) continue;
    if (/^(BucketKeyEnabled|ContentMD5)$/.test(name) && wrong === true) continue;
    Deno.test(`the parameter ${name} refuses ${Deno.inspect(wrong)} by its name`, () => {
      assertThrows(() => parameterHeaders({ [name]: wrong }), ConfigurationError, `${name} must be`);
    });
  }
}

Deno.test("parameterHeaders() accepts dates as text", () => {
  assertEquals(parameterHeaders({ Expires: "Sat, 31 Jan 2026 12:00:00 GMT" }), {
    expires: "Sat, 31 Jan 2026 12:00:00 GMT",
  });
});

Deno.test("parameterHeaders() refuses an invalid date", () => {
  for (const name of ["Expires", "ObjectLockRetainUntilDate"]) {
    assertThrows(() => parameterHeaders({ [name]: new Date(NaN) }), ConfigurationError, `${name} must be`);
  }
});

Deno.test("parameterHeaders() refuses a date where text is expected", () => {
  assertThrows(
    () => parameterHeaders({ CacheControl: DATE as unknown as string }),
    ConfigurationError,
    "CacheControl must be",
  );
});

for (
  const [given, meant] of [["cacheControl", "CacheControl"], ["cache-control", "CacheControl"], ["Acl", "ACL"], [
    "StorageClas",
    "StorageClass",
  ]]
) {
  Deno.test(`parameterHeaders() refuses ${given}, and suggests ${meant}`, () => {
    const error = assertThrows(() => parameterHeaders({ [given!]: "x" }), ConfigurationError);
    assertStringIncludes(error.message, `Unknown object parameter '${given}'. Did you mean ${meant}?`);
  });
}

for (const name of ["Foo", "IfNoneMatch", "constructor", "toString", "Key", "Bucket", "Body"]) {
  Deno.test(`parameterHeaders() refuses ${name}`, () => {
    assertThrows(
      () => parameterHeaders({ [name]: "x" }),
      ConfigurationError,
      `Unknown object parameter '${name}'.`,
    );
  });
}

for (const value of ["ñ", "a\nb", "\u0000", "\u007f", 5, null, {}]) {
  Deno.test(`parameterHeaders() names the metadata with the value ${Deno.inspect(value)}`, () => {
    const parameters = { Metadata: { owner: value as string } };
    assertThrows(
      () => parameterHeaders(parameters),
      ConfigurationError,
      "Metadata.owner must be text in printable ASCII",
    );
  });
}

for (const metadata of [null, "owner=ada", ["ada"]]) {
  Deno.test(`parameterHeaders() refuses ${Deno.inspect(metadata)} as Metadata`, () => {
    const parameters = { Metadata: metadata as unknown as Record<string, string> };
    assertThrows(() => parameterHeaders(parameters), ConfigurationError, "Metadata must be an object of strings");
  });
}

for (const name of ["", "a b", "ñ", "a:b", "a\n"]) {
  Deno.test(`parameterHeaders() refuses ${JSON.stringify(name)} as a name in Metadata`, () => {
    assertThrows(() => parameterHeaders({ Metadata: { [name]: "x" } }), ConfigurationError, "Each name in Metadata");
  });
}

Deno.test("parameterHeaders() names the parameter whose text a header cannot carry", () => {
  for (
    const [name, value] of [["ContentDisposition", 'attachment; filename="ñ"'], [
      "CacheControl",
      "a\r\nx-amz-acl: public-read",
    ]]
  ) {
    assertThrows(() => parameterHeaders({ [name!]: value }), ConfigurationError, `${name} must be`);
  }
});

Deno.test("parameterHeaders() takes SSECustomerKey as 32 bytes or text of 32 bytes, and never shows it in errors", () => {
  const bytes = new TextEncoder().encode(KEY);
  assertEquals(parameterHeaders({ SSECustomerKey: bytes }), KEY_HEADERS);
  assertEquals(parameterHeaders({ SSECustomerKey: KEY, SSECustomerAlgorithm: "other" }), {
    ...KEY_HEADERS,
    "x-amz-server-side-encryption-customer-algorithm": "other",
  });
  for (const wrong of [KEY.slice(1), btoa(KEY), `${KEY.slice(1)}ñ`, bytes.slice(1), "", new Uint8Array(0)]) {
    const error = assertThrows(() => parameterHeaders({ SSECustomerKey: wrong }), ConfigurationError);
    assertStringIncludes(
      error.message,
      "SSECustomerKey must be the key itself, as 32 bytes or a string of that length",
    );
    assertEquals(/0123|MDEy/.test(error.message), false, error.message);
  }
});

Deno.test("sharedParameters() groups headers by operation, and returns the version apart", () => {
  const parameters = {
    RequestPayer: "requester",
    SSECustomerKeyMD5: "m",
    VersionId: "v",
    ChecksumMode: "ENABLED",
    ACL: "a",
  };
  const payer = { "x-amz-request-payer": "requester" };
  const md5 = { "x-amz-server-side-encryption-customer-key-md5": "m" };
  assertEquals(sharedParameters(parameters), {
    all: payer,
    part: { ...payer, ...md5 },
    read: { ...payer, ...md5, "x-amz-checksum-mode": "ENABLED" },
    versionId: "v",
  });
  assertEquals(sharedParameters({}), { all: {}, part: {}, read: {}, versionId: undefined });
});

Deno.test("parameterHeaders() refuses an unknown ChecksumAlgorithm", () => {
  for (const wrong of ["crc32", "MD5", ""]) {
    assertThrows(
      () => parameterHeaders({ ChecksumAlgorithm: wrong as "CRC32" }),
      ConfigurationError,
      "ChecksumAlgorithm must be one of CRC32, CRC32C, CRC64NVME, SHA1, SHA256",
    );
  }
});

Deno.test("uploadChecksum() returns CRC32 on AWS, and elsewhere only if it is configured", () => {
  const chosen = (options: S3StorageOptions, parameters: ObjectParameters = {}): string | undefined =>
    uploadChecksum(
      resolveSettings([{ bucketName: "bucket", ...options }], { environment: () => undefined }),
      parameters,
    );
  const endpointUrl = "https://storage.example.com";
  assertEquals(chosen({}), "CRC32");
  for (const host of ["s3.eu-west-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn", "s3.amazonaws.com"]) {
    assertEquals(chosen({ endpointUrl: `https://${host}` }), "CRC32", host);
  }
  for (const host of ["amazonaws.com.example.com", "notamazonaws.com", "localhost:9000"]) {
    assertEquals(chosen({ endpointUrl: `https://${host}` }), undefined, host);
  }
  assertEquals(chosen({ endpointUrl, requestChecksumCalculation: "when_supported" }), "CRC32");
  assertEquals(chosen({ requestChecksumCalculation: "when_required" }), undefined);
  assertEquals(chosen({ requestChecksumCalculation: "when_required" }, { ChecksumAlgorithm: "SHA256" }), "SHA256");
  assertEquals(chosen({ endpointUrl }, { ChecksumAlgorithm: "CRC64NVME" }), "CRC64NVME");
});
