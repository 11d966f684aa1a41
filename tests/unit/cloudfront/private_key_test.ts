import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { type CloudFrontPrivateKey, CloudFrontSigner } from "../../../src/cloudfront/mod.ts";
import { verifySignedUrl } from "../../../src/cloudfront/verify/mod.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import {
  bytesOf,
  date,
  KEY_ID,
  opensslKeys,
  pemOf,
  RSA_PKCS1_DER,
  RSA_PKCS1_PEM,
  RSA_PKCS8_DER,
  RSA_PKCS8_PEM,
  RSA_PUBLIC_PEM,
} from "./keys.ts";

const URL_TO_SIGN = "https://cdn.example.com/a.jpg";
const EXPIRES = date(1_900_000_000);
const RSA_SHA1 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" };
const RSA_SHA256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const P256 = { name: "ECDSA", namedCurve: "P-256" };

function signWith(privateKey: CloudFrontPrivateKey, hash?: "SHA-1" | "SHA-256"): Promise<string> {
  return new CloudFrontSigner({ keyId: KEY_ID, privateKey, hash }).sign(URL_TO_SIGN, { expiresAt: EXPIRES });
}

function derOf(pem: string): Uint8Array<ArrayBuffer> {
  return bytesOf(pem.replace(/-----.+-----|\s/g, ""));
}

/** Returns the error of making and using a signer, which must not show the key. */
async function refusalOf(privateKey: unknown, options: { hash?: unknown } = {}): Promise<string> {
  try {
    const signer = new CloudFrontSigner(
      { keyId: KEY_ID, privateKey, ...options } as { keyId: string; privateKey: string },
    );
    await signer.sign(URL_TO_SIGN, { expiresAt: EXPIRES });
  } catch (error) {
    assertInstanceOf(error, ConfigurationError);
    const told = Deno.inspect(error, { depth: 10 }) + JSON.stringify(error) + error.message;
    const secret = typeof privateKey === "string" ? privateKey.replace(/-----[^-]+-----/g, "") : "";
    for (const line of secret.split("\n").filter((text) => text.length > 12)) {
      assert(!told.includes(line.slice(0, 12)), "the error quotes the key");
    }
    assertStringIncludes(error.message, "The CloudFront ");
    return error.message;
  }
  return "accepted";
}

Deno.test("every form of one RSA key gives the same URL", async () => {
  const encoder = new TextEncoder();
  const imported = await crypto.subtle.importKey("pkcs8", RSA_PKCS8_DER, RSA_SHA1, true, ["sign"]);
  const jwk = await crypto.subtle.exportKey("jwk", imported);
  const forms: Record<string, CloudFrontPrivateKey> = {
    "PKCS#8 PEM": RSA_PKCS8_PEM,
    "PKCS#1 PEM": RSA_PKCS1_PEM,
    "PEM as bytes": encoder.encode(RSA_PKCS1_PEM),
    "PEM as a buffer": encoder.encode(RSA_PKCS8_PEM).buffer,
    "PEM with escaped newlines": RSA_PKCS8_PEM.replaceAll("\n", "\\n"),
    "PEM with escaped Windows line ends": RSA_PKCS1_PEM.replaceAll("\n", "\\r\\n"),
    "PEM with Windows line ends": RSA_PKCS1_PEM.replaceAll("\n", "\r\n"),
    "PEM on one line": RSA_PKCS8_PEM.replaceAll("\n", " "),
    "PEM in quotes": `"${RSA_PKCS8_PEM.replaceAll("\n", "\\n")}"`,
    "PEM after a comment": `Bag Attributes\n    localKeyID: 01\n${RSA_PKCS8_PEM}`,
    "PEM after the public key": RSA_PUBLIC_PEM + RSA_PKCS8_PEM,
    "PKCS#8 DER": RSA_PKCS8_DER,
    "PKCS#1 DER": RSA_PKCS1_DER,
    "DER as a buffer": RSA_PKCS1_DER.buffer,
    "DER in the middle of a buffer": new Uint8Array([1, 2, ...RSA_PKCS1_DER, 3]).subarray(2, -1),
    "CryptoKey": imported,
    "JWK": jwk,
    "JWK for another algorithm": { ...jwk, alg: "RS256", key_ops: ["verify"], use: "enc", ext: false },
  };
  const expected = await signWith(RSA_PKCS8_PEM);
  for (const [form, key] of Object.entries(forms)) assertEquals([form, await signWith(key)], [form, expected]);
});

