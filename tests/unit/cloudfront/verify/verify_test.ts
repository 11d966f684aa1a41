import { assertEquals, assertRejects } from "@std/assert";
import { verifySignedUrl } from "../../../../src/cloudfront/verify/mod.ts";
import { bytesOf, date, ecdsaSigner, opensslKeys, RSA_PKCS8_PEM, RSA_PUBLIC_PEM, rsaSigner } from "../keys.ts";

const URL_TO_SIGN = "https://cdn.example.com/a.jpg?size=large";
const EXPIRES = date(1_900_000_000);
const AT = date(1_800_000_000);
const LIMITS = { expiresAt: EXPIRES, startsAt: date(1_700_000_000), ipAddress: "203.0.113.0/24" };
const VIEWER = { publicKey: RSA_PUBLIC_PEM, at: AT, ipAddress: "203.0.113.7" };

async function reasonFor(url: string, options: Partial<Parameters<typeof verifySignedUrl>[1]> = {}): Promise<string> {
  const verdict = await verifySignedUrl(url, { ...VIEWER, ...options });
  return verdict.valid ? "valid" : verdict.reason;
}

Deno.test("any change of a canned URL fails verification", async () => {
  const url = await rsaSigner().sign(URL_TO_SIGN, { expiresAt: EXPIRES });
  assertEquals(await reasonFor(url), "valid");
  assertEquals(await reasonFor(url.replace("a.jpg", "b.jpg")), "signature");
  assertEquals(await reasonFor(url.replace("large", "small")), "signature");
  assertEquals(await reasonFor(url.replace("size=large&", "")), "signature");
  assertEquals(await reasonFor(`${url}&more=1`), "signature");
  assertEquals(await reasonFor(url.replace("Expires=19", "Expires=20")), "signature");
  assertEquals(await reasonFor(`${url}&Hash-Algorithm=SHA256`), "signature");
  assertEquals(await reasonFor(url.replace(/Signature=./, "Signature=~")), "signature");
  assertEquals(await reasonFor(url.replace(/Signature=[^&]+/, "Signature=AAAA")), "signature");
});

Deno.test("only the canonical encoding of a signature verifies", async () => {
  const url = await rsaSigner().sign(URL_TO_SIGN, { expiresAt: EXPIRES });
  const changes: [string | RegExp, string][] = [
    ["Expires=1900000000", "Expires=0x713fb300"],
    ["Expires=1900000000", "Expires=1900000000.9"],
    ["Expires=1900000000", "Expires=1.9e9"],
    ["Expires=1900000000", "Expires=01900000000"],
    ["Expires=1900000000", "Expires= 1900000000"],
    ["Expires=1900000000", "Expires=1&Expires=1900000000"],
    ["Signature=", "Signature=x&Signature="],
    ["Signature=", "Signature= "],
    [/_+&Key/, "&Key"],
  ];
  for (const [from, to] of changes) assertEquals(await reasonFor(url.replace(from, to)), "malformed", to);
  const custom = await rsaSigner().sign(URL_TO_SIGN, LIMITS);
  const policy = /Policy=([^&]+)/.exec(custom)![1]!.replaceAll("_", "=").replaceAll("-", "+").replaceAll("~", "/");
  assertEquals(await reasonFor(custom.replace(/Policy=[^&]+/, `Policy=${policy}`)), "valid");
  const marked = btoa("\xef\xbb\xbf" + atob(policy));
  assertEquals(await reasonFor(custom.replace(/Policy=[^&]+/, `Policy=${marked}`)), "malformed");
});

Deno.test("any change of a custom URL fails verification", async () => {
  const url = await rsaSigner().sign(URL_TO_SIGN, LIMITS);
  assertEquals(await reasonFor(url), "valid");
  assertEquals(await reasonFor(url.replace("a.jpg", "b.jpg")), "resource");
  assertEquals(await reasonFor(`${url}&more=1`), "resource");
  const other = await rsaSigner().sign("https://cdn.example.com/b.jpg", LIMITS);
  const policy = (text: string): string => /Policy=([^&]+)/.exec(text)![1]!;
  assertEquals(await reasonFor(url.replace(policy(url), policy(other))), "signature");
});

Deno.test("a change of any character of an ECDSA signature fails verification", async () => {
  const url = await ecdsaSigner().sign(URL_TO_SIGN, { expiresAt: EXPIRES });
  const [before, signature, after] = url.split(/(?<=Signature=)|(?=&Key-Pair-Id)/) as [string, string, string];
  const significant = signature.replace(/_+$/, "").length;
  for (let index = 0; index < significant; index++) {
    const changed = signature.slice(0, index) + (signature[index] === "A" ? "B" : "A") + signature.slice(index + 1);
    const reason = await reasonFor(before + changed + after, { publicKey: opensslKeys.p256.public });
    // Some bits of the last character may be unused.
    assertEquals([index, reason], [index, index < significant - 1 || reason !== "malformed" ? "signature" : reason]);
  }
});

