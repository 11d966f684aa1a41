import { assertEquals, assertRejects } from "@std/assert";
import type { CloudFrontCookieAttributes } from "../../../src/cloudfront/mod.ts";
import { verifySignedCookies } from "../../../src/cloudfront/verify/mod.ts";
import { date, ecdsaSigner, KEY_ID, RSA_PUBLIC_PEM, rsaSigner } from "./keys.ts";

const EXPIRES = date(1_900_000_000);
const AT = { publicKey: RSA_PUBLIC_PEM, at: date(1_800_000_000) };

Deno.test("cookies for a pattern carry a custom policy", async () => {
  const { values, setCookie } = await rsaSigner().cookies("https://cdn.example.com/members/*", { expiresAt: EXPIRES });
  assertEquals(Object.keys(values), ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]);
  assertEquals(setCookie, Object.entries(values).map(([name, value]) => `${name}=${value}; Path=/; Secure; HttpOnly`));
  assertEquals((await verifySignedCookies(values, "https://cdn.example.com/members/a/b.jpg?c", AT)).valid, true);
  assertEquals(await verifySignedCookies(values, "https://cdn.example.com/a.jpg", AT), {
    valid: false,
    reason: "resource",
  });
});

Deno.test("cookies for one file carry its expiration", async () => {
  const { values } = await rsaSigner({ hash: "SHA-256" }).cookies("https://cdn.example.com/a.jpg?b", {
    expiresAt: EXPIRES,
  });
  assertEquals(Object.keys(values), [
    "CloudFront-Expires",
    "CloudFront-Signature",
    "CloudFront-Key-Pair-Id",
    "CloudFront-Hash-Algorithm",
  ]);
  assertEquals(values["CloudFront-Expires"], "1900000000");
  assertEquals(values["CloudFront-Key-Pair-Id"], KEY_ID);
  assertEquals(values["CloudFront-Hash-Algorithm"], "SHA256");
  assertEquals((await verifySignedCookies(values, "https://cdn.example.com/a.jpg?b", AT)).valid, true);
  assertEquals(await verifySignedCookies(values, "https://cdn.example.com/b.jpg", AT), {
    valid: false,
    reason: "signature",
  });
});

Deno.test("cookies and URLs carry the same signature", async () => {
  const limits = { expiresAt: EXPIRES, startsAt: date(1_700_000_000), ipAddress: "203.0.113.7" };
  const { values } = await rsaSigner().cookies("https://cdn.example.com/*", limits);
  const url = await rsaSigner().sign("https://cdn.example.com/a", { ...limits, resource: "https://cdn.example.com/*" });
  assertEquals(values["CloudFront-Signature"], new URL(url).searchParams.get("Signature"));
});

Deno.test("a Cookie header verifies too", async () => {
  const { values } = await rsaSigner().cookies("https://cdn.example.com/*", { expiresAt: EXPIRES });
  const header = ["theme=dark", ...Object.entries(values).map((pair) => pair.join("="))].join("; ");
  assertEquals((await verifySignedCookies(header, "https://cdn.example.com/a", AT)).valid, true);
  assertEquals(await verifySignedCookies("theme=dark", "https://cdn.example.com/a", AT), {
    valid: false,
    reason: "malformed",
  });
});

Deno.test("cookies() writes the attributes of Set-Cookie headers", async () => {
  const attributesOf = async (attributes: CloudFrontCookieAttributes): Promise<string> => {
    const { setCookie } = await ecdsaSigner().cookies("https://cdn.example.com/*", {
      expiresAt: EXPIRES,
      ...attributes,
    });
    const rests = new Set(setCookie.map((header) => header.replace(/^[^;]+; /, "")));
    assertEquals(rests.size, 1);
    return [...rests][0]!;
  };
  assertEquals(
    await attributesOf({ domain: "example.com", path: "/members", maxAge: 3600, sameSite: "None" }),
    "Domain=example.com; Path=/members; Max-Age=3600; Secure; HttpOnly; SameSite=None",
  );
  assertEquals(await attributesOf({ secure: false, httpOnly: false, sameSite: "Lax" }), "Path=/; SameSite=Lax");
  assertEquals(
    await attributesOf({ domain: ".example.com", maxAge: 0 }),
    "Domain=.example.com; Path=/; Max-Age=0; Secure; HttpOnly",
  );
});

Deno.test("cookies() refuses attributes that would inject into a Set-Cookie header", async () => {
  const cases: [attributes: Record<string, unknown>, name: string, kind?: typeof RangeError][] = [
    [{ domain: "example.com; Path=/evil" }, "domain"],
    [{ domain: "example.com\r\nX-Evil: 1" }, "domain"],
    [{ domain: "example.com\n" }, "domain"],
    [{ domain: "" }, "domain"],
    [{ domain: "exa mple.com" }, "domain"],
    [{ path: "members" }, "path"],
    [{ path: "/a; Domain=evil" }, "path"],
    [{ path: "/a\r\nX-Evil: 1" }, "path"],
    [{ path: "/a\n" }, "path"],
    [{ path: "/ä" }, "path"],
    [{ maxAge: -1 }, "maxAge", RangeError],
    [{ maxAge: 1.5 }, "maxAge", RangeError],
    [{ maxAge: NaN }, "maxAge", RangeError],
    [{ maxAge: "1; Domain=evil" }, "maxAge"],
    [{ sameSite: "Lax; Domain=evil" }, "sameSite"],
    [{ sameSite: "None", secure: false }, "sameSite"],
  ];
  for (const [attributes, name, kind = TypeError] of cases) {
    await assertRejects(
      () => ecdsaSigner().cookies("https://cdn.example.com/*", { expiresAt: EXPIRES, ...attributes }),
      kind,
      `Cannot make cookies for 'https://cdn.example.com/*': ${name} must be`,
    );
  }
  for (const resource of ["cdn.example.com/a", "https://cdn.example.com/a#b", 'https://cdn.example.com/"*']) {
    await assertRejects(
      () => ecdsaSigner().cookies(resource, { expiresAt: EXPIRES }),
      TypeError,
      "Cannot make cookies for",
    );
  }
});
