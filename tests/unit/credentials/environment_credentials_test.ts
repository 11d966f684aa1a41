import { assertEquals, assertStringIncludes } from "@std/assert";
import { NoCredentialsFound } from "../../../src/credentials/no_credentials.ts";
import { environmentCredentials } from "../../../src/credentials/environment_credentials.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { assertNoSecret, plain, refusalOf, world } from "./world.ts";

const KEYS = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "hunter2" };

Deno.test("environmentCredentials() reads the variables at each call", async () => {
  const context = world(KEYS);
  const provider = environmentCredentials({ context });
  assertEquals(plain(await provider()), ["id", "hunter2", undefined, undefined]);
  Object.assign(context.variables, {
    AWS_SECURITY_TOKEN: "hunter2-old",
    AWS_CREDENTIAL_EXPIRATION: "2030-01-01T01:00:00Z",
  });
  assertEquals(plain(await provider()), ["id", "hunter2", "hunter2-old", "2030-01-01T01:00:00Z"]);
  context.variables.AWS_SESSION_TOKEN = "hunter2-new";
  assertEquals((await provider()).sessionToken, "hunter2-new");
});

Deno.test("environmentCredentials() has no credentials without variables, and names a missing one", async () => {
  await refusalOf(environmentCredentials({ context: world() }), NoCredentialsFound);
  for (
    const [variables, missing] of [
      [{ AWS_ACCESS_KEY_ID: "id" }, "AWS_SECRET_ACCESS_KEY is not set"],
      [{ AWS_SECRET_ACCESS_KEY: "hunter2" }, "AWS_ACCESS_KEY_ID is not set"],
      [{ AWS_SESSION_TOKEN: "hunter2" }, "AWS_ACCESS_KEY_ID is not set"],
    ] as const
  ) {
    const provider = environmentCredentials({ context: world(variables) });
    assertStringIncludes(await refusalOf(provider, ConfigurationError), missing);
    assertEquals(await Promise.resolve().then(provider).catch((error) => error instanceof NoCredentialsFound), false);
  }
});

Deno.test("environmentCredentials() refuses malformed variables without showing them", async () => {
  const secret = environmentCredentials({ context: world({ ...KEYS, AWS_SECRET_ACCESS_KEY: "hunter2\n" }) });
  assertStringIncludes(await refusalOf(secret, ConfigurationError), "secretAccessKey");
  const expiration = environmentCredentials({ context: world({ ...KEYS, AWS_CREDENTIAL_EXPIRATION: "soon" }) });
  assertStringIncludes(await refusalOf(expiration, ConfigurationError), '"soon"');
});

Deno.test("environmentCredentials() returns frozen credentials that hide secrets from inspection and JSON", async () => {
  const credentials = await environmentCredentials({ context: world({ ...KEYS, AWS_SESSION_TOKEN: "hunter2" }) })();
  assertNoSecret(credentials);
  assertNoSecret([{ credentials }]);
  assertEquals(JSON.stringify(credentials), '{"accessKeyId":"id"}');
  assertEquals(Object.isFrozen(credentials), true);
  assertEquals({ ...credentials }.secretAccessKey, "hunter2");
});
