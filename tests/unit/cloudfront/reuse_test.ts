import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { verifySignedUrl } from "../../../src/cloudfront/verify/mod.ts";
import { date, ecdsaSigner, RSA_PUBLIC_PEM, rsaSigner } from "./keys.ts";

const PREFIX = "https://cdn.example.com/albums/7/";
const NOW = date(1_800_000_000);

Deno.test("reuse() signs all URLs with its prefix", async () => {
  const album = await rsaSigner({ now: () => NOW }).reuse(PREFIX, { expiresIn: 60 });
  assertEquals([album.resource, album.expiresAt], [`${PREFIX}*`, date(1_800_000_060)]);
  const urls = ["", "cover.jpg", "a/b/c.jpg?size=large", "ä b.jpg", "*"].map((name) => album.sign(PREFIX + name));
  assertMatch(
    urls[1]!,
    /^https:\/\/cdn\.example\.com\/albums\/7\/cover\.jpg\?Policy=[\w~-]+&Signature=[\w~-]+&Key-Pair-Id=/,
  );
  assertMatch(urls[2]!, /c\.jpg\?size=large&Policy=/);
  for (const url of urls) {
    assertEquals((await verifySignedUrl(url, { publicKey: RSA_PUBLIC_PEM, at: NOW })).valid, true);
  }
});

Deno.test("reused and single signatures of the same resource are equal", async () => {
  const expiresAt = date(1_900_000_000);
  const options = { expiresAt, startsAt: NOW, ipAddress: "203.0.113.0/24" };
  const reusable = await rsaSigner({ hash: "SHA-256" }).reuse(PREFIX, options);
  assertEquals(
    reusable.sign(`${PREFIX}a`),
    await rsaSigner({ hash: "SHA-256" }).sign(`${PREFIX}a`, { ...options, resource: `${PREFIX}*` }),
  );
});

Deno.test("URLs outside the prefix are refused", async () => {
  const album = await ecdsaSigner({ now: () => NOW }).reuse(PREFIX, { expiresIn: 60 });
  for (
    const url of [
      "https://cdn.example.com/albums/8/a",
      "https://cdn.example.com.evil/albums/7/a",
      "http://cdn.example.com/albums/7/a",
    ]
  ) {
    assertThrows(() => album.sign(url), RangeError, `it must begin with ${PREFIX}`);
  }
  for (const path of ["../8/a", "%2e%2e/8/a", "..\\8\\a", "..", "a/./b", ".\n./8/a"]) {
    assertThrows(() => album.sign(PREFIX + path), TypeError, "a segment . or ..");
  }
  assertThrows(() => album.sign("a.jpg"), TypeError, "be absolute http");
  assertThrows(() => album.sign(album.sign(`${PREFIX}a`)), TypeError, "parameters of CloudFront");
});

Deno.test("reuse() requires a prefix with a host and without query and wildcard", async () => {
  const signer = ecdsaSigner();
  for (const prefix of ["https://cdn.example.com/*", "https://cdn.example.com/a?b", "https://cdn.example.com/a?"]) {
    await assertRejects(() => signer.reuse(prefix, { expiresIn: 60 }), TypeError, "a query or a wildcard");
  }
  await assertRejects(() => signer.reuse("/albums/", { expiresIn: 60 }), TypeError, "be absolute http");
  // Without the slash after the host, the wildcard would be part of the host's name.
  assertEquals(
    (await signer.reuse("https://cdn.example.com", { expiresIn: 60 })).resource,
    "https://cdn.example.com/*",
  );
});

Deno.test("an expired policy does not sign", async () => {
  let now = NOW;
  const album = await ecdsaSigner({ now: () => now }).reuse(PREFIX, { expiresIn: 60 });
  now = date(1_800_000_059.999);
  album.sign(`${PREFIX}a`);
  now = date(1_800_000_060);
  assertThrows(() => album.sign(`${PREFIX}a`), RangeError, "the policy has expired");
});
