import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { CloudFrontSigner } from "../../../src/cloudfront/mod.ts";
import { ConfigurationError, SuspiciousNameError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { UrlParameters } from "../../../src/s3/url_parameters.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import cloudfront from "../../vectors/cloudfront.json" with { type: "json" };
import upstream from "../../vectors/cloudfront_upstream.json" with { type: "json" };
import { pemOf, RSA_PKCS1_PEM } from "../cloudfront/keys.ts";
import { s3On } from "../storage/storages.ts";
import { exampleStorage, onDomain } from "./example_storage.ts";

for (
  const [name, path] of [
    ["path", "path"],
    ["path/", "path/"],
    ["path/1/", "path/1/"],
    ["whacky & filename.mp4", "whacky%20%26%20filename.mp4"],
    ["ãlöhâ.jpg", "%C3%A3l%C3%B6h%C3%A2.jpg"],
    ["a+b~!*()'.txt", "a%2Bb~!*()'.txt"],
  ]
) {
  Deno.test(`on a custom domain ${name} has the path ${path}, without a signature or credentials`, async () => {
    const storage = new S3Storage({ bucketName: "media", customDomain: "mock.cloudfront.net" });
    assertEquals(await storage.url(name!), `https://mock.cloudfront.net/${path}`);
    assertEquals(storage.urlSync(name!), `https://mock.cloudfront.net/${path}`);
  });
}

Deno.test("a URL on a custom domain has urlProtocol, path, location and form-encoded parameters", () => {
  const storage = onDomain({ customDomain: "localhost:8080/static/", urlProtocol: "http:", location: "v1" });
  assertEquals(
    storage.urlSync("a.txt", { parameters: { version: "10", w: "a b", ResponseContentType: "text/x" } }),
    "http://localhost:8080/static/v1/a.txt?version=10&w=a+b&response-content-type=text%2Fx",
  );
});

for (
  const [domain, written] of [
    ["CDN.example.com//", "cdn.example.com/"],
    ["[::1]:9000/x", "[::1]:9000/x/"],
    ["cdn.example.com:443", "cdn.example.com/"],
    ["bücher.example/ä b/", "xn--bcher-kva.example/%C3%A4%20b/"],
  ]
) {
  Deno.test(`the custom domain ${domain} is normalized, signed or not`, async () => {
    assertEquals(await onDomain({ customDomain: domain }).url("a"), `https://${written}a`);
    const signed = await onDomain({ customDomain: domain, customDomainQuerystringAuth: true }).url("a");
    assertEquals(signed.split("?")[0], `https://${written}a`);
  });
}

Deno.test("on a custom domain the empty name is the location; signed for S3 it is refused", async () => {
  assertEquals(await onDomain().url(""), "https://mock.cloudfront.net/");
  assertEquals(onDomain({ location: "static" }).urlSync(""), "https://mock.cloudfront.net/static/");
  for (const options of [{ customDomainQuerystringAuth: true }, { customDomain: undefined }]) {
    await assertRejects(() => onDomain(options).url(""), SuspiciousNameError);
  }
});

const NO_DOMAINS = ["https://cdn.example.com", "cdn.example.com?x=1", "user:hunter2@cdn.example.com", "a b", "#"];
for (const domain of [...NO_DOMAINS, "//cdn.example.com", "/", "cdn.example.com/%zz", "cdn.example.com:99999"]) {
  Deno.test(`customDomain refuses ${domain.replace("hunter2", "…")}`, () => {
    const { message } = assertThrows(() => onDomain({ customDomain: domain }), ConfigurationError);
    assertMatch(message, /^customDomain must be a domain such as/);
    assertEquals(message.includes("hunter2"), false);
  });
}

Deno.test("URLs on a custom domain that S3 serves can have its signature", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server, {
    endpointUrl: "http://inside:9000",
    customDomain: "files.example.com/media",
    customDomainQuerystringAuth: true,
  });
  await storage.save("a +ñ.txt", "contents");
  const url = await storage.url("a +ñ.txt");
  assert(url.startsWith("https://files.example.com/media/a%20%2B%C3%B1.txt?X-Amz-Algorithm="), url);
  const answer = await server.fetch(new Request(url));
  assertEquals([answer.status, await answer.text()], [200, "contents"]);
  const unsigned = s3On(server, {
    customDomain: "files.example.com/media",
    customDomainQuerystringAuth: true,
    querystringAuth: false,
  });
  assertEquals(await unsigned.url("a"), "https://files.example.com/media/a");
});

Deno.test("cloudfrontKey signs URLs of the custom domain like every vector", async () => {
  let passed = 0;
  for (const vector of cloudfront.vectors.filter(({ kind }) => kind === "canned")) {
    const { origin, pathname, search, searchParams } = new URL(vector.url);
    if (search.slice(1) !== searchParams.toString()) continue; // not form-encoded
    const storage = new S3Storage({
      bucketName: "media",
      customDomain: origin.slice("https://".length),
      cloudfrontKeyId: vector.keyId,
      cloudfrontKey: RSA_PKCS1_PEM,
      querystringExpire: 60,
      now: () => new Date((vector.expiresEpoch - 60) * 1000),
    });
    const url = await storage.url(decodeURIComponent(pathname.slice(1)), {
      parameters: Object.fromEntries(searchParams) as UrlParameters,
    });
    assertEquals(url, vector.signedUrl);
    passed++;
  }
  assert(passed >= 5, `${passed}`);
});

