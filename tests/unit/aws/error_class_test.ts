import { assertEquals } from "@std/assert";
import { errorClassOf } from "../../../src/aws/error_class.ts";
import { NotFoundError } from "../../../src/errors.ts";

for (
  const [code, status, name] of [
    ["AccessDenied", 400, "PermissionDeniedError"],
    ["ExpiredToken", 400, "UnauthenticatedError"],
    ["SlowDown", 200, "ThrottledError"],
    ["Throttling", 400, "ThrottledError"],
    ["Unknown", 403, "PermissionDeniedError"],
    ["Unknown", 400, "ServiceError"],
    [undefined, 401, "UnauthenticatedError"],
    ["", 503, "ThrottledError"],
    [undefined, 404, "ServiceError"],
  ] as const
) {
  Deno.test(`errorClassOf() gives ${name} for the code ${code} with status ${status}`, () => {
    assertEquals(errorClassOf(code, status, []).name, name);
  });
}

Deno.test("errorClassOf() looks at a service's own codes first, and at codes before statuses", () => {
  const own = [[NotFoundError, "404 AccessDenied"]] as const;
  assertEquals(errorClassOf("AccessDenied", 400, own), NotFoundError);
  assertEquals(errorClassOf("Unknown", 404, own), NotFoundError);
  assertEquals(errorClassOf("SlowDown", 404, own).name, "ThrottledError");
});
