import { assertEquals, assertThrows } from "@std/assert";
import { readJsonCredentials } from "../../../src/credentials/json_credentials.ts";
import { PermissionDeniedError, ServiceError } from "../../../src/errors.ts";
import { plain } from "./world.ts";

const REQUEST = {
  context: { fetch },
  operation: "Container credentials",
  prepare: () => ({ url: "http://localhost" }),
  timeoutSeconds: 1,
  secrets: ["hunter2"],
};
const DOCUMENT = {
  AccessKeyId: "ASIA",
  SecretAccessKey: "secret",
  Token: "token",
  Expiration: "2030-01-01T00:00:00Z",
};

Deno.test("readJsonCredentials() reads the document of container and instance metadata services", () => {
  const credentials = readJsonCredentials(REQUEST, { status: 200, text: JSON.stringify(DOCUMENT) });
  assertEquals(plain(credentials), ["ASIA", "secret", "token", "2030-01-01T00:00:00Z"]);
  const lasting = JSON.stringify({ AccessKeyId: "AKIA", SecretAccessKey: "secret" });
  assertEquals(
    plain(readJsonCredentials(REQUEST, { status: 200, text: lasting }, ["sessionToken", "expiration"])),
    ["AKIA", "secret", undefined, undefined],
  );
});

Deno.test("readJsonCredentials() refuses errors and malformed documents", () => {
  const read = (status: number, document: unknown): () => unknown => () =>
    readJsonCredentials(REQUEST, { status, text: typeof document === "string" ? document : JSON.stringify(document) });
  assertThrows(read(200, "[]"), ServiceError, "Invalid response to Container credentials: not a JSON object");
  assertThrows(read(200, { ...DOCUMENT, Token: "" }), ServiceError, "missing sessionToken");
  assertThrows(
    read(200, { Code: "AccessDenied", Message: "not hunter2" }),
    PermissionDeniedError,
    "Container credentials failed: AccessDenied: not ******",
  );
  assertThrows(read(500, ""), ServiceError, "status 500");
});