Deno.test("every form of one ECDSA key signs what its public key verifies", async () => {
  const { sec1, pkcs8, withParameters, public: publicKey } = opensslKeys.p256;
  const imported = await crypto.subtle.importKey("pkcs8", derOf(pkcs8), P256, true, ["sign"]);
  const forms: CloudFrontPrivateKey[] = [
    sec1,
    pkcs8,
    withParameters,
    sec1.replaceAll("\n", "\\n"),
    derOf(sec1),
    derOf(pkcs8),
    imported,
    await crypto.subtle.exportKey("jwk", imported),
  ];
  for (const form of forms) {
    for (const hash of ["SHA-1", "SHA-256"] as const) {
      const verdict = await verifySignedUrl(await signWith(form, hash), { publicKey, at: date(1_800_000_000) });
      assertEquals(verdict.valid, true);
    }
  }
});

Deno.test("readPrivateKey() uses the hash of a CryptoKey", async () => {
  const key = await crypto.subtle.importKey("pkcs8", RSA_PKCS8_DER, RSA_SHA256, false, ["sign"]);
  assertEquals(await signWith(key), await signWith(RSA_PKCS8_PEM, "SHA-256"));
  assertStringIncludes(
    await refusalOf(key, { hash: "SHA-1" }),
    "a CryptoKey: private,RSASSA-PKCS1-v1_5,SHA-256,sign, hash SHA-1",
  );
});

Deno.test("readPrivateKey() names the kind of OpenSSH, encrypted, public and other keys", async () => {
  const { refused, p256, rsa1024 } = opensslKeys;
  const cases: [key: unknown, what: string][] = [
    [refused.encryptedPkcs8, "encrypted"],
    [refused.encryptedPkcs8.replaceAll("\n", "\\n"), "encrypted"],
    [refused.encryptedPkcs1, "encrypted"],
    [derOf(refused.encryptedPkcs8), "encrypted"],
    [refused.openssh, "in OpenSSH's format"],
    [rsa1024.public, "a PEM PUBLIC KEY"],
    [refused.rsaPublicPkcs1, "a PEM RSA PUBLIC KEY"],
    [refused.certificate, "a PEM CERTIFICATE"],
    [derOf(rsa1024.public), "public"],
    [derOf(p256.public), "public"],
    [derOf(refused.rsaPublicPkcs1), "public"],
    [refused.p384sec1, "on another curve than P-256"],
    [refused.p384pkcs8, "on another curve than P-256"],
    [refused.secp256k1pkcs8, "on another curve than P-256"],
    [refused.ed25519, "neither RSA nor EC"],
    [refused.rsaPss, "neither RSA nor EC"],
  ];
  for (const [key, what] of cases) assertStringIncludes(await refusalOf(key), `The CloudFront key is ${what}`);
});

Deno.test("RSA keys are from 1024 to 4096 bits long", async () => {
  const { rsa512, rsa768, rsa4104 } = opensslKeys.refused;
  assertStringIncludes(
    await refusalOf(rsa512),
    "The CloudFront key is RSA of 512 bits: it must be an unencrypted private key, RSA (1024 to 4096 bits)",
  );
  assertStringIncludes(await refusalOf(rsa768), "RSA of 768 bits");
  assertStringIncludes(await refusalOf(rsa4104), "RSA of 4104 bits");
});

Deno.test("readPrivateKey() refuses garbage without showing it", async () => {
  const body = RSA_PKCS8_PEM.replace(/-----.+-----|\s/g, "");
  const cases: [key: unknown, what: string][] = [
    [undefined, "missing"],
    ["", "missing"],
    [null, "missing"],
    ["not a key at all, my-secret-text", "not PEM"],
    [body, "not PEM"],
    [new Uint8Array(0), "not PEM"],
    [new Uint8Array([1, 2, 3]), "not PEM"],
    [{}, "not PEM"],
    [pemOf("PRIVATE KEY", "!!!!"), "damaged"],
    [pemOf("PRIVATE KEY", body.slice(0, 801)), "damaged"],
    [pemOf("PRIVATE KEY", body.slice(0, 800)), "damaged"],
    [pemOf("PRIVATE KEY", btoa("0".repeat(300))), "neither RSA nor EC"],
    [RSA_PKCS8_DER.slice(0, 500), "damaged"],
    [RSA_PKCS1_DER.slice(0, 500), "damaged"],
    [new Uint8Array([0x30, 0x03, 1, 2, 3]), "neither RSA nor EC"],
    [new Uint8Array([0x30]), "neither RSA nor EC"],
  ];
  for (const [key, what] of cases) assertStringIncludes(await refusalOf(key), `The CloudFront key is ${what}`);
});

