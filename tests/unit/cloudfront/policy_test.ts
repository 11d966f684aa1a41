import { assertEquals, assertThrows } from "@std/assert";
import { cloudFrontPolicy, createPolicy } from "../../../src/cloudfront/policy.ts";

const URL = "https://cdn.example.com/a";
const NOW = new Date("2030-01-01T00:00:00.900Z");

Deno.test("cloudFrontPolicy() rounds dates down to seconds", () => {
  assertEquals(
    cloudFrontPolicy(URL, { expiresIn: 60.5, now: () => NOW }),
    `{"Statement":[{"Resource":"${URL}","Condition":{"DateLessThan":{"AWS:EpochTime":1893456061}}}]}`,
  );
});

Deno.test("cloudFrontPolicy() writes the conditions in the order of botocore", () => {
  const { Condition } = JSON.parse(
    cloudFrontPolicy(URL, { expiresIn: 60, startsAt: new Date(0), ipAddress: "203.0.113.7", now: () => NOW }),
  ).Statement[0];
  assertEquals(Object.keys(Condition), ["DateLessThan", "IpAddress", "DateGreaterThan"]);
  assertEquals(Condition.IpAddress, { "AWS:SourceIp": "203.0.113.7/32" });
});

Deno.test("createPolicy() knows plain policies", () => {
  assertEquals(createPolicy("sign", URL, { expiresAt: new Date(5000) }).isPlain, true);
  assertEquals(createPolicy("sign", URL, { expiresAt: new Date(5000), startsAt: new Date(0) }).isPlain, false);
  assertEquals(createPolicy("sign", URL, { expiresAt: new Date(5000), ipAddress: "1.2.3.0/24" }).isPlain, false);
});

Deno.test("cloudFrontPolicy() refuses malformed resources, dates and addresses", () => {
  assertThrows(() => cloudFrontPolicy("https://ü", { expiresIn: 1 }), TypeError, "must be percent-encoded");
  assertThrows(() => cloudFrontPolicy(URL, {}), TypeError, "exactly one of expiresAt and expiresIn");
  assertThrows(
    () => cloudFrontPolicy(URL, { expiresIn: 0 }),
    RangeError,
    "must be more than 0 seconds and end at a valid date, got 0",
  );
  assertThrows(() => cloudFrontPolicy(URL, { expiresAt: new Date(NaN) }), RangeError, 'got "Invalid Date"');
  assertThrows(() => cloudFrontPolicy(URL, { expiresIn: 1, ipAddress: "::1" }), TypeError, 'got "::1"');
});
