import { assertEquals } from "@std/assert";
import { crypto as standardCrypto } from "@std/crypto";
import { CHECKSUM_ALGORITHMS, checksumBytes } from "../../../../src/testing/payload/checksums.ts";
import { encodeHex } from "../../../../src/kit/bytes/bytes.ts";
import { md5 } from "../../../../src/kit/bytes/md5.ts";

const CHECK = new TextEncoder().encode("123456789");

Deno.test("every checksum algorithm gives its published check value", async () => {
  const values = await Promise.all(
    CHECKSUM_ALGORITHMS.map(async (algorithm) => [algorithm, encodeHex(await checksumBytes(algorithm, CHECK))]),
  );
  assertEquals(Object.fromEntries(values), {
    crc32: "cbf43926",
    crc32c: "e3069283",
    crc64nvme: "ae8b14860a799888",
    sha1: "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    sha256: "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
  });
});

Deno.test("md5() agrees with the standard library at lengths around its block size", () => {
  for (const length of [...Array(200).keys(), 1000, 65_537]) {
    const bytes = Uint8Array.from({ length: length + 3 }, (_, index) => (index * 7 + length) & 0xff).subarray(3);
    assertEquals(
      encodeHex(md5(bytes)),
      encodeHex(new Uint8Array(standardCrypto.subtle.digestSync("MD5", bytes))),
      `${length}`,
    );
  }
});