Deno.test("a JWK is refused if it is public, of another kind, or damaged", async () => {
  const key = await crypto.subtle.importKey("pkcs8", RSA_PKCS8_DER, RSA_SHA1, true, ["sign"]);
  const { kty, n, e, d } = await crypto.subtle.exportKey("jwk", key);
  assertStringIncludes(await refusalOf({ kty, n, e }), "a JWK: RSA  public");
  assertStringIncludes(await refusalOf({ kty: "EC", crv: "P-384", d }), "a JWK: EC P-384");
  assertStringIncludes(await refusalOf({ kty: "oct", k: "c2VjcmV0" }), "a JWK: oct");
  assertStringIncludes(await refusalOf({ kty, d }), "damaged");
});

Deno.test("a CryptoKey is refused if it is public, of another kind, or may not sign", async () => {
  const usages: KeyUsage[] = ["sign", "verify"];
  const p384 = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-384" }, true, usages);
  const p256 = await crypto.subtle.generateKey(P256, true, usages);
  const hmac = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, usages);
  const rsa512 = await crypto.subtle.importKey("pkcs8", RSA_PKCS8_DER, { ...RSA_SHA1, hash: "SHA-512" }, true, [
    "sign",
  ]);
  assertStringIncludes(await refusalOf(p384.privateKey), "a CryptoKey: private,ECDSA,P-384,sign");
  assertStringIncludes(await refusalOf(p256.publicKey), "a CryptoKey: public,ECDSA,P-256,verify");
  assertStringIncludes(await refusalOf(hmac), "a CryptoKey: secret,HMAC,SHA-256,sign,verify");
  assertEquals(await refusalOf(rsa512), "The CloudFront hash must be SHA-1 or SHA-256, got SHA-512");
  assertEquals(await refusalOf(p256.privateKey), "accepted");
});

Deno.test("readPrivateKey() refuses other hashes", async () => {
  assertEquals(
    await refusalOf(RSA_PKCS8_PEM, { hash: "SHA256" }),
    "The CloudFront hash must be SHA-1 or SHA-256, got SHA256",
  );
});

Deno.test("the constructor refuses a wrong key, and the first use a damaged one", async () => {
  const { encryptedPkcs8 } = opensslKeys.refused;
  assertThrows(
    () => new CloudFrontSigner({ keyId: KEY_ID, privateKey: encryptedPkcs8 }),
    ConfigurationError,
    "encrypted",
  );
  const damaged = new CloudFrontSigner({ keyId: KEY_ID, privateKey: RSA_PKCS8_DER.slice(0, 500) });
  for (let attempt = 0; attempt < 2; attempt++) {
    await assertRejects(() => damaged.sign(URL_TO_SIGN, { expiresAt: EXPIRES }), ConfigurationError, "damaged");
  }
});

Deno.test("concurrent signing imports a key once, as not extractable", async () => {
  const { importKey } = crypto.subtle;
  const imports: boolean[] = [];
  crypto.subtle.importKey = ((...parameters: Parameters<typeof importKey>) => {
    imports.push(parameters[3]);
    return importKey.apply(crypto.subtle, parameters);
  }) as typeof importKey;
  try {
    const signer = new CloudFrontSigner({ keyId: KEY_ID, privateKey: RSA_PKCS1_PEM });
    assertEquals(imports, []);
    const urls = await Promise.all(
      Array.from({ length: 50 }, (_, index) => signer.sign(`https://cdn.example.com/${index}`, { expiresAt: EXPIRES })),
    );
    assertEquals(new Set(urls).size, 50);
    for (const [index, url] of urls.entries()) assertMatch(url, RegExp(`^https://cdn.example.com/${index}\\?Expires=`));
  } finally {
    crypto.subtle.importKey = importKey;
  }
  assertEquals(imports, [false]);
});

Deno.test("inspecting a signer does not show its key", () => {
  const signer = new CloudFrontSigner({ keyId: KEY_ID, privateKey: RSA_PKCS8_PEM });
  const shown = Deno.inspect(signer, { depth: 10, showHidden: true }) + JSON.stringify(signer);
  assertEquals(JSON.parse(JSON.stringify(signer)), { keyId: KEY_ID, hash: "SHA-1" });
  assert(!shown.includes(RSA_PKCS8_PEM.slice(40, 60)), shown);
});
