import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { handleUpload, isCrossOrigin, UploadError } from "../../../src/upload/mod.ts";
import { formBytes, postForm } from "./forms.ts";

const SITE = "https://www.example.com";

function post(headers: Record<string, string>, url = `${SITE}/upload`, method = "POST"): Request {
  return new Request(url, { method, headers });
}

Deno.test("isCrossOrigin() uses Sec-Fetch-Site first", () => {
  for (
    const [site, expected] of [
      ["same-origin", false],
      ["none", false],
      ["same-site", true],
      ["cross-site", true],
      ["Same-Origin", true],
      ["same-origin, cross-site", true],
      ["", true],
    ] as const
  ) {
    // Origin is ignored, since a proxy may have changed the host.
    for (const origin of [{}, { origin: SITE }, { origin: "https://internal.example" }, { origin: "null" }]) {
      assertEquals(isCrossOrigin(post({ "sec-fetch-site": site, ...origin })), expected, `"${site}", ${origin.origin}`);
    }
  }
});

Deno.test("isCrossOrigin() without Sec-Fetch-Site compares the host of Origin with that of the URL", () => {
  for (
    const [origin, url, expected] of [
      [SITE, `${SITE}/upload`, false],
      [SITE, "http://www.example.com/upload", false], // a proxy terminated TLS
      ["http://localhost:8000", "http://localhost:8000/", false],
      ["http://localhost:8001", "http://localhost:8000/", true],
      ["https://example.com", `${SITE}/`, true],
      ["https://www.example.com.evil.example", `${SITE}/`, true],
      ["https://evil.example", `${SITE}/`, true],
      ["http://[::1]:8000", "http://[::1]:8000/", false],
      ["null", `${SITE}/`, true],
      ["", `${SITE}/`, true],
      ["www.example.com", `${SITE}/`, true],
      [SITE, "http://127.0.0.1:3000/", true], // a proxy changed the host, and no origins are listed
    ] as const
  ) {
    assertEquals(isCrossOrigin(post({ origin }, url)), expected, `${origin} at ${url}`);
  }
  assertEquals(isCrossOrigin(post({})), false, "neither header: no browser");
});

Deno.test("isCrossOrigin() allows only the listed origins", () => {
  const allowed = [SITE, "https://partner.example:8443", "capacitor://localhost"];
  const behindProxy = "http://127.0.0.1:3000/upload";
  for (const origin of allowed) {
    assertEquals(isCrossOrigin(post({ origin }, behindProxy), allowed), false, origin);
    assertEquals(isCrossOrigin(post({ origin, "sec-fetch-site": "cross-site" }, behindProxy), allowed), false, origin);
  }
  for (
    const origin of ["http://www.example.com", "https://partner.example", "http://127.0.0.1:3000", "null", `${SITE}/`]
  ) {
    assertEquals(isCrossOrigin(post({ origin }, behindProxy), allowed), true, origin);
    assertEquals(isCrossOrigin(post({ origin, "sec-fetch-site": "same-site" }, behindProxy), allowed), true, origin);
  }
  assertEquals(isCrossOrigin(post({ "sec-fetch-site": "same-origin", origin: "http://[::1]" }), allowed), false);
  assertEquals(isCrossOrigin(post({ "sec-fetch-site": "cross-site" }), allowed), true, "cross-site, and no Origin");
});

Deno.test("isCrossOrigin() is false for safe methods", () => {
  const evil = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
  for (const method of ["GET", "HEAD", "OPTIONS"]) assertEquals(isCrossOrigin(post(evil, SITE, method)), false, method);
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "get-it"]) {
    assertEquals(isCrossOrigin(post(evil, SITE, method)), true, method);
  }
});

Deno.test("isCrossOrigin() refuses a list with items that are not origins", () => {
  for (
    const [origin, advice] of [
      [`${SITE}/`, SITE],
      [`${SITE}/path`, SITE],
      [`${SITE}?a`, SITE],
      ["https://WWW.example.com", SITE],
      ["HTTPS://www.example.com:443", SITE],
      ["https://ada@www.example.com", "a scheme, a host"],
      ["https://*.example.com", "without wildcards"],
      ["*", "without wildcards"],
      ["www.example.com", "a scheme, a host"],
      ["//www.example.com", "a scheme, a host"],
      ["localhost:8000", "a scheme, a host"],
      ["https://", "a scheme, a host"],
      ["https:///", "a scheme, a host"],
      ["https://a b", "a scheme, a host"],
      ["file:///etc", "a scheme, a host"],
      ["null", "a scheme, a host"],
      ["", "a scheme, a host"],
      [null, "a scheme, a host"],
    ] as const
  ) {
    const error = assertThrows(() => isCrossOrigin(post({}), [SITE, origin as string]), TypeError, "allowedOrigins");
    assertEquals(error.message.includes(advice), true, `${origin}: ${error.message}`);
  }
  assertThrows(() => isCrossOrigin(post({}), SITE as unknown as string[]), TypeError, "an array of origins");
});

Deno.test("handleUpload() refuses a form of another site with 403, and reads its body only away", async () => {
  const storage = new MemoryStorage();
  const form = (headers: Record<string, string>): Request =>
    postForm([formBytes([{ name: "file", fileName: "a.txt", content: "hello" }])], headers);
  for (
    const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: "http://sub.localhost" },
      { origin: "https://evil.example" },
      { origin: "null" },
    ] as Record<string, string>[]
  ) {
    const request = form(headers);
    const error = await assertRejects(() => handleUpload(storage, request), UploadError, "another site");
    assertEquals([error.code, error.status, error.toResponse().status], ["CrossOrigin", 403, 403]);
    assertEquals([request.bodyUsed, await storage.listdir()], [true, [[], []]]);
  }
  const own: Record<string, string>[] = [{}, { origin: "http://localhost" }, { "sec-fetch-site": "same-origin" }];
  for (const headers of own) assertEquals((await handleUpload(storage, form(headers))).files.length, 1);
  const partner = { "sec-fetch-site": "cross-site", origin: "https://partner.example" };
  const allowedOrigins = ["http://localhost", "https://partner.example"];
  assertEquals((await handleUpload(storage, form(partner), { allowedOrigins })).files.length, 1);

  const untouched = form({});
  await assertRejects(
    () => handleUpload(storage, untouched, { allowedOrigins: ["https://*.example.com"] }),
    TypeError,
    "each item of allowedOrigins must be an origin, a scheme, a host and an optional port, without wildcards",
  );
  assertEquals(untouched.bodyUsed, false);
});