Deno.test("cloudfrontKey makes the signed URL of django-storages' tests", async () => {
  const { keyId, pkcs1Der, signedUrl } = upstream;
  const key = { cloudfrontKeyId: keyId, cloudfrontKey: pemOf("RSA PRIVATE KEY", pkcs1Der) };
  const storage = onDomain({ ...key, now: () => new Date(0) });
  assertEquals(await storage.url("file.txt"), signedUrl);
});

Deno.test("CloudFront signs only URLs on the custom domain, if URLs are signed and the signer is not null", async () => {
  const pair = { cloudfrontKeyId: "K1", cloudfrontKey: RSA_PKCS1_PEM };
  assertMatch(
    await onDomain(pair).url("a"),
    /^https:\/\/mock\.cloudfront\.net\/a\?Expires=1369357200&Signature=.+&Key-Pair-Id=K1$/,
  );
  assertEquals(await onDomain({ ...pair, querystringAuth: false }).url("a"), "https://mock.cloudfront.net/a");
  assertEquals(await onDomain({ ...pair, cloudfrontSigner: null }).url("a"), "https://mock.cloudfront.net/a");
  assertMatch(await exampleStorage(pair).url("a"), /amazonaws\.com\/a\?X-Amz-Algorithm=/);
});

Deno.test({
  name: "urlSync() refuses the asynchronous signer of CloudFront",
  sanitizeOps: false, // a started WebCrypto operation cannot be aborted
  fn: () => {
    const storage = onDomain({ cloudfrontKeyId: "K1", cloudfrontKey: RSA_PKCS1_PEM });
    assertThrows(() => storage.urlSync("a"), ConfigurationError, "use url() instead of urlSync()");
  },
});

for (const options of [{ cloudfrontKeyId: "K1" }, { cloudfrontKey: RSA_PKCS1_PEM }] as S3StorageOptions[]) {
  Deno.test(`${Object.keys(options)[0]} alone is refused unless a signer is given`, () => {
    assertThrows(() => onDomain(options), ConfigurationError, "must both be set");
    onDomain({ ...options, cloudfrontSigner: null });
  });
}

Deno.test("cloudfrontSigner gets the URL and its expiry, sync or async, also for a reusable policy", async () => {
  const cloudfrontSigner = (url: string, { expiresAt }: { expiresAt: Date }): string =>
    `${url}?until=${expiresAt.toISOString()}`;
  const until = "https://mock.cloudfront.net/a?until=2013-05-24T00:01:00.000Z";
  assertEquals(await onDomain({ cloudfrontSigner }).url("a", { expiresIn: 60 }), until);
  assertEquals(onDomain({ cloudfrontSigner: { sign: cloudfrontSigner } }).urlSync("a", { expiresIn: 60 }), until);
  const signer = new CloudFrontSigner({ keyId: "K1", privateKey: RSA_PKCS1_PEM });
  const album = await signer.reuse("https://mock.cloudfront.net/", { expiresIn: 60 });
  assertMatch(
    onDomain({ cloudfrontSigner: album }).urlSync("a"),
    /^https:\/\/mock\.cloudfront\.net\/a\?Policy=.+&Key-Pair-Id=K1$/,
  );
});

for (const given of [5, undefined, null, new URL("https://a.example")]) {
  Deno.test(`a cloudfrontSigner that returns ${Deno.inspect(given)} causes an error, sync or async`, async () => {
    for (const signer of [() => given, () => Promise.resolve(given)]) {
      const storage = onDomain({ cloudfrontSigner: signer as unknown as () => string });
      await assertRejects(() => storage.url("a"), ConfigurationError, "cloudfrontSigner must return a string");
      assertThrows(() => storage.urlSync("a"), ConfigurationError, "use url()");
    }
  });
}

Deno.test("querystringWindow gives a file the same CloudFront URL until the window ends", async () => {
  let now = Date.parse("2026-01-01T10:00:00Z");
  const storage = onDomain({
    cloudfrontKeyId: "K1",
    cloudfrontKey: RSA_PKCS1_PEM,
    now: () => new Date(now),
    querystringWindow: 3600,
  });
  const first = await storage.url("a");
  now += 3_599_000;
  assertEquals(await storage.url("a"), first);
  assertEquals(new URL(first).searchParams.get("Expires"), String(Date.parse("2026-01-01T12:00:00Z") / 1000));
});

Deno.test("a URL signed for CloudFront may be valid for longer than S3's seven days", async () => {
  const cloudfrontSigner = (url: string, { expiresAt }: { expiresAt: Date }): string =>
    `${url}?until=${+expiresAt / 1000}`;
  const month = 30 * 24 * 60 * 60;
  const url = await onDomain({ cloudfrontSigner, now: () => new Date(0) }).url("a", { expiresIn: month });
  assertEquals(url, `https://mock.cloudfront.net/a?until=${month}`);
});
