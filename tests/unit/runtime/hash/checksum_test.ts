import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { type Bytes, encodeUtf8 } from "../../../../src/kit/bytes/bytes.ts";
import { beginChecksum, checksum, contentDigest } from "../../../../src/runtime/hash/checksum.ts";
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from "../../../../src/runtime/hash/checksum_algorithms.ts";

const NINE = encodeUtf8("123456789");

/** The published check values of "123456789": RFC 1952, RFC 9260 and the catalogue of parametrised CRC algorithms. */
const CHECKS: Readonly<Record<ChecksumAlgorithm, string>> = {
  CRC32: "cbf43926",
  CRC32C: "e3069283",
  CRC64NVME: "ae8b14860a799888",
  SHA1: "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
  SHA256: "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
};

const inHex = (base64: string): string => Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)).toHex();

/** Runs without the runtime's own functions, as on an edge runtime. */
async function onEdge<T>(run: () => Promise<T>): Promise<T> {
  const { process } = globalThis;
  assertEquals(Reflect.deleteProperty(globalThis, "process"), true);
  try {
    return await run();
  } finally {
    Object.defineProperty(globalThis, "process", { value: process, configurable: true, writable: true });
  }
}

for (const algorithm of CHECKSUM_ALGORITHMS) {
  Deno.test(`checksum() computes the published ${algorithm} of "123456789", with and without the runtime's own functions`, async () => {
    assertEquals(inHex(await checksum(algorithm, NINE)), CHECKS[algorithm]);
    assertEquals(inHex(await checksum(algorithm, new Blob([NINE]))), CHECKS[algorithm]);
    assertEquals(inHex(await onEdge(() => checksum(algorithm, NINE))), CHECKS[algorithm]);
  });

  Deno.test(`checksum() computes the same ${algorithm} for a large Blob as for its bytes`, async () => {
    const bytes: Bytes = new Uint8Array(1_000_003).map((_, index) => index * 7 + (index >> 8));
    const whole = await checksum(algorithm, bytes);
    assertEquals(await checksum(algorithm, new Blob([bytes])), whole);
    assertEquals(await onEdge(() => checksum(algorithm, new Blob([bytes]))), whole);
  });
}

Deno.test("checksum() accepts empty bodies", async () => {
  const nothing = new Uint8Array(0);
  assertEquals(await checksum("CRC32", nothing), "AAAAAA==");
  assertEquals(await checksum("CRC64NVME", new Blob([])), "AAAAAAAAAAA=");
  assertEquals(await checksum("SHA256", new Blob([])), createHash("sha256").digest("base64"));
});

Deno.test("contentDigest() computes the same MD5 with and without the runtime's own function", async () => {
  for (const bytes of [new Uint8Array(0), NINE, new Uint8Array(100_003).map((_, index) => index * 7)]) {
    const expected = createHash("md5").update(bytes).digest("hex");
    for (const body of [bytes, new Blob([bytes])]) {
      assertEquals((await contentDigest(body)).toHex(), expected);
      assertEquals((await onEdge(() => contentDigest(body))).toHex(), expected);
    }
  }
});

Deno.test("beginChecksum() returns undefined for a digest where all bytes would have to be kept", async () => {
  assertEquals(beginChecksum("SHA256") === undefined, false);
  const begun = await onEdge(() => Promise.resolve(CHECKSUM_ALGORITHMS.filter((name) => beginChecksum(name))));
  assertEquals(begun, ["CRC32", "CRC32C", "CRC64NVME"]);
});
