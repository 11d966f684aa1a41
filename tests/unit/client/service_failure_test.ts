import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { describeFailure, readFailure, toStorageError } from "../../../src/client/service_failure.ts";
import * as errors from "../../../src/errors.ts";
import { parseXml } from "../../../src/kit/text/xml.ts";
import { bareAnswer, errorAnswer, watchedBody } from "../transport.ts";

/** A request whose failure has no document. */
const HEAD = { method: "HEAD" } as const;

const DETAILS = { operation: "PutObject", bucket: "b", key: "k", attempts: 2 };

type Kind = `${errors.StorageErrorCode}`;

const BY_CODE: ReadonlyArray<readonly [status: number, code: string, kind: Kind]> = [
  [404, "NoSuchKey", "NotFound"],
  [404, "NoSuchBucket", "NotFound"],
  [404, "NoSuchUpload", "NotFound"],
  [404, "NoSuchVersion", "NotFound"],
  [412, "PreconditionFailed", "PreconditionFailed"],
  [409, "ConditionalRequestConflict", "PreconditionFailed"],
  [403, "AccessDenied", "PermissionDenied"],
  [403, "AllAccessDisabled", "PermissionDenied"],
  [403, "AccountProblem", "PermissionDenied"],
  [403, "InvalidObjectState", "Archived"],
  [403, "InvalidAccessKeyId", "Unauthenticated"],
  [403, "SignatureDoesNotMatch", "Unauthenticated"],
  [400, "InvalidToken", "Unauthenticated"],
  [400, "ExpiredToken", "Unauthenticated"],
  [400, "TokenRefreshRequired", "Unauthenticated"],
  [403, "RequestTimeTooSkewed", "Unauthenticated"],
  [400, "AuthorizationHeaderMalformed", "Unauthenticated"],
  [503, "SlowDown", "Throttled"],
  [503, "ServiceUnavailable", "Throttled"],
  [429, "TooManyRequests", "Throttled"],
  [400, "RequestTimeout", "Timeout"],
  [400, "BadDigest", "Integrity"],
  [400, "XAmzContentSHA256Mismatch", "Integrity"],
  [501, "NotImplemented", "NotSupported"],
  [405, "MethodNotAllowed", "NotSupported"],
  [500, "InternalError", "Service"],
  [400, "EntityTooLarge", "Service"],
  [409, "OperationAborted", "Service"],
  [418, "SomethingNew", "Service"],
  [500, "constructor", "Service"],
  [500, "__proto__", "Service"],
  [500, "toString", "Service"],
];

