import { assertEquals } from "@std/assert";
import { createHash, createHmac } from "node:crypto";
import { encodeHex } from "../../../src/kit/bytes.ts";
import { HmacSha256, sha256Hex } from "../../../src/kit/sha256.ts";
import { SeededRandom } from "../random.ts";

const ALPHABET = ["a", "Z", "0", " ", "\n", "é", "日", "😀", "\u0000"];

Deno.test("sha256Hex equals node:crypto for every length from 0 to 300", () => {
  for (let length = 0; length <= 300; length++) {
    const text = "ab".repeat(150).slice(0, length);
    assertEquals(sha256Hex(text), createHash("sha256").update(text).digest("hex"), `length ${length}`);
  }
});

Deno.test("sha256Hex equals node:crypto for texts that are not ASCII, and for long ones", () => {
  const random = new SeededRandom(3);
  for (let i = 0; i < 300; i++) {
    const text = random.text(ALPHABET, 0, 200);
    assertEquals(sha256Hex(text), createHash("sha256").update(text).digest("hex"));
  }
  const long = "0123456789é".repeat(20_000);
  assertEquals(sha256Hex(long), createHash("sha256").update(long).digest("hex"));
  assertEquals(sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

Deno.test("HmacSha256 equals node:crypto for keys of 0 to 200 bytes", () => {
  const random = new SeededRandom(4);
  for (let length = 0; length <= 200; length++) {
    const key = random.bytes(length);
    const text = random.text(ALPHABET, 0, 150);
    const expected = createHmac("sha256", key).update(text).digest("hex");
    const hmac = new HmacSha256(key);
    assertEquals(hmac.signHex(text), expected);
    assertEquals(encodeHex(hmac.sign(text)), expected);
  }
});

Deno.test("HmacSha256 takes a text as key, and one key signs any number of texts in any order", () => {
  const key = new HmacSha256("AWS4sécret😀");
  for (const text of ["a", "", "b".repeat(500), "a"]) {
    assertEquals(key.signHex(text), createHmac("sha256", "AWS4sécret😀").update(text).digest("hex"));
  }
});

Deno.test("HmacSha256 does not change with the bytes its key was made of", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const key = new HmacSha256(bytes);
  const before = key.signHex("x");
  bytes.fill(9);
  sha256Hex("y".repeat(5000));
  assertEquals(key.signHex("x"), before);
});

Deno.test("startingWith equals signing the whole text, wherever it is cut, and also where it is not ASCII", () => {
  const key = new HmacSha256("key");
  const random = new SeededRandom(5);
  for (let length = 0; length <= 200; length++) {
    for (const alphabet of [["a", "b"], ALPHABET]) {
      const head = random.text(alphabet, length, length);
      const sign = key.startingWith(head);
      for (const rest of ["", "rest", random.text(ALPHABET, 0, 90)]) {
        assertEquals(sign(rest), createHmac("sha256", "key").update(head + rest).digest("hex"));
      }
    }
  }
});
