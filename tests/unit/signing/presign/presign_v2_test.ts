import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { createHmac } from "node:crypto";
import { urlParameters } from "../../../../src/s3/url_parameters.ts";
import { presignUrlV2, type PresignUrlV2Options } from "../../../../src/signing/mod.ts";
import { addressOf, credentialsOf, presignVectors } from "../presign_vectors.ts";

const vectors = await presignVectors("sigv2_presigned.json");

const OPTIONS: PresignUrlV2Options = {
  bucketUrl: "https://b.s3.amazonaws.com",
  bucket: "b",
  key: "k",
  credentials: { accessKeyId: "id", secretAccessKey: "secret" },
  date: new Date(0),
};

function expected(stringToSign: string): string {
  return createHmac("sha1", "secret").update(stringToSign).digest("base64");
}

function signature(options: Partial<PresignUrlV2Options>): string | null {
  return new URL(presignUrlV2({ ...OPTIONS, ...options })).searchParams.get("Signature");
}

Deno.test("presignUrlV2() equals every vector of botocore", () => {
  let passed = 0;
  for (const vector of vectors) {
    const { origin, path } = addressOf(vector);
    const url = presignUrlV2({
      bucketUrl: origin + path,
      bucket: vector.bucket,
      key: vector.key,
      method: vector.method,
      query: urlParameters(vector.parameters, "GET", (message) => new TypeError(message)).query,
      expiresIn: vector.expiresInSeconds,
      credentials: credentialsOf(vector),
      date: new Date(vector.now),
    });
    assertEquals(url, vector.url);
    passed++;
  }
  assertEquals(passed, 40);
  // deno-lint-ignore no-console -- the count is asked for
  console.log(`presigned URLs of version 2: ${passed} of ${vectors.length}`);
});

Deno.test("presignUrlV2() signs x-amz- headers, the type and the MD5, and refuses other headers", () => {
  const headers = { "x-amz-meta-b": "2", "X-Amz-Acl": "private", "Content-Type": "text/plain", "content-md5": "m==" };
  assertEquals(
    signature({ method: "PUT", headers }),
    expected("PUT\nm==\ntext/plain\n3600\nx-amz-acl:private\nx-amz-meta-b:2\n/b/k"),
  );
  assertThrows(
    () => presignUrlV2({ ...OPTIONS, headers: { "if-none-match": "*" } }),
    TypeError,
    "Cannot sign URL for 'k': header 'if-none-match' must be sent unsigned: Signature Version 2 does not cover it",
  );
});

Deno.test("presignUrlV2() signs x-amz- parameters like headers, in one order with them and the token", () => {
  const query = { "x-amz-request-payer": "requester", "x-amz-acl": "private", plain: "1" };
  assertEquals(
    signature({ query, headers: { "x-amz-meta-b": "2" } }),
    expected("GET\n\n\n3600\nx-amz-acl:private\nx-amz-meta-b:2\nx-amz-request-payer:requester\n/b/k"),
  );
});

Deno.test("presignUrlV2() signs the sorted parameters that select a sub-resource, and no others", () => {
  const query = { uploads: "", partNumber: "2", "x-id": "GetObject", "response-expires": "a b" };
  assertEquals(signature({ query }), expected("GET\n\n\n3600\n/b/k?partNumber=2&response-expires=a b&uploads"));
  for (const name of ["Expires", "Signature", "AWSAccessKeyId"]) {
    assertThrows(() => presignUrlV2({ ...OPTIONS, query: { [name]: "1" } }), TypeError, "no parameter of signatures");
  }
});

Deno.test("presignUrlV2() binds the method, the bucket, the key and the expiry", () => {
  const all = [{}, { method: "PUT" as const }, { bucket: "c" }, { key: "l" }, { expiresIn: 1 }].map(signature);
  assertEquals(new Set(all).size, all.length);
  assertNotEquals(all[0], null);
});
