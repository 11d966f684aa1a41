import { assertEquals, assertThrows } from "@std/assert";
import { viewerUrl } from "../../../src/cloudfront/viewer_url.ts";

Deno.test("viewerUrl() normalizes host and encoding like browsers", () => {
  assertEquals(viewerUrl("HTTPS://CDN.Example.com/a b?ü=1"), "https://cdn.example.com/a%20b?%C3%BC=1");
  assertEquals(viewerUrl("https://cdn.example.com"), "https://cdn.example.com/");
});

for (
  const [url, message] of [
    ["/a.jpg", "be absolute http without a user"],
    ["https://u@cdn.example.com/a", "be absolute http without a user"],
    ["https://cdn.example.com/a/../b", "not have a segment . or .."],
    ["https://cdn.example.com/a\\b", "a backslash"],
    ["https://cdn.example.com/a#b", "not have a fragment"],
    ["https://cdn.example.com/a?Policy=1", "not have parameters of CloudFront signatures"],
  ] as const
) {
  Deno.test(`viewerUrl() refuses ${url}`, () => {
    assertThrows(() => viewerUrl(url), TypeError, message);
  });
}
