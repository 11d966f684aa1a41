import { assertEquals, assertThrows } from "@std/assert";
import { cloudFrontPolicy, createPolicy } from "../../../src/cloudfront/policy.ts";

const URL = "https://cdn.example.com/a";
const NOW = new Date("2030-01-01T00:00:00.900Z");

Deno.test("cloudFrontPolicy() rounds dates down to seconds", () => {
  assertEquals(
    cloudFrontPolicy(URL, { expiresInSeconds: 60.5 }, NOW),
    `{"Statement":[{"Resource":"${URL}","Condition":{"DateLessThan":{"AWS:EpochTime":1893456061}}}]}`,
  );
});

Deno.test("cloudFrontPolicy() writes the conditions in the order of botocore", () => {
  const { Condition } = JSON.parse(
    cloudFrontPolicy(URL, { expiresInSeconds: 60, starts: new Date(0), ipAddress: "203.0.113.7" }, NOW),
  ).Statement[0];
  assertEquals(Object.keys(Condition), ["DateLessThan", "IpAddress", "DateGreaterThan"]);
  assertEquals(Condition.IpAddress, { "AWS:SourceIp": "203.0.113.7/32" });
});

Deno.test("createPolicy() knows plain policies", () => {
  assertEquals(createPolicy(URL, { expires: new Date(5000) }, NOW).isPlain, true);
  assertEquals(createPolicy(URL, { expires: new Date(5000), starts: new Date(0) }, NOW).isPlain, false);
  assertEquals(createPolicy(URL, { expires: new Date(5000), ipAddress: "1.2.3.0/24" }, NOW).isPlain, false);
});

Deno.test("cloudFrontPolicy() refuses malformed resources, dates and addresses", () => {
  assertThrows(() => cloudFrontPolicy("https://ü", { expiresInSeconds: 1 }), TypeError, "it must be percent-encoded");
  assertThrows(() => cloudFrontPolicy(URL, {}), TypeError, "exactly one of expires and expiresInSeconds");
  assertThrows(() => cloudFrontPolicy(URL, { expiresInSeconds: 0 }), RangeError, "must be more than 0, got 0");
  assertThrows(() => cloudFrontPolicy(URL, { expires: new Date(NaN) }), RangeError, "got Invalid Date");
  assertThrows(() => cloudFrontPolicy(URL, { expiresInSeconds: 1, ipAddress: "::1" }), RangeError, "got ::1");
});
