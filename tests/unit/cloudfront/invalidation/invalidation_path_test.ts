import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  createInvalidation,
  invalidationPath,
  invalidationPaths,
} from "../../../../src/cloudfront/invalidation/mod.ts";
import { ScriptedCloudFront } from "../../../fakes/scripted_cloudfront.ts";
import { SeededRandom } from "../../random.ts";

Deno.test("invalidationPath() encodes characters that CloudFront refuses or interprets", () => {
  for (
    const [key, path] of [
      ["", "/"],
      ["static/", "/static/"],
      ["css/a.css", "/css/a.css"],
      ["a*b*", "/a%2Ab%2A"],
      ["50%?#.txt", "/50%25%3F%23.txt"],
      ["%41", "/%2541"],
      ["~ada/x y", "/%7Eada/x%20y"],
      ["ä/日本/😀", "/%C3%A4/%E6%97%A5%E6%9C%AC/%F0%9F%98%80"],
      ["a\n\0\x7f", "/a%0A%00%7F"],
      ['<>"{}|\\^[]`', "/%3C%3E%22%7B%7D%7C%5C%5E%5B%5D%60"],
      ["@scope/a&'()+,;=:!$b", "/@scope/a&'()+,;=:!$b"],
      ["\ud800a\udc00", "/%EF%BF%BDa%EF%BF%BD"],
      ["//a", "///a"],
    ] as const
  ) assertEquals(invalidationPath(key), path);
});

Deno.test("invalidationPath() cuts a path of more than 4,000 characters before a whole character, and ends it in *", () => {
  for (const [unit, size] of [["a", 1], ["ä", 6], ["😀", 12]] as const) {
    const longest = Math.floor(3998 / size);
    assert(!invalidationPath(unit.repeat(longest)).endsWith("*"));
    const path = invalidationPath(unit.repeat(5000));
    assert(path.endsWith("*") && path.length <= 4000, `${path.length}`);
    assertEquals(decodeURIComponent(path.slice(1, -1)), unit.repeat(longest));
  }
});

Deno.test("invalidationPath() makes accepted and distinct paths of 2,000 random names", async () => {
  const random = new SeededRandom(18);
  const characters = [..."aZ09/-_.!$&'()+,;=:@*~?#%<>\"{}|\\^[]` \n\0\x7fäß日😀", "\ud800", "\udfff"];
  const names = Array.from({ length: 2000 }, () => random.text(characters, 1, 40));
  const cloudFront = new ScriptedCloudFront();
  await createInvalidation({
    distributionId: "E1",
    paths: names.map(invalidationPath),
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    fetch: cloudFront.fetch,
  });
  const paths = new Set(cloudFront.accepted[0]!.paths);
  for (const name of names) {
    const path = invalidationPath(name);
    assert(paths.has(path), name);
    assertMatch(path, /^\/[^*~?#]*$/);
    assertEquals(decodeURIComponent(path.slice(1)), name.toWellFormed());
  }
});

Deno.test("invalidationPaths() gives each path once, folders of index documents too, and one wildcard for too many", () => {
  assertEquals(invalidationPaths([]), []);
  assertEquals(
    invalidationPaths(["index.html", "a/index.htm", "a/index.html", "myindex.html"], { location: "st*t/" }),
    [
      "/st%2At/index.html",
      "/st%2At/",
      "/st%2At/a/index.htm",
      "/st%2At/a/",
      "/st%2At/a/index.html",
      "/st%2At/myindex.html",
    ],
  );
  const names = Array.from({ length: 31 }, (_, i) => `${i}`);
  assertEquals(invalidationPaths(names.slice(1)).length, 30);
  assertEquals(invalidationPaths(names), ["/*"]);
  assertEquals(invalidationPaths(names, { location: "a~/" }), ["/a%7E/*"]);
  assertEquals(invalidationPaths(names, { maxPaths: 3000 }).length, 31);
  for (const maxPaths of [0, 1.5, NaN]) {
    assertThrows(() => invalidationPaths([], { maxPaths }), RangeError, "maxPaths");
  }
});