for (const [status, code, kind] of BY_CODE) {
  Deno.test(`${status} ${code} is thrown as ${kind}Error`, async () => {
    const failure = await readFailure({ response: errorAnswer(status, code) }, HEAD);
    const error = toStorageError(failure, DETAILS);
    assertInstanceOf(error, errors.StorageError);
    assertEquals([error.code, error.name, error.s3Code, error.status], [kind, `${kind}Error`, code, status]);
    assert(errors.isStorageError(error, kind));
    assertStringIncludes(error.message, `PutObject of b/k failed: ${code}: It failed`);
    assertEquals(/native code|\[object/.test(error.message), false);
  });
}

const BY_STATUS: ReadonlyArray<readonly [status: number, kind: Kind]> = [
  [301, "Service"],
  [400, "Service"],
  [401, "Unauthenticated"],
  [403, "PermissionDenied"],
  [404, "NotFound"],
  [405, "NotSupported"],
  [408, "Timeout"],
  [412, "PreconditionFailed"],
  [429, "Throttled"],
  [500, "Service"],
  [501, "NotSupported"],
  [502, "Service"],
  [503, "Throttled"],
];

for (const [status, kind] of BY_STATUS) {
  Deno.test(`status ${status} without a document is thrown as ${kind}Error`, async () => {
    const error = toStorageError(await readFailure({ response: bareAnswer(status) }, HEAD), DETAILS);
    assertEquals([error.code, error.s3Code, error.status], [kind, undefined, status]);
    assertStringIncludes(error.message, `status ${status}`);
  });
}

Deno.test("a 403 without a document says that the object may be missing", async () => {
  assertStringIncludes(
    toStorageError(await readFailure({ response: bareAnswer(403) }, HEAD), DETAILS).message,
    "s3:ListBucket",
  );
});

Deno.test("an error has all details, and its response without showing it", async () => {
  const answer = errorAnswer(404, "NoSuchKey", {
    headers: { "x-amz-request-id": "REQ1" },
    elements: "<RequestId>D</RequestId>",
  });
  const error = toStorageError(await readFailure({ response: answer }, HEAD), DETAILS);
  const { bucket, key, operation, attempts, requestId, response } = error;
  assertEquals({ bucket, key, operation, attempts, requestId }, { ...DETAILS, requestId: "REQ1" });
  assertStrictEquals(response, answer);
  assertEquals(Object.keys(error).sort(), ["attempts", "bucket", "key", "operation", "requestId", "s3Code", "status"]);
  assertEquals(Deno.inspect(error).includes("Response"), false);
});

Deno.test("the request id is taken from the document if the header is missing", async () => {
  const failure = await readFailure({
    response: errorAnswer(500, "InternalError", { elements: "<RequestId>D</RequestId>" }),
  }, HEAD);
  assertEquals(failure.requestId, "D");
});

Deno.test("the region is taken from the header first, then from the document", async () => {
  const elements = "<Region>eu-central-1</Region>";
  assertEquals((await readFailure({ response: errorAnswer(400, "X", { elements }) }, HEAD)).region, "eu-central-1");
  const headers = { "x-amz-bucket-region": "eu-west-1" };
  assertEquals(
    (await readFailure({ response: errorAnswer(400, "X", { elements, headers }) }, HEAD)).region,
    "eu-west-1",
  );
  assertEquals((await readFailure({ response: errorAnswer(400, "X") }, HEAD)).region, undefined);
});

for (const body of ["<html><body>Bad gateway</body></html>", "<br>", "no xml", "", "\u0000\u0001", "<Error>"]) {
  Deno.test(`an error with the body ${JSON.stringify(body)} is classified by its status`, async () => {
    const error = toStorageError(await readFailure({ response: new Response(body, { status: 502 }) }, HEAD), DETAILS);
    assertEquals([error.code, error.s3Code, error.status], ["Service", undefined, 502]);
  });
}

Deno.test("an endless error body is not read to its end but cancelled", async () => {
  const { stream, fate } = watchedBody(Infinity);
  const failure = await readFailure({ response: new Response(stream, { status: 500 }) }, HEAD);
  assertEquals([failure.s3Code, fate()], [undefined, "cancelled"]);
});

Deno.test("an incomplete error body is classified by its status", async () => {
  const stream = new ReadableStream({ pull: () => Promise.reject(new TypeError("cut")) });
  const failure = await readFailure({ response: new Response(stream, { status: 503 }) }, HEAD);
  assertEquals(toStorageError(failure, DETAILS).code, "Throttled");
});

Deno.test("a failure in a document with status 200 is described like any other", () => {
  const document = parseXml("<Error><Code>SlowDown</Code><Message>Reduce.</Message></Error>");
  const failure = describeFailure({ response: new Response(null, { status: 200 }) }, document);
  assertEquals([failure.s3Code, failure.message], ["SlowDown", "Reduce"]);
  assertEquals(toStorageError(failure, DETAILS).code, "Throttled");
});

Deno.test("every class has its code, and every code its class", () => {
  const classes = Object.entries(errors).filter(([name]) =>
    name.endsWith("Error") && name !== "StorageError" && !name.startsWith("is")
  );
  for (const [name, value] of classes) {
    const error = new (value as typeof errors.ServiceError)("m", { key: "k" });
    assertEquals([error.name, `${error.code}Error`, error.message, error.key], [name, name, "m", "k"]);
    assert(errors.isStorageError(error) && errors.isStorageError(error, error.code));
    assertEquals(errors.isStorageError(error, name === "NotFoundError" ? "Service" : "NotFound"), false);
    assertStringIncludes(Deno.inspect(error), name);
  }
  assertEquals(classes.length, 15);
});

for (const value of [undefined, null, "NotFound", {}, new Error("x"), new TypeError("x")]) {
  Deno.test(`isStorageError() is false for ${Deno.inspect(value).split("\n")[0]}`, () => {
    assertEquals(errors.isStorageError(value), false);
  });
}
