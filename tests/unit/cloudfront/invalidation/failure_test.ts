import { assertEquals } from "@std/assert";
import { toStorageError } from "../../../../src/cloudfront/invalidation/failure.ts";

const xml = (code: string, message: string): string =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`;

for (
  const [status, text, name] of [
    [404, xml("NoSuchDistribution", "The specified distribution does not exist."), "NotFoundError"],
    [400, xml("TooManyInvalidationsInProgress", "Too many."), "ThrottledError"],
    [403, xml("AccessDenied", "No."), "PermissionDeniedError"],
    [403, "<html>", "PermissionDeniedError"],
    [400, xml("InvalidArgument", "No."), "ServiceError"],
  ] as const
) {
  Deno.test(`toStorageError() makes a ${name} of status ${status} with ${text.slice(0, 60)}`, () => {
    const error = toStorageError(new Response(null, { status }), text, "EDFDVBD6EXAMPLE", []);
    assertEquals([error.name, error.status, error.operation], [name, status, "CreateInvalidation"]);
  });
}

Deno.test("toStorageError() masks secrets and keeps code and request id", () => {
  const error = toStorageError(new Response(null, { status: 400 }), xml("Odd", "saw hunter2 here."), "E1", ["hunter2"]);
  assertEquals(error.message, "CreateInvalidation of distribution E1 failed: Odd: saw ****** here");
  assertEquals([error.s3Code, error.requestId], ["Odd", "r-1"]);
});
