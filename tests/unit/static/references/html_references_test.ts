import { assertEquals } from "@std/assert";
import { HashedFiles } from "../../../../src/static/mod.ts";
import { htmlReferences } from "../../../../src/static/references/html_references.ts";
import { replaced } from "../../../../src/static/references/reference.ts";
import { MemoryStorage } from "../../../../src/storage/mod.ts";

const { options } = new HashedFiles(new MemoryStorage());

/** The page with each reference in angle brackets. */
function marked(html: string): string {
  const { references } = htmlReferences(html, options);
  return replaced(html, references.map((reference) => ({ reference, url: `⟨${reference.url}⟩` })));
}

Deno.test("htmlReferences() finds the files that a page shows or runs", () => {
  const cases = [
    '<!doctype html><link rel="stylesheet" href="⟨a.css⟩"><script type=module src=⟨a.js⟩></script>',
    "<link rel='shortcut ICON' href=' ⟨/a.ico⟩ '><link rel=modulepreload href=⟨./b.js⟩><link rel=manifest href=⟨m.json⟩>",
    '<img src="⟨a.png⟩" srcset="⟨a.png⟩ 1x, ⟨b.png⟩ 2x,⟨c.png⟩" alt="a.png">',
    '<picture><source srcset="⟨a,b.png⟩ 100w , ⟨c.png⟩ 2x" sizes="100vw"></picture>',
    '<video src=⟨a.mp4⟩ poster="⟨a.jpg⟩"><track src=⟨a.vtt⟩></video><audio src=⟨a.mp3⟩></audio><embed src=⟨e.swf⟩>',
    '<svg><use href="⟨i.svg#x⟩"/><image xlink:href="⟨a.png⟩"/></svg><input type=image src=⟨a.png⟩><object data=⟨o.svg⟩>',
    '<style>a { b: url("⟨a.png⟩") }</style><template><img src=⟨a.png⟩></template><noscript><img src=⟨a.png⟩></noscript>',
    "<script type=module>import '⟨./a.js⟩'; new URL('⟨./b.png⟩', import.meta.url)</script>",
    "<script>import('⟨./a.js⟩')</script>",
    '<script type="importmap">{ "imports": { "a": "⟨./a.js⟩", "⟨/b.js⟩": "⟨/b2.js⟩", "c/": "./c/" } }</script>'
      .replace('"./c/"', '"⟨./c/⟩"'),
    "<img\n  src = '⟨a.png⟩'\n>\r\n<img SRC=⟨b.png⟩>",
  ];
  for (const wanted of cases) assertEquals(marked(wanted.replace(/[⟨⟩]/g, "")), wanted);
});

Deno.test("htmlReferences() leaves links to pages, comments, other data and other hosts", () => {
  const cases = [
    '<a href="a.pdf">x</a><area href=b.html><form action=f></form><iframe src="p.html"></iframe>',
    "<!-- <img src=a.png> --><textarea><img src=a.png></textarea><title><img src=a.png></title>",
    '<script type="application/json">{"a": "./a.js"}</script><script type="text/template"><img src=a.png></script>',
    '<link rel="canonical" href="/a.html"><link rel=alternate href=feed.xml><img alt=x><img src=""><img srcset="">',
    '<script type="importmap">{ "imports": { "a": "./a.js" }, "integrity": { "./a.js": "sha384-x" } }</script>',
    '<img data-src="a.png"><meta content="a.png">',
    '<img src="&eacute;.png">',
  ];
  for (const html of cases) assertEquals(marked(html), html);
});

Deno.test("htmlReferences() reads and writes character references", () => {
  const html = '<img src="a&amp;b.png?c&#61;1&d=2"><p style="background: url(&quot;a.png&quot;)">';
  const { references } = htmlReferences(html, options);
  assertEquals(references.map(({ url }) => url), ["a&b.png?c=1&d=2", "a.png"]);
  assertEquals(
    replaced(html, references.map((reference) => ({ reference, url: `x${reference.url}` }))),
    '<img src="xa&#38;b.png?c=1&#38;d=2"><p style="background: url(&#34;xa.png&#34;)">',
  );
});

Deno.test("htmlReferences() tells the base, and files that need the same bytes", () => {
  const { base, references } = htmlReferences(
    '<base href="/app/"><base href="/no/"><script src="a.js" integrity="sha384-x"></script><img src=a.png>',
    options,
  );
  assertEquals([base, references.map(({ needsSameBytes }) => needsSameBytes)], ["/app/", [true, false]]);
});