Deno.test("a URL is valid after its start and before its expiration", async () => {
  const url = await rsaSigner().sign(URL_TO_SIGN, LIMITS);
  assertEquals(await reasonFor(url, { at: date(1_700_000_000) }), "not-yet-valid");
  assertEquals(await reasonFor(url, { at: date(1_700_000_001) }), "valid");
  assertEquals(await reasonFor(url, { at: date(1_899_999_999.9) }), "valid");
  assertEquals(await reasonFor(url, { at: EXPIRES }), "expired");
});

Deno.test("a URL for some viewers fails for others", async () => {
  const url = await rsaSigner().sign(URL_TO_SIGN, LIMITS);
  assertEquals(await reasonFor(url, { ipAddress: "203.0.113.255" }), "valid");
  assertEquals(await reasonFor(url, { ipAddress: "203.0.114.0" }), "ip-address");
  assertEquals(await reasonFor(url, { ipAddress: undefined }), "ip-address");
  const single = await rsaSigner().sign(URL_TO_SIGN, { ...LIMITS, ipAddress: "203.0.113.7" });
  assertEquals(await reasonFor(single, { ipAddress: "203.0.113.7" }), "valid");
  assertEquals(await reasonFor(single, { ipAddress: "203.0.113.6" }), "ip-address");
  const all = await rsaSigner().sign(URL_TO_SIGN, { ...LIMITS, ipAddress: "0.0.0.0/0" });
  assertEquals(await reasonFor(all, { ipAddress: "255.0.113.6" }), "valid");
});

Deno.test("wildcards match any characters and any one", async () => {
  const cases: [resource: string, path: string, isCovered: boolean][] = [
    ["https://cdn.example.com/*", "/", true],
    ["https://cdn.example.com/*.jpg", "/a/b.jpg", true],
    ["https://cdn.example.com/*.jpg", "/a/bxjpg", false],
    ["https://cdn.example.com/v?.mp4", "/v1.mp4", true],
    ["https://cdn.example.com/v?.mp4", "/v12.mp4", false],
    ["http*://cdn.example.com/(a)+[b]$", "/(a)+[b]$", true],
    ["*", "/anything", true],
    ["http://*", "/", false],
  ];
  for (const [resource, path, isCovered] of cases) {
    const url = await ecdsaSigner().sign(`https://cdn.example.com${path}`, { resource, expiresAt: EXPIRES });
    const reason = await reasonFor(url, { publicKey: opensslKeys.p256.public });
    assertEquals([resource, path, reason], [resource, path, isCovered ? "valid" : "resource"]);
  }
});

Deno.test("missing and unreadable parts are malformed", async () => {
  const url = await rsaSigner().sign(URL_TO_SIGN, { expiresAt: EXPIRES });
  assertEquals(await reasonFor(URL_TO_SIGN), "malformed");
  assertEquals(await reasonFor(url.replace(/&Expires=\d+/, "")), "malformed");
  assertEquals(await reasonFor(url.replace(/&Signature=[^&]+/, "")), "malformed");
  assertEquals(await reasonFor(url.replace(/&Key-Pair-Id=[^&]+/, "")), "malformed");
  assertEquals(await reasonFor(url.replace(/Expires=\d+/, "Expires=soon")), "malformed");
  assertEquals(await reasonFor(url.replace(/Signature=/, "Signature=!")), "malformed");
  assertEquals(await reasonFor(`${url}&Hash-Algorithm=MD5`), "malformed");
  assertEquals(await reasonFor(`${url}&Policy=e30_`), "malformed");
  assertEquals(await reasonFor(url.replace(/Expires=\d+/, "Policy=AAAA")), "malformed");
});

Deno.test("another key verifies nothing", async () => {
  const url = await rsaSigner().sign(URL_TO_SIGN, { expiresAt: EXPIRES });
  assertEquals(await reasonFor(url, { publicKey: opensslKeys.rsa1024.public }), "signature");
  assertEquals(await reasonFor(url, { publicKey: opensslKeys.p256.public }), "signature");
  const ecdsa = await ecdsaSigner().sign(URL_TO_SIGN, { expiresAt: EXPIRES });
  assertEquals(await reasonFor(ecdsa), "signature");
});

Deno.test("public keys come as PEM, DER and CryptoKey", async () => {
  const url = await rsaSigner({ hash: "SHA-256" }).sign(URL_TO_SIGN, { expiresAt: EXPIRES });
  const der = bytesOf(RSA_PUBLIC_PEM.replace(/-----.+-----|\s/g, ""));
  const forSha1 = await crypto.subtle.importKey("spki", der, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" }, true, [
    "verify",
  ]);
  const forms = [
    RSA_PUBLIC_PEM,
    RSA_PUBLIC_PEM.replaceAll("\n", "\\n"),
    new TextEncoder().encode(RSA_PUBLIC_PEM),
    der,
    forSha1,
  ];
  for (const publicKey of forms) assertEquals(await reasonFor(url, { publicKey }), "valid");
  await assertRejects(() => reasonFor(url, { publicKey: RSA_PKCS8_PEM }), TypeError, "a PEM PRIVATE KEY");
});
