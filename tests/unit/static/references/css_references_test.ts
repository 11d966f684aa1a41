import { assertEquals } from "@std/assert";
import { ManifestStaticStorage } from "../../../../src/static/mod.ts";
import { MemoryStorage } from "../../../../src/storage/mod.ts";
import { collectFiles, textOf } from "../stage.ts";

/** Images whose names must be escaped in some syntax; all have the hash eab3b89c707d. */
const PICTURES = ["x.png", "it's.png", "100%25.png", "a)b.png", "a#b.png", "c?d.png", "é.png", "a b.png", "UP.png"];

async function rewritten(css: string): Promise<string> {
  const storage = new ManifestStaticStorage(new MemoryStorage(), { staticUrl: "/s/" });
  const pictures = Object.fromEntries(PICTURES.map((name) => [`css/${name}`, "png\n"]));
  await collectFiles({ ...pictures, "css/a.css": css, "css/b.css": "" }, storage, { missingReferences: "warn" });
  return (await textOf(storage, await storage.storedName("css/a.css")))
    .replaceAll(/eab3b89c707d|d41d8cd98f00/g, "#");
}

Deno.test("url() is found in any spelling, and its replacement has the same meaning", async () => {
  const cases: [string, string][] = [
    ["a{b:url(it\\'s.png)}", 'a{b:url("it\'s.#.png")}'],
    ["a{b:url(a\\)b.png)}", 'a{b:url("a)b.#.png")}'],
    ["a{b:url(a\\ b.png)}", 'a{b:url("a b.#.png")}'],
    ["a{b:url('a b.png')}", 'a{b:url("a b.#.png")}'],
    ["a{b:url(\\e9.png)}", 'a{b:url("é.#.png")}'],
    ["a{b:u\\72l(x.png)}", 'a{b:url("x.#.png")}'],
    ["a{b:UrL(x.png)}", 'a{b:url("x.#.png")}'],
    ["a{b:url(\n\t'x.png'\n)}", 'a{b:url("x.#.png"\n)}'],
    ['a{b:url("x.\\\npng")}', 'a{b:url("x.#.png")}'],
    ["a{b:url(.//x.png)}", 'a{b:url(".//x.#.png")}'],
    ["a{b:url(x.png?a/b#c)}", 'a{b:url("x.#.png?a/b#c")}'],
    ['a{b:url("x.png?a=\\"b")}', 'a{b:url("x.#.png?a=\\"b")}'],
    ["a{b:url(/s/css/x.png)}", 'a{b:url("/s/css/x.#.png")}'],
    ['a{b:url("x.png" crossorigin)}', 'a{b:url("x.#.png" crossorigin)}'],
    ["a{b:url(x.png", 'a{b:url("x.#.png")'],
    [":root{--a:url(x.png)}", ':root{--a:url("x.#.png")}'],
    ["@import 'b.css' layer(x) supports(display:grid);", '@import url("b.#.css") layer(x) supports(display:grid);'],
    ['<!-- @IMPORT "b.css"; -->', '<!-- @import url("b.#.css"); -->'],
    ["\ufeff@import 'b.css';\na{}", '\ufeff@import url("b.#.css");\na{}'],
  ];
  for (const [css, wanted] of cases) assertEquals(await rewritten(css), wanted);
});

Deno.test("percent-encoded references stay percent-encoded, and name the file that a browser would request", async () => {
  const cases: [string, string][] = [
    ["a%23b.png", "a%23b.#.png"],
    ["c%3Fd.png", "c%3Fd.#.png"],
    ["%C3%A9.png", "%C3%A9.#.png"],
    ["é.png", "é.#.png"],
    ["a%20b.png", "a%20b.#.png"],
    ["100%2525.png", "100%2525.#.png"],
    ["%78.png", "x.#.png"],
  ];
  for (const [url, wanted] of cases) assertEquals(await rewritten(`a{b:url(${url})}`), `a{b:url("${wanted}")}`);
});

Deno.test("references to other sites and folders are not changed", async () => {
  const kept = [
    "a{b:url(DATA:x)} c{d:url(about:blank)}",
    "a{b:url(//s/css/x.png)}",
    "a{b:url(/s)}",
    "a{b:url(/other/x.png)}",
    "a{b:url(../../x.png)}",
    "a{b:url(/s/../css/x.png)}",
    "a{b:url(up.png)}",
    "a{b:url(%ff.png)}",
    'a{b:url("..\\\\css\\\\x.png")}',
    "a{b:url(x.png#a b)}",
    'a{b:src("x.png");content:"url(x.png)"} /* url(x.png) */',
    "@namespace svg url(http://www.w3.org/2000/svg);",
    "@-moz-document url(http://x/){a{b:c}}",
    "a{b:url(./)}c{d:url(.)}e{f:url(..)}",
  ];
  for (const css of kept) assertEquals(await rewritten(css), css);
});
