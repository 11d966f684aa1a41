import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { parameterHeaders } from "../../../src/s3/object_parameters.ts";
import type { ObjectParameters } from "../../../src/settings/options.ts";

const DATE = new Date("2026-01-31T12:00:00.500Z");

/** One row for each parameter there is: a new one without a row does not compile. */
const ROWS: {
  readonly [K in keyof Required<ObjectParameters>]: readonly [ObjectParameters[K], Record<string, string>];
} = {
  ACL: ["public-read", { "x-amz-acl": "public-read" }],
  CacheControl: ["max-age=86400", { "cache-control": "max-age=86400" }],
  ContentDisposition: ["inline", { "content-disposition": "inline" }],
  ContentEncoding: ["gzip", { "content-encoding": "gzip" }],
  ContentLanguage: ["de", { "content-language": "de" }],
  ContentType: ["text/plain", { "content-type": "text/plain" }],
  ExpectedBucketOwner: ["123", { "x-amz-expected-bucket-owner": "123" }],
  Expires: [DATE, { expires: "Sat, 31 Jan 2026 12:00:00 GMT" }],
  GrantFullControl: ["id=1", { "x-amz-grant-full-control": "id=1" }],
  GrantRead: ["id=1", { "x-amz-grant-read": "id=1" }],
  GrantReadACP: ["id=1", { "x-amz-grant-read-acp": "id=1" }],
  GrantWriteACP: ["id=1", { "x-amz-grant-write-acp": "id=1" }],
  Metadata: [{ Owner: "ada", "b-c": "" }, { "x-amz-meta-owner": "ada", "x-amz-meta-b-c": "" }],
  ObjectLockLegalHoldStatus: ["ON", { "x-amz-object-lock-legal-hold": "ON" }],
  ObjectLockMode: ["GOVERNANCE", { "x-amz-object-lock-mode": "GOVERNANCE" }],
  ObjectLockRetainUntilDate: [DATE, { "x-amz-object-lock-retain-until-date": "2026-01-31T12:00:00.500Z" }],
  RequestPayer: ["requester", { "x-amz-request-payer": "requester" }],
  ServerSideEncryption: ["AES256", { "x-amz-server-side-encryption": "AES256" }],
  SSEKMSEncryptionContext: ["e30=", { "x-amz-server-side-encryption-context": "e30=" }],
  SSEKMSKeyId: ["key", { "x-amz-server-side-encryption-aws-kms-key-id": "key" }],
  StorageClass: ["STANDARD_IA", { "x-amz-storage-class": "STANDARD_IA" }],
  Tagging: ["team=web&stage=live", { "x-amz-tagging": "team=web&stage=live" }],
  WebsiteRedirectLocation: ["/b", { "x-amz-website-redirect-location": "/b" }],
};

for (const [name, [value, headers]] of Object.entries(ROWS)) {
  Deno.test(`the parameter ${name} becomes ${Object.keys(headers).join(", ")}`, () => {
    assertEquals(parameterHeaders({ [name]: value }), headers);
    assertEquals(parameterHeaders({ [name]: undefined }), {});
  });

  for (const wrong of [null, 5, true, [], Symbol("s"), Object.create(null)]) {
    if (name === "Metadata" && typeof wrong === "object" && wrong !== null) continue;
    Deno.test(`the parameter ${name} refuses ${Deno.inspect(wrong)} by its name`, () => {
      assertThrows(() => parameterHeaders({ [name]: wrong }), ConfigurationError, `${name} must be`);
    });
  }
}

Deno.test("dates may be given as text", () => {
  assertEquals(parameterHeaders({ Expires: "Sat, 31 Jan 2026 12:00:00 GMT" }), {
    expires: "Sat, 31 Jan 2026 12:00:00 GMT",
  });
});

Deno.test("a date that is none is refused", () => {
  for (const name of ["Expires", "ObjectLockRetainUntilDate"]) {
    assertThrows(() => parameterHeaders({ [name]: new Date(NaN) }), ConfigurationError, `${name} must be`);
  }
});

Deno.test("a date where text is wanted is refused", () => {
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
  Deno.test(`the unknown parameter ${given} is refused with ${meant} as advice`, () => {
    const error = assertThrows(() => parameterHeaders({ [given!]: "x" }), ConfigurationError);
    assertStringIncludes(error.message, `There is no object parameter named ${given}. Did you mean ${meant}?`);
  });
}

for (const name of ["Foo", "VersionId", "constructor", "toString", "Key", "Bucket", "Body"]) {
  Deno.test(`there is no parameter ${name}`, () => {
    assertThrows(
      () => parameterHeaders({ [name]: "x" }),
      ConfigurationError,
      `There is no object parameter named ${name}.`,
    );
  });
}

for (const value of ["ñ", "a\nb", "\u0000", "\u007f", 5, null, {}]) {
  Deno.test(`metadata refuses the value ${Deno.inspect(value)} by its name`, () => {
    const parameters = { Metadata: { owner: value as string } };
    assertThrows(
      () => parameterHeaders(parameters),
      ConfigurationError,
      "Metadata.owner must be text in printable ASCII",
    );
  });
}

for (const name of ["", "a b", "ñ", "a:b", "a\n"]) {
  Deno.test(`metadata refuses the name ${JSON.stringify(name)}, which no header can have`, () => {
    assertThrows(() => parameterHeaders({ Metadata: { [name]: "x" } }), ConfigurationError, "A name in Metadata");
  });
}

Deno.test("a text that no header can carry is refused by its parameter's name", () => {
  for (
    const [name, value] of [["ContentDisposition", 'attachment; filename="ñ"'], [
      "CacheControl",
      "a\r\nx-amz-acl: public-read",
    ]]
  ) {
    assertThrows(() => parameterHeaders({ [name!]: value }), ConfigurationError, `${name} must be`);
  }
});
