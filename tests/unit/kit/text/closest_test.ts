import { assertEquals } from "@std/assert";
import { closest, nearest, unknownName } from "../../../../src/kit/text/closest.ts";

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
    ["bucketNme", "bucketName"],
    ["bucketNname", "bucketName"],
    ["bucketNaem", "bucketName"],
    ["bukcetName", "bucketName"],
    ["endpointUr", "endpointUrl"],
    ["endpointUrlX", "endpointUrl"],
    ["endpoint_urls", "endpointUrl"],
    ["no", "now"],
    ["noww", "now"],
    ["unknown", undefined],
    ["useSslAlways", "useSsl"],
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

const MANY = Array.from({ length: 20 }, (_, index) => `${"abcdefghijklmnopqrst"[index]!.repeat(5)}Option`);

Deno.test("unknownName() lists many names only if there is no suggestion and no page", () => {
  assertEquals(unknownName("option", "aaaaOption", MANY), "Unknown option 'aaaaOption'. Did you mean aaaaaOption?");
  assertEquals(unknownName("option", "zzz", MANY), `Unknown option 'zzz'. Known are ${MANY.join(", ")}.`);
  assertEquals(
    unknownName("option", "zzz", MANY, { page: "docs/a.md" }),
    "Unknown option 'zzz'. See docs/a.md for the 20 known names.",
  );
});

Deno.test("nearest() returns all names that are equally near, at most five", () => {
  assertEquals(nearest("name", ["bucketName", "regionName", "now"]), ["bucketName", "regionName"]);
  assertEquals(nearest("query", ["queryAuth", "queryExpire", "withQuery"]), ["queryAuth", "queryExpire"]);
  assertEquals(nearest("option", MANY).length, 5);
  assertEquals(
    unknownName("option", "name", ["bucketName", "regionName", "fileName"]),
    "Unknown option 'name'. Did you mean bucketName, regionName or fileName? Known are bucketName, regionName, fileName.",
  );
});

Deno.test("nearest() knows synonyms, before two typing errors", () => {
  const options = ["expiresIn", "onExisting", "contentType", "maxConcurrency", "text"];
  const synonyms = "ttl:expiresIn overwrite:onExisting type:contentType mimetype:contentType queuesize:maxConcurrency";
  for (
    const [given, meant] of [
      ["ttl", "expiresIn"],
      ["expires", "expiresIn"],
      ["expire", "expiresIn"],
      ["expiresInSeconds", "expiresIn"],
      ["ExpiresIn", "expiresIn"],
      ["overwrite", "onExisting"],
      ["ContentType", "contentType"],
      ["content_type", "contentType"],
      ["type", "contentType"],
      ["mimeType", "contentType"],
      ["queueSize", "maxConcurrency"],
    ]
  ) assertEquals(nearest(given!, options, synonyms), [meant], given);
  assertEquals(nearest("txt", options, "txt:contentType"), ["text"]);
  assertEquals(nearest("xtt", options, "xtt:contentType"), ["contentType"]);
  assertEquals(nearest("my_xtt", options, "xtt:contentType"), ["contentType"]);
  assertEquals(nearest("ttl", ["other"], synonyms), []);
});

Deno.test("closest() prefers the longest word that the given one begins with", () => {
  assertEquals(closest("partSizeBytes", ["parts", "partSize", "size"]), "partSize");
});
