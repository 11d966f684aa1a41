import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";
import { exampleStorage } from "./example_storage.ts";

const MONTH = 30 * 24 * 60 * 60;

Deno.test("querystringExpire may be longer than seven days where S3 does not check a signature of version 4", async () => {
  const now = (): Date => new Date(0);
  const options = { querystringExpire: MONTH, now };
  const unsigned = exampleStorage({ ...options, querystringAuth: false });
  assertEquals(await unsigned.url("a"), "https://test-bucket.s3.amazonaws.com/a");
  const onDomain = exampleStorage({ ...options, customDomain: "cdn.example.com" });
  assertEquals(await onDomain.url("a"), "https://cdn.example.com/a");
  const cloudfrontSigner = (url: string, { expiresAt }: { expiresAt: Date }): string => `${url}?${+expiresAt / 1000}`;
  const cloudfront = exampleStorage({ ...options, customDomain: "cdn.example.com", cloudfrontSigner });
  assertEquals(await cloudfront.url("a"), `https://cdn.example.com/a?${MONTH}`);
  const window = { querystringWindow: MONTH };
  assertEquals(await cloudfront.with(window).url("a"), `https://cdn.example.com/a?${2 * MONTH}`);
  const version2 = exampleStorage({ ...options, signatureVersion: "s3" });
  assertEquals(new URL(await version2.url("a")).searchParams.get("Expires"), String(MONTH));
  assertEquals(new URL(version2.urlSync("a", { expiresIn: 2 * MONTH })).searchParams.get("Expires"), String(2 * MONTH));
});

Deno.test("querystringExpire above seven days is refused where S3 checks a signature of version 4", () => {
  const message = "querystringExpire must be an integer of seconds from 1 to 604800, got 2592000";
  for (const options of [{}, { customDomain: "cdn.example.com", customDomainQuerystringAuth: true }]) {
    assertThrows(() => exampleStorage({ querystringExpire: MONTH, ...options }), ConfigurationError, message);
  }
  const plain = exampleStorage({ querystringExpire: MONTH, querystringAuth: false });
  assertThrows(() => plain.with({ querystringAuth: true }), ConfigurationError, message);
  assertThrows(() => exampleStorage({ querystringExpire: 3_153_600_001, querystringAuth: false }), ConfigurationError);
});

Deno.test("forms and URLs of parts are valid for seven days where querystringExpire is longer", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server, { querystringExpire: MONTH, querystringAuth: false, now: () => new Date(0) });
  const week = 604_800_000;
  assertEquals(
    JSON.parse((await storage.presignedPost("a")).policy).expiration,
    new Date(week).toISOString().replace(".000", ""),
  );
  const { urls } = await s3On(server, { querystringExpire: MONTH, querystringAuth: false }).uploads.create("a", {
    parts: 1,
  });
  assertEquals(new URL(urls[0]!).searchParams.get("X-Amz-Expires"), "604800");
  await assertRejects(() => storage.presignedPost("a", { expiresIn: 604_801 }), RangeError, "from 1 to 604800");
});
