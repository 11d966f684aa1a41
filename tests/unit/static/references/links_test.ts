import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { HashedFiles } from "../../../../src/static/hashed_files.ts";
import {
  isRewritten,
  linksOf,
  missingError,
  missingLinks,
  rewrite,
  rulesOf,
  textOf,
} from "../../../../src/static/references/links.ts";
import { MemoryStorage } from "../../../../src/storage/mod.ts";

const { options } = new HashedFiles(new MemoryStorage());

Deno.test("isRewritten() is true for style sheets and scripts", () => {
  assertEquals(["a.css", "a.JS", "a.mjs", "a.cjs", "css", "a.css.map"].map(isRewritten), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("textOf() keeps a byte order mark, and is undefined for bytes that are not UTF-8", () => {
  assertEquals(textOf(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), "\ufeffa");
  assertEquals(textOf(new Uint8Array([0xff])), undefined);
});

Deno.test("rewrite() replaces the links to stored files, and leaves the others", () => {
  const text = "a{b:url(a.png);c:url(b.png)}";
  const { links } = linksOf("a.css", text, options);
  assertEquals(links.map(({ target }) => target.name), ["a.png", "b.png"]);
  const stored = (name: string): string | undefined => name === "a.png" ? "a.0123456789ab.png" : undefined;
  assertEquals(rewrite(text, links, stored), 'a{b:url("a.0123456789ab.png");c:url(b.png)}');
});

Deno.test("missingError() names the first 20 missing files", () => {
  const text = Array.from({ length: 22 }, (_, i) => `@import "${i}.css";`).join("\n");
  const missing = missingLinks("a.css", text, linksOf("a.css", text, options).links, (name) => name === "0.css");
  assertEquals([missing.length, missing[0]!.line, missing[0]!.target], [21, 2, "1.css"]);
  const { message, key } = missingError(missing);
  assertStringIncludes(message, "a.css:21 refers to");
  assertStringIncludes(message, "; and 1 more");
  assertEquals(key, "1.css");
});

Deno.test("rulesOf() changes with each option that changes hashed copies", () => {
  const other = (changed: object): string => rulesOf(new HashedFiles(new MemoryStorage(), changed).options);
  assertEquals(other({ manifestName: "other.json", manifestStrict: false }), rulesOf(options));
  for (
    const changed of [{ staticUrl: "/" }, { manifestVersion: "1.0" }, { supportJsModuleImportAggregation: false }]
  ) assertNotEquals(other(changed), rulesOf(options));
});
