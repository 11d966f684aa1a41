import { assertEquals } from "@std/assert";
import { jsReferences } from "../../../../src/static/references/js_references.ts";
import { replaced } from "../../../../src/static/references/reference.ts";

/** The script with each reference in angle brackets. */
function marked(js: string): string {
  const { references } = jsReferences(js, true);
  return replaced(js, references.map((reference) => ({ reference, url: `⟨${reference.url}⟩` })));
}

Deno.test("jsReferences() finds the position of imports of each form", () => {
  const cases = [
    "import '⟨./a.js⟩'; import \"⟨../a.js?x#y⟩\"; import '⟨/s/a.js⟩'",
    'import x, { y as z } from "⟨./a.js⟩"',
    "import /*c*/ x /*d*/ from /*e*/ '⟨./a.js⟩' with { type: 'json' };",
    "export * as y from '⟨./a.js⟩'; export { x } from '⟨./b.js⟩';",
    "import defer * as x from '⟨./a.js⟩'",
    "import source x from '⟨./a.wasm⟩'",
    "await import( '⟨./a.js⟩' ).then(() => import(`⟨./b.js⟩`))",
    "import(/* webpackChunkName: 'x' */ '⟨./a.js⟩', { with: { type: 'json' } })",
    "import(\n  // why\n  '⟨./a.js⟩' /* b */\n)",
    "x = /import '.\\/no.js'/; `import './no.js' ${import('⟨./a.js⟩')}`",
    "#!/usr/bin/env node\nimport '⟨./ä💥.js⟩'; import '⟨./a.js⟩'\r\n//# sourceMappingURL=⟨a.js.map⟩\r\n\r\n",
    "f();\n//@ sourceMappingURL=⟨source⟩ \n",
  ];
  for (const wanted of cases) assertEquals(marked(wanted.replace(/[⟨⟩]/g, "")), wanted);
});

Deno.test("jsReferences() ignores imports that are not of files", () => {
  for (
    const js of [
      "import bare from 'bare'; import '@scope/x'; import 'https://example.com/x.js'",
      "import('./a' + x); import(`./a${x}.js`); import(y)",
      "x = { import: './a.js' }; x.import('./a.js')",
      "// import './a.js'\n/* export * from './a.js' */ 'import \"./a.js\"'",
      "//# sourceMappingURL=a.js.map\nf();",
      "const s = '//# sourceMappingURL=a.js.map';",
    ]
  ) assertEquals(marked(js), js);
});

Deno.test("jsReferences() finds the imports of a script with a byte order mark", () => {
  const js = "\ufeffimport '⟨./a.js⟩';import '⟨./b.js⟩';await import('⟨./c.js⟩')";
  assertEquals(marked(js.replace(/[⟨⟩]/g, "")), js);
});

Deno.test("jsReferences() finds files that are named relative to import.meta.url", () => {
  const cases = [
    "new URL('⟨./a.js⟩', import.meta.url)",
    'new Worker(new URL("⟨a.js⟩", import.meta.url), { type: "module" })',
    "import x from '⟨./a.js⟩'; new  URL ( /* @vite-ignore */ `⟨../b/c.png⟩` ,\n import . meta . url ).href;",
    'import.meta.resolve("⟨./a.js⟩"); import("⟨./b.js⟩"); new URL("⟨x⟩",import.meta.url)',
    "// new URL('./a.js', import.meta.url)\n'new URL(`./a.js`, import.meta.url)'",
    "f('URL', import.meta.url); curl('./a.js', import.meta.url); import.meta.env.URL",
  ];
  for (const wanted of cases) assertEquals(marked(wanted.replace(/[⟨⟩]/g, "")), wanted);
});

Deno.test("jsReferences() finds the scripts of workers", () => {
  const cases = [
    "importScripts('⟨a.js⟩', '⟨./b.js⟩'); importScripts(name)",
    "new Worker('⟨/s/a.js⟩'); new SharedWorker(\"⟨/s/b.js⟩\"); new Worker('a.js'); webWorker('/x.js')",
    "navigator.serviceWorker.register('/sw.js')",
  ];
  for (const wanted of cases) assertEquals(marked(wanted.replace(/[⟨⟩]/g, "")), wanted);
});

Deno.test("jsReferences() tells the places whose files are not known", () => {
  const unknown = (js: string): string[] => jsReferences(js, true).unknown.map(({ code }) => code);
  assertEquals(unknown("import(`./loc/${l}.js`); import('./a' + x); import('./b.js')"), [
    "import(`./loc/${l}.js`)",
    "import('./a' + x)",
  ]);
  assertEquals(unknown("new URL(`./${x}.js`, import.meta.url); new URL('a.js', import.meta.url)"), [
    "new URL(`./${x}.js`, import.meta.url)",
  ]);
  assertEquals(unknown("new Worker('w.js'); new Worker('blob:x'); new Worker(url)"), ["new Worker('w.js')"]);
});
