import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { checkCredentials, type Credentials, staticCredentials } from "../../../src/aws/credentials.ts";
import { ConfigurationError } from "../../../src/errors.ts";

const KEYS: Credentials = { accessKeyId: "id", secretAccessKey: "secret" };

Deno.test("staticCredentials() returns the same frozen copy at each call", async () => {
  const provider = staticCredentials(KEYS);
  const credentials = await provider();
  assertEquals([credentials, Object.isFrozen(credentials), Object.isFrozen(KEYS)], [KEYS, true, false]);
  assertStrictEquals(await provider(), credentials);
});

Deno.test("checkCredentials() names the malformed part without showing it", () => {
  assertEquals(checkCredentials({ ...KEYS, sessionToken: "" }), { ...KEYS, sessionToken: "" });
  for (
    const [given, part] of [
      [undefined, "accessKeyId"],
      [{ ...KEYS, accessKeyId: "" }, "accessKeyId"],
      [{ ...KEYS, secretAccessKey: "hunter2\n" }, "secretAccessKey"],
      [{ ...KEYS, secretAccessKey: 5 }, "secretAccessKey"],
      [{ ...KEYS, sessionToken: "hünter2" }, "sessionToken"],
    ] as const
  ) {
    const error = assertThrows(
      () => checkCredentials(given as Credentials),
      ConfigurationError,
      `The ${part} of the credentials`,
    );
    assertEquals(error.message.includes("nter2"), false);
  }
});
