import { brotliCompressSync } from "node:zlib";
import { assertEquals } from "@std/assert";
import { acceptsCoding, isSurelyUncompressed } from "../../../src/serve/coding.ts";

Deno.test("acceptsCoding() reads codings and their qualities", () => {
  for (const header of ["gzip", "GZIP", "x-gzip", "br, gzip", "gzip;q=0.1", "*", "br;q=0, *;q=0.5", "gzip ; q=1"]) {
    assertEquals(acceptsCoding(header, "gzip"), true, header);
  }
  for (const header of [null, "", "identity", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *", "gzip;q=x"]) {
    assertEquals(acceptsCoding(header, "gzip"), false, String(header));
  }
});

Deno.test("isSurelyUncompressed() tells compressed from plain bytes of known types", async () => {
  const text = "the same text again and again, ".repeat(50);
  const bytes = (of: string): Uint8Array => Uint8Array.from(of, (one) => one.charCodeAt(0));
  const plain = (contentType: string, head: Uint8Array): boolean =>
    isSurelyUncompressed({ contentType, size: 1000 }, head);
  for (const type of ["text/html", "application/octet-stream", "image/svg+xml"]) {
    assertEquals(plain(type, bytes(text)), true, type);
    assertEquals(plain(type, new TextEncoder().encode("日本語 naïve text, long enough")), true, type);
    for (const format of ["gzip", "deflate", "deflate-raw"] as const) {
      const packed = new Blob([text]).stream().pipeThrough(new CompressionStream(format));
      assertEquals(plain(type, await new Response(packed).bytes()), false, `${type}, ${format}`);
    }
    for (const content of [text, "no more than a few words", "abcdefghijklmnopqrstuvwxyz0123456789"]) {
      assertEquals(plain(type, new Uint8Array(brotliCompressSync(content))), false, `${type}, brotli of ${content}`);
    }
    assertEquals(plain(type, bytes("\x28\xb5\x2f\xfd\x04\x58 and so on, more")), false, type);
    assertEquals(plain(type, bytes("short")), false, "too short to tell");
  }
  assertEquals(plain("image/png", bytes("\x89PNG\r\n\x1a\n")), true);
  assertEquals(plain("application/gzip", bytes("\x1f\x8b\x08\0")), false, "it may be gzip twice");
  assertEquals(isSurelyUncompressed({ contentType: "text/plain", size: 0 }, new Uint8Array(0)), true);
});
