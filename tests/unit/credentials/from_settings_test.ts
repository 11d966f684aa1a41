import { assert, assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { credentialsFromSettings } from "../../../src/credentials/from_settings.ts";
import type { CredentialProvider, Credentials } from "../../../src/credentials/provider.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { resolveSettings } from "../../../src/settings/resolve.ts";

const from = (options: S3StorageOptions, environment: Record<string, string> = {}): CredentialProvider | undefined =>
  credentialsFromSettings(
    resolveSettings([{ bucketName: "b", ...options }], { environment: (name) => environment[name] }),
  );

const refuse = (options: S3StorageOptions, environment: Record<string, string> = {}): string =>
  assertThrows(() => from(options, environment), ConfigurationError).message;

Deno.test("a key pair becomes credentials, the same frozen object each time", async () => {
  const provider = from({ accessKey: "id", secretKey: "secret", securityToken: "token" })!;
  const credentials = await provider();
  assertEquals(credentials, { accessKeyId: "id", secretAccessKey: "secret", sessionToken: "token" } as Credentials);
  assertStrictEquals(await provider(), credentials);
  assert(Object.isFrozen(credentials));
});

Deno.test("a provider is used as it is", () => {
  const credentials = (): Credentials => ({ accessKeyId: "id", secretAccessKey: "secret" });
  assertStrictEquals(from({ credentials }), credentials);
});

Deno.test("where no credentials are configured there is no provider", () => {
  assertEquals(from({}), undefined);
});

Deno.test("half a pair is refused by the half that is missing, whether it is from code or from the environment", () => {
  assertStringIncludes(refuse({ accessKey: "id" }), "secretKey is missing");
  assertStringIncludes(refuse({ secretKey: "hunter2" }), "accessKey is missing");
  assertStringIncludes(refuse({ securityToken: "hunter2" }), "accessKey is missing");
  assertStringIncludes(refuse({}, { AWS_ACCESS_KEY_ID: "id" }), "secretKey is missing");
  assertStringIncludes(refuse({ accessKey: "id", querystringAuth: false }), "secretKey is missing");
  assertStringIncludes(refuse({ accessKey: "id" }, { AWS_SECRET_ACCESS_KEY: "outside" }), "secretKey is missing");
  assertEquals(refuse({ secretKey: "hunter2" }).includes("hunter2"), false);
});

Deno.test("a provider and a key together are refused", () => {
  const credentials = (): Credentials => ({ accessKeyId: "id", secretAccessKey: "secret" });
  for (const also of [{ accessKey: "a" }, { secretKey: "a" }, { securityToken: "a" }]) {
    assertStringIncludes(refuse({ credentials, ...also }), "excludes accessKey, secretKey and securityToken");
  }
});
