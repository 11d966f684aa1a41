import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { asBytes, concatBytes, encodeBase64, encodeHex, encodeUtf8 } from "../../../../src/kit/bytes/bytes.ts";
import { SeededRandom } from "../../random.ts";

Deno.test("encodeUtf8() returns the bytes of a string", () => {
  assertEquals([...encodeUtf8("aé😀")], [0x61, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80]);
  assertEquals(encodeUtf8("").byteLength, 0);
});

Deno.test("concatBytes() joins chunks and views, and returns a single chunk uncopied", () => {
  const view = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
  assertEquals([...concatBytes([view, new Uint8Array(0), new Uint8Array([3])])], [1, 2, 3]);
  assertStrictEquals(concatBytes([view]), view);
  assertEquals(concatBytes([]).byteLength, 0);
});

Deno.test("asBytes() copies shared memory only", () => {
  const plain = new Uint8Array([1]);
  assertStrictEquals(asBytes(plain), plain);
  const shared = new Uint8Array(new SharedArrayBuffer(2));
  shared[1] = 7;
  const copy = asBytes(shared);
  assert(copy.buffer instanceof ArrayBuffer);
  assertEquals([...copy], [0, 7]);
});

Deno.test("encodeBase64() and encodeHex() equal node:buffer for every length up to 100", () => {
  const random = new SeededRandom(6);
  for (let length = 0; length <= 100; length++) {
    const bytes = random.bytes(length);
    assertEquals(encodeBase64(bytes), Buffer.from(bytes).toString("base64"));
    assertEquals(encodeHex(bytes), Buffer.from(bytes).toString("hex"));
  }
});

Deno.test("encodeBase64() accepts more bytes than a function accepts arguments", () => {
  const bytes = new Uint8Array(300_000).fill(255);
  assertEquals(encodeBase64(bytes), Buffer.from(bytes).toString("base64"));
});
