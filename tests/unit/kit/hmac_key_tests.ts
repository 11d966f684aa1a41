/** Tests for every factory of keys. */
import { assertEquals } from "@std/assert";
import { createHash, createHmac } from "node:crypto";
import { encodeHex } from "../../../src/kit/bytes/bytes.ts";
import type { MakeHmacKey } from "../../../src/kit/bytes/hmac_key.ts";
import { SeededRandom } from "../random.ts";

const ALPHABET = ["a", "Z", "0", " ", "\n", "é", "日", "😀", "\u0000"];

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function code(key: string | Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

/** Registers the tests of a factory. */
export function hmacKeyTests(name: string, hmacKey: MakeHmacKey): void {
  Deno.test(`${name} equals node:crypto for keys of 0 to 200 bytes`, () => {
    const random = new SeededRandom(4);
    for (let length = 0; length <= 200; length++) {
      const key = random.bytes(length);
      const text = random.text(ALPHABET, 0, 150);
      assertEquals(encodeHex(hmacKey(key).sign(text)), code(key, text));
    }
  });

  Deno.test(`${name} equals node:crypto for texts of every length from 0 to 300, and for long ones`, () => {
    const key = hmacKey("key");
    for (let length = 0; length <= 300; length++) {
      const text = "ab".repeat(150).slice(0, length);
      assertEquals(encodeHex(key.sign(text)), code("key", text), `length ${length}`);
    }
    const long = "0123456789é".repeat(20_000);
    assertEquals(encodeHex(key.sign(long)), code("key", long));
  });

  Deno.test(`${name} accepts a string as key, and signs any number of strings in any order`, () => {
    const key = hmacKey("AWS4sécret😀");
    for (const text of ["a", "", "b".repeat(500), "a"]) {
      assertEquals(encodeHex(key.sign(text)), code("AWS4sécret😀", text));
    }
  });

  Deno.test(`${name} is independent of later changes to its secret and of other signatures`, () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const key = hmacKey(bytes);
    const sign = key.overDigests("head", "ending");
    const before = [encodeHex(key.sign("x")), sign("start")];
    bytes.fill(9);
    hmacKey("other").sign("y".repeat(5000));
    hmacKey("other").overDigests("another", "text")("z".repeat(100));
    assertEquals([encodeHex(key.sign("x")), sign("start")], before);
  });

  Deno.test(`${name} signs over digests for any split into head, start and ending, also beyond ASCII`, () => {
    const key = hmacKey("key");
    const random = new SeededRandom(5);
    for (let length = 0; length <= 200; length++) {
      for (const alphabet of [["a", "b"], ALPHABET]) {
        const head = random.text(alphabet, length, length);
        const ending = random.text(alphabet, 0, 200);
        const sign = key.overDigests(head, ending);
        for (let turn = 0; turn < 4; turn++) {
          const start = random.text(alphabet, 0, 200);
          assertEquals(sign(start), code("key", head + sha256(start + ending)));
        }
      }
    }
  });

  Deno.test(`${name} signs over digests of starts of every length, repeatedly`, () => {
    // Starts of the same length share a plan.
    const sign = hmacKey("key").overDigests("head", "the ending ".repeat(20));
    const lengths = Array.from({ length: 300 }, (_, index) => index);
    for (const length of [...lengths, ...lengths.toReversed(), 5, 69, 5, 5, 133, 69, 1024, 0]) {
      const start = "s".repeat(length);
      assertEquals(sign(start), code("key", "head" + sha256(start + "the ending ".repeat(20))), `length ${length}`);
    }
  });
}
