import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { encodeHex, encodeUtf8 } from "../../../../src/kit/bytes/bytes.ts";
import { md5, sha256Hex } from "../../../../src/runtime/hash/digest.ts";
import { patternBytes } from "../../random.ts";

const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ABC_SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

Deno.test("sha256Hex() and md5() compute known digests", async () => {
  assertEquals(await sha256Hex(encodeUtf8("")), EMPTY_SHA256);
  assertEquals(await sha256Hex(encodeUtf8("abc")), ABC_SHA256);
  assertEquals(encodeHex(await md5(encodeUtf8(""))), "d41d8cd98f00b204e9800998ecf8427e");
  assertEquals(encodeHex(await md5(encodeUtf8("abc"))), "900150983cd24fb0d6963f7d28e17f72");
});

Deno.test("sha256Hex() and md5() hash a view without the bytes around it", async () => {
  const view = patternBytes(10_000).subarray(100, 5000);
  assertEquals(await sha256Hex(view), createHash("sha256").update(view).digest("hex"));
  assertEquals(encodeHex(await md5(view)), createHash("md5").update(view).digest("hex"));
});

Deno.test("sha256Hex() and md5() work without node:crypto, as on an edge runtime", async () => {
  const process = Object.getOwnPropertyDescriptor(globalThis, "process")!;
  Object.defineProperty(globalThis, "process", { value: undefined, configurable: true, writable: true });
  try {
    // Another instance of the module, which has not cached node:crypto yet.
    const specifier = new URL("../../../../src/runtime/hash/digest.ts?edge", import.meta.url).href;
    const edge: { sha256Hex: typeof sha256Hex; md5: typeof md5 } = await import(specifier);
    assertEquals(await edge.sha256Hex(encodeUtf8("abc")), ABC_SHA256);
    assertEquals(encodeHex(await edge.md5(encodeUtf8("abc"))), "900150983cd24fb0d6963f7d28e17f72");
  } finally {
    Object.defineProperty(globalThis, "process", process);
  }
});
