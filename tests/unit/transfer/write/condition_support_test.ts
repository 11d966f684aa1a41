import { assertEquals, assertStringIncludes } from "@std/assert";
import { NotSupportedError } from "../../../../src/errors.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { completesUnderConditions, noSafeWrite } from "../../../../src/transfer/write/condition_support.ts";
import { clientOn, scripted } from "../../transport.ts";

const TARGET = { bucket: "bucket", key: "a/b.bin" };
const OPTIONS = { endpointUrl: "http://localhost", accessKey: "testkey", secretKey: "testsecret" };

Deno.test("completesUnderConditions() asks no request of AWS", async () => {
  const transport = scripted(new Error("no request expected"));
  assertEquals(await completesUnderConditions(clientOn(transport), TARGET), true);
  assertEquals(transport.requests.length, 0);
});

Deno.test("completesUnderConditions() probes another service once, and stores nothing", async () => {
  for (const unconditional of [[], ["CompleteMultipartUpload"]]) {
    const server = createS3Server({ buckets: ["bucket"], unconditional });
    const client = clientOn(server, { ...OPTIONS, securityToken: undefined });
    const expected = unconditional.length === 0;
    assertEquals(await completesUnderConditions(client, TARGET), expected);
    const requests = server.requests.length;
    assertEquals(await completesUnderConditions(client, { ...TARGET, key: "c" }), expected);
    assertEquals(server.requests.length, requests);
    assertEquals([server.objects("bucket"), server.openUploads("bucket")], [[], []]);
  }
});

Deno.test("noSafeWrite() names the key and says what to do", () => {
  const error = noSafeWrite(TARGET);
  assertEquals(error instanceof NotSupportedError, true);
  assertStringIncludes(error.message, "Cannot write 'a/b.bin' without the risk of overwriting");
  assertStringIncludes(error.message, 'Use a unique name and onExisting "replace"');
});
