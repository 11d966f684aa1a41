import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { customDomainQuery, urlParameters } from "../../../src/s3/url_parameters.ts";

const urlQuery = (parameters: Record<string, string>): Array<[string, string]> =>
  urlParameters(parameters, "GET").query;

Deno.test("URL parameters get their names in the query, in the order given", () => {
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

Deno.test("a URL parameter that is undefined is left out", () => {
  assertEquals(urlQuery({ VersionId: undefined as unknown as string }), []);
});

for (
  const [given, meant] of [["responseContentType", "ResponseContentType"], [
    "response-content-type",
    "ResponseContentType",
  ], ["versionId", "VersionId"]]
) {
  Deno.test(`the unknown URL parameter ${given} is refused with ${meant} as advice`, () => {
    const { message } = assertThrows(() => urlQuery({ [given!]: "x" }), ConfigurationError);
    assertStringIncludes(message, `There is no URL parameter named ${given}. Did you mean ${meant}?`);
  });
}

for (const name of ["toString", "constructor", "X-Amz-Signature", "Zzz"]) {
  Deno.test(`there is no URL parameter ${name}`, () => {
    const { message } = assertThrows(() => urlQuery({ [name]: "x" }), ConfigurationError);
    assertStringIncludes(message, "Known are PartNumber, ResponseCacheControl");
  });
}

for (const value of [null, 1, true, {}, Symbol("s"), Object.create(null)]) {
  Deno.test(`a URL parameter refuses ${Deno.inspect(value)}`, () => {
    const parameters = { VersionId: value as string };
    assertThrows(() => urlQuery(parameters), ConfigurationError, "VersionId must be text");
  });
}

Deno.test("for PUT, parameters of objects are headers to send, and names that only reading knows are not", () => {
  const parameters = { UploadId: "u", PartNumber: "2", ContentType: "image/png", IfNoneMatch: "*", ACL: "private" };
  assertEquals(urlParameters(parameters, "PUT"), {
    query: [["uploadId", "u"], ["partNumber", "2"]],
    headers: { "if-none-match": "*", "content-type": "image/png", "x-amz-acl": "private" },
  });
  assertThrows(() => urlParameters({ ContentType: "image/png" }, "GET"), ConfigurationError, "named ContentType");
});

Deno.test("for a custom domain, S3's names become those on the wire and all others stay, as a form has them", () => {
  const parameters = {
    version: "10",
    ResponseContentType: "a b/c",
    Width: "1&2",
    none: undefined as unknown as string,
  };
  assertEquals(customDomainQuery(parameters), "version=10&response-content-type=a+b%2Fc&Width=1%262");
  assertEquals(customDomainQuery({}), "");
});
