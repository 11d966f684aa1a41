import { assert, assertEquals } from "@std/assert";
import { ManifestStaticStorage } from "../../src/static/mod.ts";
import { MemoryStorage } from "../../src/storage/mod.ts";
import { collectFiles } from "../unit/static/stage.ts";
import { Chromium, CHROMIUM_INSTALL_HINT, isChromiumInstalled } from "./chromium.ts";
import { visit } from "./site_visit.ts";

/** A site with each kind of reference that is rewritten. */
const SITE = {
  "index.html": `<!doctype html><title>start</title>
<script type="importmap">{ "imports": { "lib": "./js/lib.js" } }</script>
<link rel="stylesheet" href="css/a.css"><img src="img/a.svg" srcset="/img/a.svg 2x">
<script type="module" src="js/main.js"></script>
<script type="module">import { count } from "lib"; console.log("inline", count());</script>`,
  "css/a.css": "@import 'b.css'; body { background: url(../img/a.svg) }",
  "css/b.css": "p { background: url('/img/a.svg') }",
  "img/a.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
  "js/main.js": `\ufeffimport { count } from "./lib.js";
import "./side.js";
console.log("main", count(), (await (await fetch(new URL("data.json", import.meta.url))).json()).name);
try { await import("./dev.js") } catch { console.log("no dev") }
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => document.title = data;`,
  "js/lib.js": "let calls = 0; console.log('lib'); export const count = () => ++calls;",
  "js/side.js": "import { count } from './lib.js'; console.log('side', count());",
  "js/data.json": '{ "name": "data" }',
  "js/worker.js": "import { text } from './text.js'; postMessage(text);",
  "js/text.js": "export const text = 'from the worker'; ",
};

Deno.test({
  name: "a collected site works in Chromium like the original" +
    (await isChromiumInstalled() ? "" : ` (${CHROMIUM_INSTALL_HINT})`),
  ignore: !await isChromiumInstalled(),
  fn: async () => {
    await using chromium = await Chromium.start();
    const original = new MemoryStorage();
    for (const [name, text] of Object.entries(SITE)) await original.save(name, text);
    const collected = new ManifestStaticStorage(new MemoryStorage());
    await collectFiles(SITE, collected, { pages: { cleanUrls: true } });
    const ready = "document.title === 'from the worker'";
    const one = await visit(chromium, original, "index.html", ready);
    const other = await visit(chromium, collected, "index.html", ready);
    assertEquals({ ...other, hashed: 0 }, { ...one, hashed: 0 });
    assertEquals([other.title, other.doubled, other.failed], ["from the worker", [], ["404 /js/dev.js"]]);
    assert(other.messages.filter((text) => text === "log lib").length === 1, other.messages.join("\n"));
    assert(other.hashed >= 7, `${other.hashed} hashed files`);
  },
});
