/**
 * What this project relies on in `@std/crypto`, run against whatever that name resolves to: the published package, a checkout
 * of the standard library, or the stand-in beside this file.
 */
import { crypto as stdCrypto } from "@std/crypto";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { same } from "./same.ts";

const DIGESTS: Readonly<Record<"MD5" | "SHA-1" | "SHA-256", string>> = {
  "MD5": "900150983cd24fb0d6963f7d28e17f72",
  "SHA-1": "a9993e364706816aba3e25717850c26c9cd0d89d",
  "SHA-256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
};

for (const [algorithm, digest] of Object.entries(DIGESTS)) {
  Deno.test(`@std/crypto computes ${algorithm}`, async () => {
    const name = algorithm as keyof typeof DIGESTS;
    const bytes = new TextEncoder().encode("xabcx").subarray(1, 4);
    const chunks = [bytes.subarray(0, 1), bytes.subarray(1).slice().buffer];
    const hex = (buffer: ArrayBuffer): string => {
      same(buffer.byteLength, digest.length / 2, "length");
      return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
    };
    same(hex(await stdCrypto.subtle.digest(name, bytes)), digest, "digest");
    same(hex(stdCrypto.subtle.digestSync(name, bytes)), digest, "digestSync");
    same(hex(stdCrypto.subtle.digestSync(name, chunks)), digest, "digestSync of chunks");
    same(hex(await stdCrypto.subtle.digest(name, ReadableStream.from(chunks))), digest, "digest of a stream");
  });
}

Deno.test("@std/crypto compares byte sequences of one length, and refuses others", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  same(timingSafeEqual(bytes("abc"), bytes("abc")), true, "equal");
  same(timingSafeEqual(bytes("abc"), bytes("abd")), false, "different");
  same(timingSafeEqual(bytes("xabc").subarray(1), bytes("abc").buffer), true, "a view and a buffer");
  let error: unknown;
  try {
    timingSafeEqual(bytes("abc"), bytes("abcd"));
  } catch (caught) {
    error = caught;
  }
  same(error instanceof TypeError, true, "another length");
});
