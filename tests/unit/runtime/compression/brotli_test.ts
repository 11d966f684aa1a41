import { assertEquals } from "@std/assert";
import { brotliDecompressSync } from "node:zlib";
import { findBrotli } from "../../../../src/runtime/compression/brotli.ts";
import { patternBytes } from "../../random.ts";

Deno.test("findBrotli() compresses bytes into an array of their own", async () => {
  const compress = findBrotli()!;
  for (const bytes of [new Uint8Array(0), patternBytes(100_000)]) {
    const compressed = await compress(bytes);
    assertEquals(compressed.byteLength, compressed.buffer.byteLength);
    assertEquals(new Uint8Array(brotliDecompressSync(compressed)), bytes);
  }
});
