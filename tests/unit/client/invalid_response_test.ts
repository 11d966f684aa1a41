import { assertEquals, assertInstanceOf } from "@std/assert";
import { invalidResponse } from "../../../src/client/invalid_response.ts";
import { ServiceError } from "../../../src/errors.ts";

Deno.test("invalidResponse() names operation and problem, and has the details", () => {
  const error = invalidResponse("PutObject", "missing ETag", { bucket: "b", key: "k", cause: "c" });
  assertInstanceOf(error, ServiceError);
  assertEquals(error.message, "Invalid response to PutObject: missing ETag");
  assertEquals([error.operation, error.bucket, error.key, error.cause], ["PutObject", "b", "k", "c"]);
});
