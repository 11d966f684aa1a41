import { assert, assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { credentialsFromSettings } from "../../../src/credentials/from_settings.ts";
import type { Credentials, RefreshableProvider } from "../../../src/aws/credentials.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { resolveSettings } from "../../../src/settings/resolve.ts";

const from = (options: S3StorageOptions, environment: Record<string, string> = {}): RefreshableProvider =>
  credentialsFromSettings(
    resolveSettings([{ bucketName: "b", ...options }], {
      environment: (name) => environment[name],
      profile: () => ({}),
    }),
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

Deno.test("a function without expiration is asked each time, and its object is used as it is now", async () => {
  const made: Credentials[] = [];
  const credentials = (): Credentials => {
    made.push({ accessKeyId: `id${made.length}`, secretAccessKey: "secret" });
    return made.at(-1)!;
  };
  const provider = from({ credentials })!;
  for (let call = 0; call < 3; call++) assertEquals((await provider()).accessKeyId, made[call]!.accessKeyId);
  assertEquals(made.length, 3);
});

Deno.test("a provider that keeps credentials itself is used as it is", () => {
  const credentials: RefreshableProvider = Object.assign(
    (): Credentials => ({ accessKeyId: "id", secretAccessKey: "secret" }),
    { refused: (): void => {} },
  );
  assertStrictEquals(from({ credentials }), credentials);
});

Deno.test("a function of an SDK is asked once for what it says how long it lives", async () => {
  let calls = 0;
  const credentials = (): Credentials => ({
    accessKeyId: `id${++calls}`,
    secretAccessKey: "secret",
    expiration: new Date(Date.now() + 3_600_000).toISOString() as unknown as Date,
  });
  const provider = from({ credentials })!;
  const all = await Promise.all(Array.from({ length: 1000 }, async () => await provider()));
  assertEquals([calls, new Set(all).size, all[0]!.expiration instanceof Date], [1, 1, true]);
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
