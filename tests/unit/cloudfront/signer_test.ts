import { assertEquals, assertMatch, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { createVerify } from "node:crypto";
import { CloudFrontSigner, type CloudFrontSignOptions } from "../../../src/cloudfront/mod.ts";
import { verifySignedUrl } from "../../../src/cloudfront/verify/mod.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { SeededRandom } from "../random.ts";
import { date, decodedParameter, ecdsaSigner, opensslKeys, RSA_PKCS8_PEM, RSA_PUBLIC_PEM, rsaSigner } from "./keys.ts";

const EXPIRES = date(1_900_000_000);
const NOW = date(1_800_000_000);

function policyIn(url: string): unknown {
  return JSON.parse(new TextDecoder().decode(decodedParameter(url, "Policy")));
}

Deno.test("a URL keeps its own query", async () => {
  const url = await rsaSigner().sign("https://cdn.example.com/a.jpg?size=large", { expiresAt: EXPIRES });
  assertMatch(
    url,
    /^https:\/\/cdn\.example\.com\/a\.jpg\?size=large&Expires=1900000000&Signature=[\w~-]+&Key-Pair-Id=K2JCJMDEHXQW5F$/,
  );
});

Deno.test("sign() adds Hash-Algorithm after the key's id for SHA-256", async () => {
  const signer = rsaSigner({ hash: "SHA-256" });
  assertMatch(
    await signer.sign("https://cdn.example.com/a", { expiresAt: EXPIRES }),
    /&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256$/,
  );
  assertMatch(
    await signer.sign("https://cdn.example.com/a", { expiresAt: EXPIRES, ipAddress: "203.0.113.7" }),
    /\?Policy=[\w~-]+&Signature=[\w~-]+&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256$/,
  );
});

Deno.test("expiresIn is counted from the signer's clock, rounded down to a second", async () => {
  const signer = rsaSigner({ now: () => new Date(1_799_999_999_900) });
  assertMatch(await signer.sign("https://cdn.example.com/a", { expiresIn: 60 }), /\?Expires=1800000059&/);
  assertMatch(
    await signer.sign("https://cdn.example.com/a", { expiresAt: new Date(1_800_000_000_999) }),
    /\?Expires=1800000000&/,
  );
});

Deno.test("sign() uses a custom policy for a start, an address or a resource", async () => {
  const sign = (options: CloudFrontSignOptions): Promise<unknown> =>
    rsaSigner().sign("https://cdn.example.com/v/1.ts", { expiresAt: EXPIRES, ...options }).then(policyIn);
  const DateLessThan = { "AWS:EpochTime": 1_900_000_000 };
  const statement = (Resource: string, rest: object): unknown => ({
    Statement: [{ Resource, Condition: { DateLessThan, ...rest } }],
  });
  const url = "https://cdn.example.com/v/1.ts";
  assertEquals(await sign({ startsAt: NOW }), statement(url, { DateGreaterThan: { "AWS:EpochTime": 1_800_000_000 } }));
  assertEquals(
    await sign({ ipAddress: "203.0.113.7" }),
    statement(url, { IpAddress: { "AWS:SourceIp": "203.0.113.7/32" } }),
  );
  assertEquals(
    await sign({ ipAddress: "203.0.113.0/24" }),
    statement(url, { IpAddress: { "AWS:SourceIp": "203.0.113.0/24" } }),
  );
  assertEquals(await sign({ resource: "http*://*.example.com/v/?.ts" }), statement("http*://*.example.com/v/?.ts", {}));
});

Deno.test("sign() signs a given policy unchanged", async () => {
  const policy = '{ "Statement": [ {"Condition":{"DateLessThan":{"AWS:EpochTime":1900000000}}} ] }';
  const url = await rsaSigner().sign("https://cdn.example.com/a", { policy });
  assertEquals(new TextDecoder().decode(decodedParameter(url, "Policy")), policy);
  assertEquals(await verifySignedUrl(url, { publicKey: RSA_PUBLIC_PEM, at: NOW }), { valid: true, policy });
  await assertRejects(
    () => rsaSigner().sign("https://cdn.example.com/a", { policy, expiresAt: EXPIRES }),
    TypeError,
    "policy excludes all other options",
  );
  await assertRejects(
    () => rsaSigner().sign("https://cdn.example.com/a", { policy, resource: "*" }),
    TypeError,
    "policy excludes all other options",
  );
});

Deno.test("sign() encodes a * in a name, so that it is no wildcard", async () => {
  const url = await rsaSigner().sign("https://cdn.example.com/*?x=*", { expiresAt: EXPIRES });
  assertMatch(url, /^https:\/\/cdn\.example\.com\/%2A\?x=%2A&Expires=/);
  // The attack: use the canned policy's text as a custom policy for another file.
  const policy = btoa(cannedText("https://cdn.example.com/%2A?x=%2A")).replaceAll("=", "_");
  const parameters = new URL(url).search.replace(/^.*Expires=\d+/, `?Policy=${policy}`);
  assertEquals(
    await verifySignedUrl(`https://cdn.example.com/secret${parameters}`, { publicKey: RSA_PUBLIC_PEM, at: NOW }),
    {
      valid: false,
      reason: "resource",
    },
  );
});

function cannedText(resource: string): string {
  return JSON.stringify({
    Statement: [{ Resource: resource, Condition: { DateLessThan: { "AWS:EpochTime": 1_900_000_000 } } }],
  });
}

Deno.test("sign() normalizes URLs like browsers", async () => {
  const cases: Record<string, string> = {
    "https://CDN.example.com": "https://cdn.example.com/",
    "https://cdn.example.com:443/a": "https://cdn.example.com/a",
    "https://cdn.example.com/ä b\u{1f600}.jpg?q=ä'": "https://cdn.example.com/%C3%A4%20b%F0%9F%98%80.jpg?q=%C3%A4%27",
    "https://cdn.example.com/..a/.b/c..": "https://cdn.example.com/..a/.b/c..",
    "https://cdn.example.com/a?path=/../b": "https://cdn.example.com/a?path=/../b",
    "http://localhost:8080/a%20b~!'()+%2B": "http://localhost:8080/a%20b~!'()+%2B",
    "https://cdn.example.com/a?": "https://cdn.example.com/a?",
    "https://cdn.example.com/Expires=1/a?expires=1&NotPolicy=2":
      "https://cdn.example.com/Expires=1/a?expires=1&NotPolicy=2",
  };
  for (const [given, asked] of Object.entries(cases)) {
    const url = await rsaSigner().sign(given, { expiresAt: EXPIRES });
    assertEquals(url.slice(0, asked.length), asked);
    assertEquals(new URL(url).href, url);
    assertEquals((await verifySignedUrl(url, { publicKey: RSA_PUBLIC_PEM, at: NOW })).valid, true);
    assertEquals(await rsaSigner().sign(new URL(given), { expiresAt: EXPIRES }), url);
  }
});

Deno.test("URLs that cannot be signed are refused, and the error says why", async () => {
  const cases: Record<string, string> = {
    "": "be absolute http",
    "/a.jpg": "be absolute http",
    "cdn.example.com/a.jpg": "be absolute http",
    "ftp://cdn.example.com/a.jpg": "be absolute http",
    "https://": "be absolute http",
    "https://user:password@cdn.example.com/a": "without a user",
    "https://cdn.example.com/a#b": "a fragment",
    "https://cdn.example.com/a#": "a fragment",
    "https://cdn.example.com/a/../b": "a segment . or ..",
    "https://cdn.example.com/a/%2e%2E/b": "a segment . or ..",
    "https://cdn.example.com/a/.%2e?x": "a segment . or ..",
    "https://cdn.example.com/./b": "a segment . or ..",
    "https://cdn.example.com/a/.\t./b": "a line break",
    "https://cdn.example.com/a\nb": "a line break",
    "https://cdn.example.com/a\\..\\b": "a backslash",
    "https://cdn.example.com/a?Expires=1": "parameters of CloudFront",
    "https://cdn.example.com/a?x=1&Signature": "parameters of CloudFront",
    "https://cdn.example.com/a?x=1&Policy=&y=2": "parameters of CloudFront",
    "https://cdn.example.com/a?Key-Pair-Id=K": "parameters of CloudFront",
    "https://cdn.example.com/a?Hash-Algorithm=SHA1": "parameters of CloudFront",
  };
  for (const [url, why] of Object.entries(cases)) {
    await assertRejects(() => rsaSigner().sign(url, { expiresAt: EXPIRES }), TypeError, why);
  }
  const signed = await rsaSigner().sign("https://cdn.example.com/a", { expiresAt: EXPIRES });
  await assertRejects(() => rsaSigner().sign(signed, { expiresAt: EXPIRES }), TypeError, "parameters of CloudFront");
});

Deno.test("sign() refuses malformed and contradictory options", async () => {
  const cases: [options: CloudFrontSignOptions, error: typeof TypeError | typeof RangeError, why: string][] = [
    [{}, TypeError, "exactly one of expiresAt and expiresIn"],
    [{ policy: "{}", expiresIn: 0 }, TypeError, "policy excludes all other options"],
    [{ expiresAt: EXPIRES, expiresIn: 1 }, TypeError, "exactly one of expiresAt and expiresIn"],
    [{ expiresAt: new Date(NaN) }, RangeError, 'expiresAt must be a date from 1970 on, got "Invalid Date"'],
    [{ expiresAt: new Date(-1) }, RangeError, "expiresAt must be"],
    [{ expiresIn: 0 }, RangeError, "expiresIn must be more than 0 seconds and end at a valid date, got 0"],
    [{ expiresIn: -1 }, RangeError, "got -1"],
    [{ expiresIn: NaN }, RangeError, "got NaN"],
    [{ expiresIn: Infinity }, RangeError, "expiresIn must be"],
    [{ expiresAt: EXPIRES, startsAt: new Date(NaN) }, RangeError, "startsAt must be"],
    [
      { expiresAt: EXPIRES, startsAt: EXPIRES },
      RangeError,
      "startsAt must be before expiresAt (1900000000), got 1900000000",
    ],
    [{ expiresAt: EXPIRES, resource: "https://cdn.example.com/ä*" }, TypeError, "percent-encoded"],
    [{ expiresAt: EXPIRES, resource: 'https://cdn.example.com/"*' }, TypeError, "percent-encoded"],
    [{ expiresAt: EXPIRES, resource: "" }, TypeError, "percent-encoded"],
    ...[
      "",
      "203.0.113",
      "203.0.113.256",
      "203.0.113.7/33",
      "203.0.113.7/",
      "203.0.113.7/1/2",
      "2001:db8::1",
      "a.b.c.d",
      "1.2.3.4 ",
    ]
      .map((ipAddress): [CloudFrontSignOptions, typeof TypeError, string] => [
        { expiresAt: EXPIRES, ipAddress },
        TypeError,
        `ipAddress must be an IPv4 address or range, got ${JSON.stringify(ipAddress)}`,
      ]),
  ];
  for (const [options, error, why] of cases) {
    await assertRejects(() => rsaSigner().sign("https://cdn.example.com/a", options), error, why);
  }
});

Deno.test("the constructor refuses a key id that URLs cannot carry without showing it", () => {
  for (const keyId of ["", "a b", "a&b", "a;b", "a\r\nb", "K\n", undefined as unknown as string, RSA_PKCS8_PEM]) {
    const error = assertThrows(() => new CloudFrontSigner({ keyId, privateKey: RSA_PKCS8_PEM }), ConfigurationError);
    assertEquals(error.message, "The CloudFront keyId must be an id such as K2JCJMDEHXQW5F");
  }
});

Deno.test("ECDSA signatures are DER that node:crypto accepts", async () => {
  for (const hash of ["SHA-1", "SHA-256"] as const) {
    const lengths = new Set<number>();
    for (let round = 0; round < 200; round++) {
      const resource = `https://cdn.example.com/${round}`;
      const url = await ecdsaSigner({ hash }).sign(resource, { expiresAt: EXPIRES });
      const signature = decodedParameter(url, "Signature");
      const text = cannedText(resource);
      assertEquals(createVerify(hash.replace("-", "")).update(text).verify(opensslKeys.p256.public, signature), true);
      lengths.add(signature.length);
    }
    assertNotEquals(lengths.size, 1, "numbers with and without a leading zero have been seen");
  }
});

Deno.test("OpenSSL's ECDSA signature verifies", async () => {
  const signature = opensslKeys.p256.signature.replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~");
  const url = `https://mock.cloudfront.net/file.txt?Expires=3600&Signature=${signature}&Key-Pair-Id=test-key`;
  const verdict = await verifySignedUrl(url, { publicKey: opensslKeys.p256.public, at: date(0) });
  assertEquals(verdict, { valid: true, policy: opensslKeys.policy });
});

Deno.test("2,000 random URLs verify once signed", async () => {
  const random = new SeededRandom(20_260_722);
  const characters = [..."abcXYZ019-._~!$'()+,;=:@/%&? #\"<>|^`{}ä漢\u{1f600}"];
  const piece = (): string =>
    Array.from({ length: 1 + random.below(12) }, () => encodeURIComponent(random.pick(characters))).join("");
  const signers = [ecdsaSigner({ now: () => NOW }), ecdsaSigner({ now: () => NOW, hash: "SHA-256" })];
  for (let round = 0; round < 2000; round++) {
    const path = Array.from({ length: 1 + random.below(4) }, () => `${piece()}_`).join("/");
    const query = random.below(2) === 0 ? "" : `?${piece()}=${piece()}&q=${piece()}`;
    const url = `https://cdn.example.com/${path}${query}`;
    const ipAddress = random.pick([undefined, "203.0.113.7", "203.0.0.0/16"]);
    const signed = await random.pick(signers).sign(url, {
      expiresIn: 1 + random.below(10_000),
      startsAt: random.pick([undefined, date(1_799_999_999)]),
      resource: random.pick([undefined, undefined, "https://cdn.example.com/*", "https://cdn.example.com/*_*"]),
      ipAddress,
    });
    assertEquals(signed.slice(0, signed.search(/[?&](Policy|Expires)=/)), new URL(url).href);
    const verdict = await verifySignedUrl(signed, {
      publicKey: opensslKeys.p256.public,
      at: NOW,
      ipAddress: "203.0.113.7",
    });
    assertEquals([verdict.valid, url], [true, url]);
  }
});
