import { assertEquals } from "@std/assert";
import { readPrivateKey } from "../../../src/cloudfront/private_key.ts";
import { derSignature, signPolicy } from "../../../src/cloudfront/signature.ts";

Deno.test("derSignature() writes r and s as two INTEGERs in a SEQUENCE", () => {
  const raw = new Uint8Array(64);
  raw[31] = 1; // r = 1
  raw[32] = 0x80; // s has its sign bit set
  const der = derSignature(raw);
  assertEquals(der.subarray(0, 7), Uint8Array.of(0x30, 3 + 35, 2, 1, 1, 2, 33));
  assertEquals(der.subarray(7, 9), Uint8Array.of(0, 0x80));
});

Deno.test("signPolicy() writes ECDSA signatures as DER in URL-safe base64", async () => {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const signature = await signPolicy(readPrivateKey(pair.privateKey), "{}");
  assertEquals(/^ME[\w~-]+$/.test(signature), true, signature);
});
