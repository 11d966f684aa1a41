import { assertEquals } from "@std/assert";
import { isTransient } from "../../../../src/client/recovery/transient.ts";
import { CredentialsTimeout } from "../../../../src/credentials/time_limit.ts";
import { ConnectionError, NotFoundError, ServiceError, TimeoutError } from "../../../../src/errors.ts";

Deno.test("isTransient() is true for failures that may pass", () => {
  assertEquals(isTransient(new ConnectionError("m")), true);
  assertEquals(isTransient(new ServiceError("m", { status: 500 })), true);
  assertEquals(isTransient(new NotFoundError("m", { status: 404 })), false);
  assertEquals(isTransient(new TimeoutError("m")), true);
  assertEquals(isTransient(new CredentialsTimeout("m")), false);
});
