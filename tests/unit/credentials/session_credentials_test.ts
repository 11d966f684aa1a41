import { assertEquals } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { fromTexts } from "./profiles.ts";
import { refusalOf } from "./world.ts";

Deno.test("sessionCredentials() reads the files at each call", async () => {
  let secret = "first";
  let reads = 0;
  const provider = fromTexts({
    readTextFileSync: (path) => {
      reads++;
      return path.endsWith("config") ? "" : `[default]\naws_access_key_id = id\naws_secret_access_key = ${secret}`;
    },
  });
  assertEquals((await provider()).secretAccessKey, "first");
  assertEquals(reads, 2);
  secret = "second";
  assertEquals((await provider()).secretAccessKey, "second");
});

Deno.test("sessionCredentials() refuses a profile without credentials with advice", async () => {
  const message = await refusalOf(
    fromTexts({ config: "[profile a]\nregion = eu-west-1", profile: "a" }),
    ConfigurationError,
  );
  assertEquals(message.startsWith("Profile 'a' has no credentials: it needs aws_access_key_id, role_arn"), true);
});
