import { assert, assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { credentialsFromSettings } from "../../../src/credentials/from_settings.ts";
import type { Credentials, RefreshableProvider } from "../../../src/aws/credentials.ts";
import { ConfigurationError, UnauthenticatedError } from "../../../src/errors.ts";
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

Deno.test("credentialsFromSettings() returns the same frozen object for a key pair", async () => {
  const provider = from({ accessKey: "id", secretKey: "secret", securityToken: "token" })!;
  const credentials = await provider();
  assertEquals(credentials, { accessKeyId: "id", secretAccessKey: "secret", sessionToken: "token" } as Credentials);
  assertStrictEquals(await provider(), credentials);
  assert(Object.isFrozen(credentials));
});

Deno.test("credentialsFromSettings() calls a function without expiration each time and sees changes of its object", async () => {
  const made: Credentials[] = [];
  const credentials = (): Credentials => {
    made.push({ accessKeyId: `id${made.length}`, secretAccessKey: "secret" });
    return made.at(-1)!;
  };
  const provider = from({ credentials })!;
  for (let call = 0; call < 3; call++) assertEquals((await provider()).accessKeyId, made[call]!.accessKeyId);
  assertEquals(made.length, 3);
});

Deno.test("credentialsFromSettings() does not wrap a provider that caches by itself", () => {
  const credentials: RefreshableProvider = Object.assign(
    (): Credentials => ({ accessKeyId: "id", secretAccessKey: "secret" }),
    { refused: (): void => {} },
  );
  assertStrictEquals(from({ credentials }), credentials);
});

Deno.test("credentialsFromSettings() caches the credentials of a function until they expire", async () => {
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

Deno.test("credentialsFromSettings() refuses keys in variables after AWS_CREDENTIAL_EXPIRATION, as boto3 does", async () => {
  let time = "2030-01-31T11:59:59Z";
  const options = { now: () => new Date(time) };
  const keys = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "hunter2", AWS_SESSION_TOKEN: "hunter2-token" };
  const until = (AWS_CREDENTIAL_EXPIRATION: string, given: S3StorageOptions = {}): RefreshableProvider =>
    from({ ...options, ...given }, { ...keys, AWS_CREDENTIAL_EXPIRATION });
  const ends = ["2030-01-31T12:00:00Z", "2030-01-31T12:00:00UTC", "2030-01-31T13:00:00+01:00"].map((end) => until(end));
  // Keys of another source, and ends that are no time, or a local one.
  const endless = [
    until(time, { accessKey: "id2", secretKey: "hunter2" }),
    ...["soon", "2030-01-31T12:00:00", "0Z", ""].map((end) => until(end)),
    from({ ...options }, {
      AWS_S3_ACCESS_KEY_ID: "id",
      AWS_S3_SECRET_ACCESS_KEY: "a",
      AWS_CREDENTIAL_EXPIRATION: time,
    }),
  ];
  for (const provider of [...ends, ...endless]) assertEquals((await provider()).accessKeyId.slice(0, 2), "id");
  time = "2030-01-31T12:00:00Z";
  for (const provider of ends) {
    const { message } = assertThrows(
      () => provider(),
      UnauthenticatedError,
      "(AWS_CREDENTIAL_EXPIRATION): renew the keys",
    );
    assertStringIncludes(message, "AWS_ACCESS_KEY_ID expired at 2030-01-31T1");
    assertEquals(message.includes("hunter2"), false);
  }
  for (const provider of endless) assertEquals((await provider()).accessKeyId.slice(0, 2), "id");
});

Deno.test("credentialsFromSettings() names the missing half of a key pair, from code or the environment", () => {
  assertStringIncludes(refuse({ accessKey: "id" }), "secretKey is missing");
  assertStringIncludes(refuse({ secretKey: "hunter2" }), "accessKey is missing");
  assertStringIncludes(refuse({ securityToken: "hunter2" }), "accessKey is missing");
  assertStringIncludes(refuse({}, { AWS_ACCESS_KEY_ID: "id" }), "secretKey is missing");
  assertStringIncludes(refuse({ accessKey: "id", querystringAuth: false }), "secretKey is missing");
  assertStringIncludes(refuse({ accessKey: "id" }, { AWS_SECRET_ACCESS_KEY: "outside" }), "secretKey is missing");
  assertEquals(refuse({ secretKey: "hunter2" }).includes("hunter2"), false);
});

Deno.test("credentialsFromSettings() refuses a provider together with a key", () => {
  const credentials = (): Credentials => ({ accessKeyId: "id", secretAccessKey: "secret" });
  for (const also of [{ accessKey: "a" }, { secretKey: "a" }, { securityToken: "a" }]) {
    assertStringIncludes(
      refuse({ credentials, ...also }),
      "cannot be combined with accessKey, secretKey and securityToken",
    );
  }
});
