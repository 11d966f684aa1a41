import { assertEquals, assertThrows } from "@std/assert";
import { IssuedCredentials, readIssued } from "../../../../src/credentials/endpoints/issued_credentials.ts";
import { ServiceError } from "../../../../src/errors.ts";

const ISSUED = {
  accessKeyId: "ASIA",
  secretAccessKey: "hunter2",
  sessionToken: "hunter2-token",
  expiration: "2030-01-01T00:00:00Z",
};

Deno.test("IssuedCredentials are frozen and hide secrets from inspection and JSON", () => {
  const credentials = new IssuedCredentials(ISSUED);
  assertEquals(Object.isFrozen(credentials), true);
  assertEquals(`${JSON.stringify(credentials)}${Deno.inspect(credentials)}`.includes("hunter2"), false);
  assertEquals(credentials.secretAccessKey, "hunter2");
});

Deno.test("readIssued() names missing parts, and masks secrets of the request", () => {
  const request = { operation: "AssumeRole", secrets: ["tomorrow"] };
  assertEquals(readIssued(request, { ...ISSUED, sessionToken: null }, ["sessionToken"]).sessionToken, undefined);
  assertThrows(
    () => readIssued(request, { ...ISSUED, sessionToken: "" }),
    ServiceError,
    "Invalid response to AssumeRole: missing sessionToken",
  );
  assertThrows(() => readIssued(request, { ...ISSUED, expiration: "tomorrow" }), ServiceError, 'got "******"');
});
