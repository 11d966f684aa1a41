import { assertEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import { hmacSha1 } from "../../../src/signing/hmac_sha1.ts";
import { SeededRandom } from "../random.ts";

Deno.test("hmacSha1() equals node:crypto for keys and texts of any length", () => {
  const random = new SeededRandom(9);
  for (let length = 0; length <= 150; length++) {
    const key = random.text(["a", "é", "日"], length, length);
    const text = random.text(["a", "😀", "\n"], 0, 200);
    assertEquals(Uint8Array.from(createHmac("sha1", key).update(text).digest()), hmacSha1(key, text));
  }
});
