import { assertEquals, assertThrows } from "@std/assert";
import { withKeyDigests } from "../../../src/client/customer_key_digests.ts";
import { ConfigurationError } from "../../../src/errors.ts";

const NAME = "x-amz-server-side-encryption-customer-key";
const KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="; // 0123456789abcdef0123456789abcdef

Deno.test("withKeyDigests() adds the MD5 of each SSE-C key, and keeps one that is given", () => {
  const origin = "https://s3.example.com";
  const copied = "x-amz-copy-source-server-side-encryption-customer-key";
  assertEquals(withKeyDigests({ [NAME]: KEY, [copied]: KEY, [`${copied}-md5`]: "given" }, origin), {
    [NAME]: KEY,
    [`${NAME}-md5`]: "hRasmdxgYDKV3nvbahU1MA==",
    [copied]: KEY,
    [`${copied}-md5`]: "given",
  });
});

Deno.test("withKeyDigests() refuses a key that TLS does not protect", () => {
  assertThrows(() => withKeyDigests({ [NAME]: KEY }, "http://s3.example.com"), ConfigurationError);
});
