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
      "x = { import: './a.js' }; x.import('./a.js'); new URL('./a.js', import.meta.url)",
      "// import './a.js'\n/* export * from './a.js' */ 'import \"./a.js\"'",
      "//# sourceMappingURL=a.js.map\nf();",
      "const s = '//# sourceMappingURL=a.js.map';",
    ]
  ) assertEquals(marked(js), js);
});
