import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as subject from "../../../src/s3/url_parameters.ts";

const refuse = (message: string): Error => new TypeError(message);
const urlParameters = (parameters: object, method: string): subject.RequestParameters =>
  subject.urlParameters(parameters, method, refuse);
const customDomainQuery = (parameters: object): string => subject.customDomainQuery(parameters, refuse);

const urlQuery = (parameters: Record<string, string>): Array<[string, string]> =>
  urlParameters(parameters, "GET").query;

Deno.test("urlParameters() puts parameters into the query in the given order", () => {
  const parameters = {
    VersionId: "v1",
    ResponseContentType: "text/plain",
    ResponseContentDisposition: "attachment",
    ResponseContentEncoding: "identity",
    ResponseContentLanguage: "de",
    ResponseCacheControl: "no-store",
    ResponseExpires: "Sat, 31 Jan 2026 12:00:00 GMT",
    PartNumber: "1",
  };
  assertEquals(urlQuery(parameters).map(([name]) => name), [
    "versionId",
    "response-content-type",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-cache-control",
    "response-expires",
    "partNumber",
  ]);
  assertEquals(urlQuery({}), []);
});

Deno.test("urlParameters() omits a parameter that is undefined", () => {
  assertEquals(urlQuery({ VersionId: undefined as unknown as string }), []);
});

for (
  const [given, meant] of [["responseContentType", "ResponseContentType"], [
    "response-content-type",
    "ResponseContentType",
  ], ["versionId", "VersionId"]]
) {
  Deno.test(`urlParameters() refuses ${given}, and suggests ${meant}`, () => {
    const { message } = assertThrows(() => urlQuery({ [given!]: "x" }), TypeError);
    assertStringIncludes(message, `Unknown URL parameter '${given}'. Did you mean ${meant}?`);
  });
}

for (const name of ["toString", "constructor", "X-Amz-Signature", "Zzz"]) {
  Deno.test(`urlParameters() refuses ${name}`, () => {
    const { message } = assertThrows(() => urlQuery({ [name]: "x" }), TypeError);
    assertStringIncludes(message, "Known are PartNumber, ResponseCacheControl");
  });
}

for (const value of [null, NaN, 1n, {}, ["v1"], "\ud800", Symbol("s"), Object.create(null), new Date(NaN)]) {
  Deno.test(`URL parameters refuse the value ${Deno.inspect(value)}, for S3 and for a custom domain`, () => {
    for (const read of [urlQuery, customDomainQuery]) {
      const parameters = { VersionId: value as string };
      assertThrows(() => read(parameters), TypeError, "VersionId must be a string, a number or a date");
    }
  });
}

for (
  const parameters of <unknown[]> ["VersionId", 1, [["VersionId", "1"]], new URLSearchParams("VersionId=1"), new Map()]
) {
  Deno.test(`URL parameters must be an object: ${Deno.inspect(parameters)} is refused`, () => {
    for (const read of [urlQuery, customDomainQuery]) {
      assertThrows(
        () => read(parameters as Record<string, string>),
        TypeError,
        "parameters must be an object",
      );
    }
  });
}

Deno.test("urlParameters() converts numbers, booleans and dates to text", () => {
  const date = new Date("2030-01-31T12:00:00Z");
  assertEquals(urlParameters({ PartNumber: 3, ResponseExpires: date, IfModifiedSince: date }, "GET"), {
    query: [["partNumber", "3"], ["response-expires", "Thu, 31 Jan 2030 12:00:00 GMT"]],
    headers: { "if-modified-since": "Thu, 31 Jan 2030 12:00:00 GMT" },
  });
  assertEquals(
    urlParameters({ ContentLength: 0, BucketKeyEnabled: true, Expires: date, Metadata: { A: "b" } }, "PUT"),
    {
      query: [],
      headers: {
        "content-length": "0",
        "x-amz-server-side-encryption-bucket-key-enabled": "true",
        expires: "Thu, 31 Jan 2030 12:00:00 GMT",
        "x-amz-meta-a": "b",
      },
    },
  );
  assertEquals(urlParameters({ BypassGovernanceRetention: true }, "DELETE").headers, {
    "x-amz-bypass-governance-retention": "true",
  });
  assertEquals(customDomainQuery({ width: 200, crop: true }), "width=200&crop=true");
});

Deno.test("urlParameters() takes SSECustomerKey and ChecksumMode as headers for GET and HEAD", () => {
  const parameters = { SSECustomerKey: "k".repeat(32), SSECustomerKeyMD5: "bWQ1", ChecksumMode: "ENABLED" };
  for (const method of ["GET", "HEAD"]) {
    assertEquals(urlParameters(parameters, method), {
      query: [],
      headers: {
        "x-amz-server-side-encryption-customer-algorithm": "AES256",
        "x-amz-server-side-encryption-customer-key": btoa("k".repeat(32)),
        "x-amz-server-side-encryption-customer-key-md5": "bWQ1",
        "x-amz-checksum-mode": "ENABLED",
      },
    });
  }
  for (const [name, method] of [["ChecksumMode", "PUT"], ["SSECustomerKey", "DELETE"], ["ContentType", "HEAD"]]) {
    assertThrows(() => urlParameters({ [name!]: "x" }, method!), TypeError, `Unknown URL parameter '${name}'`);
  }
  const { message } = assertThrows(() => urlParameters({ SSECustomerKey: "hunter2" }, "GET"), TypeError);
  assertEquals(message.includes("hunter2"), false);
});

Deno.test("urlParameters() names the parameter whose value a header cannot carry", () => {
  for (const value of ["ü", "a\nb"]) {
    assertThrows(
      () => urlParameters({ IfMatch: value }, "GET"),
      TypeError,
      "IfMatch must be text in printable",
    );
    for (const parameters of [{ ContentDisposition: value }, { ContentType: value }, { Metadata: { owner: value } }]) {
      assertThrows(() => urlParameters(parameters, "PUT"), TypeError, "must be text in printable");
    }
  }
});

Deno.test("urlParameters() takes object parameters as headers for PUT, and refuses those of reads", () => {
  const parameters = { UploadId: "u", PartNumber: "2", ContentType: "image/png", IfNoneMatch: "*", ACL: "private" };
  assertEquals(urlParameters(parameters, "PUT"), {
    query: [["uploadId", "u"], ["partNumber", "2"]],
    headers: { "if-none-match": "*", "content-type": "image/png", "x-amz-acl": "private" },
  });
  assertThrows(
    () => urlParameters({ ContentType: "image/png" }, "GET"),
    TypeError,
    "Unknown URL parameter 'ContentType'",
  );
});

Deno.test("customDomainQuery() translates S3's names, keeps others, and encodes like a form", () => {
  const parameters = {
    version: "10",
    ResponseContentType: "a b/c",
    Width: "1&2",
    none: undefined as unknown as string,
  };
  assertEquals(customDomainQuery(parameters), "version=10&response-content-type=a+b%2Fc&Width=1%262");
  assertEquals(customDomainQuery({}), "");
  const inherited = Object.fromEntries(["toString", "constructor", "__proto__"].map((name) => [name, "1"]));
  assertEquals(customDomainQuery(inherited), "toString=1&constructor=1&__proto__=1");
});

Deno.test("customDomainQuery() refuses SSECustomerKey, without the key in the error", () => {
  for (const SSECustomerKey of ["hunter2", "hunter2\ud800", new TextEncoder().encode("hunter2")]) {
    const { message } = assertThrows(
      () => customDomainQuery({ SSECustomerKey }),
      TypeError,
      "is sent as a header",
    );
    assertEquals(message.includes("hunter2"), false);
  }
});
