import { assertEquals } from "@std/assert";
import { findHmacKey } from "../../../../src/runtime/hash/hmac_key.ts";
import { hmacKeyTests } from "../../kit/hmac_key_tests.ts";
import { findHmacKeyOn, nodeHmacKey } from "../node_hmac_key.ts";

hmacKeyTests("the key of node:crypto", await nodeHmacKey());

Deno.test("findHmacKey() returns undefined on Deno and workerd, where plain JavaScript is faster", async () => {
  assertEquals([findHmacKey(), await findHmacKeyOn("Cloudflare-Workers")], [undefined, undefined]);
});
