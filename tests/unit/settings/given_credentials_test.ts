import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError, S3Storage, type S3StorageOptions } from "../../../mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";

const KEYS = { accessKeyId: "testkey", secretAccessKey: "testsecret" };

function refusal(credentials: unknown): string {
  const options = { bucketName: "media", credentials } as S3StorageOptions;
  return assertThrows(() => new S3Storage(options), ConfigurationError).message;
}

Deno.test("credentials may be an object, as for the AWS SDKs", async () => {
  const { fetch } = createS3Server({ buckets: ["media"] });
  const storage = new S3Storage({ bucketName: "media", credentials: KEYS, fetch });
  await storage.save("a.txt", "signed with them");
  assertEquals(await storage.exists("a.txt"), true);
  assertStringIncludes(storage.urlSync("a.txt"), "testkey"); // they are available immediately
});

Deno.test("credentials as an object may have a session token, an expiration, and members of an SDK's identity", async () => {
  const identity = {
    ...KEYS,
    sessionToken: "tok+en",
    expiration: new Date(Date.now() + 600_000),
    accountId: "123",
    $source: {},
  };
  const url = await new S3Storage({ bucketName: "media", credentials: identity }).url("a.txt");
  assertEquals(new URL(url).searchParams.get("X-Amz-Security-Token"), "tok+en");
  class Media extends S3Storage {
    static override settings: S3StorageOptions = { bucketName: "media", credentials: KEYS };
  }
  assertStringIncludes(await new Media().url("a.txt"), "testkey");
});

Deno.test("nothing that prints the settings shows the credentials", () => {
  const { settings } = new S3Storage({ bucketName: "media", credentials: { ...KEYS, sessionToken: "hunter2" } });
  for (const text of [Deno.inspect(settings, { depth: 9, showHidden: true }), JSON.stringify(settings)]) {
    assert(!/testsecret|hunter2/.test(text), text);
  }
  assertEquals(typeof settings.credentials, "function");
});

const FORM =
  "The option credentials must be a function, or an object { accessKeyId, secretAccessKey, sessionToken? }, got";

for (
  const [what, credentials, message] of [
    ["text", "hunter2", `${FORM} a value of type string`],
    ["a list", ["hunter2"], `${FORM} a value of type object`],
    ["null", null, `${FORM} null`],
    ["an empty object", {}, `${FORM} no accessKeyId`],
    ["an object without the secret", { accessKeyId: "hunter2" }, `${FORM} no secretAccessKey`],
    [
      "an object with accessKey",
      { accessKey: "hunter2", secretKey: "hunter2" },
      `${FORM} the unknown member 'accessKey'. Did you mean accessKeyId?`,
    ],
    [
      "an object with secretKey",
      { accessKeyId: "hunter2", secretKey: "hunter2" },
      `${FORM} the unknown member 'secretKey'. Did you mean secretAccessKey?`,
    ],
    [
      "an object with securityToken",
      { ...KEYS, securityToken: "hunter2" },
      `${FORM} the unknown member 'securityToken'. Did you mean sessionToken?`,
    ],
    [
      "an object in capitals",
      { AccessKeyId: "hunter2", SecretAccessKey: "hunter2" },
      `${FORM} the unknown member 'AccessKeyId'. Did you mean accessKeyId?`,
    ],
    [
      "a Promise",
      Promise.resolve(KEYS),
      `${FORM} a Promise: await it first, or pass the function that returned it`,
    ],
    [
      "a number as key",
      { ...KEYS, accessKeyId: 5 },
      "The accessKeyId of the credentials must be text in printable ASCII",
    ],
    [
      "a secret with a line end",
      { ...KEYS, secretAccessKey: "hunter2\n" },
      "The secretAccessKey of the credentials must be text in printable ASCII",
    ],
    [
      "text as expiration",
      { ...KEYS, expiration: "hunter2" },
      `${FORM} an expiration that is not a Date`,
    ],
  ] as const
) {
  Deno.test(`credentials that are ${what} are refused without their values`, () => {
    const given = refusal(credentials);
    assertStringIncludes(given, message);
    assertEquals(given.includes("hunter2"), false);
  });
}

Deno.test("credentials as an object cannot be combined with keys", () => {
  const options = { bucketName: "media", credentials: KEYS, accessKey: "id" };
  assertThrows(() => new S3Storage(options), ConfigurationError, "cannot be combined with accessKey");
});
