import { assertEquals } from "@std/assert";
import { closest, unknownName } from "../../../../src/kit/text/closest.ts";

const WORDS = ["bucketName", "location", "regionName", "endpointUrl", "securityToken", "defaultAcl", "useSsl", "now"];

for (
  const [word, expected] of [
    ["bucket_name", "bucketName"],
    ["BUCKET-NAME", "bucketName"],
    ["bucketNam", "bucketName"],
    ["bucket", "bucketName"],
    ["region", "regionName"],
    ["endpoint", "endpointUrl"],
    ["token", "securityToken"],
    ["acl", "defaultAcl"],
    ["ssl", "useSsl"],
    ["locaton", "location"],
    ["lcoation", "location"],
    ["", undefined],
    ["x", undefined],
    ["completelyDifferent", undefined],
    ["日本", undefined],
  ] as const
) {
  Deno.test(`closest() finds ${expected} for ${JSON.stringify(word)}`, () => {
    assertEquals(closest(word, WORDS), expected);
  });
}

Deno.test("closest() returns undefined without candidates, and for a very long word", () => {
  assertEquals(closest("bucket", []), undefined);
  assertEquals(closest("q".repeat(100_000), WORDS), undefined);
});

Deno.test("unknownName() shows the given name, a suggestion and all known names", () => {
  assertEquals(
    unknownName("option", "bucket", ["bucketName", "now"]),
    "Unknown option 'bucket'. Did you mean bucketName? Known are bucketName, now.",
  );
  assertEquals(unknownName("option", "qqq", ["now"]), "Unknown option 'qqq'. Known are now.");
  assertEquals(unknownName("option", "now", []), "Unknown option 'now'. None are known.");
});
