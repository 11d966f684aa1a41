import { assertEquals } from "@std/assert";
import { DEFAULT_CONTENT_TYPE, guessContentType } from "../../../../src/storage/content/content_type.ts";

for (
  const [name, expected] of [
    ["a.css", "text/css"],
    ["a.js", "text/javascript"],
    ["a.mjs", "text/javascript"],
    ["a.json", "application/json"],
    ["a.svg", "image/svg+xml"],
    ["a.html", "text/html"],
    ["a.htm", "text/html"],
    ["a.txt", "text/plain"],
    ["a.png", "image/png"],
    ["a.jpg", "image/jpeg"],
    ["a.JPEG", "image/jpeg"],
    ["a/b.c/d.Png", "image/png"],
    ["a.woff2", "font/woff2"],
    ["a.mp4", "video/mp4"],
    ["a.b.c.txt", "text/plain"],
    [".txt", "text/plain"],
    ["a", undefined],
    ["a.", undefined],
    ["a.unknown", undefined],
    ["a.txt/b", undefined],
    ["a.constructor", undefined],
    ["a.tar tgz", undefined],
    ["txt", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`guessContentType() returns ${expected} for '${name}'`, () =>
    assertEquals(guessContentType(name), expected));
}

for (const [name, expected] of [["a.gz", "application/gzip"], ["a.tar.gz", "application/gzip"]]) {
  Deno.test(`guessContentType() returns ${expected} for '${name}', where Python returns an encoding`, () => {
    assertEquals(guessContentType(name!), expected);
  });
}

Deno.test("the default content type is application/octet-stream", () =>
  assertEquals(DEFAULT_CONTENT_TYPE, "application/octet-stream"));
