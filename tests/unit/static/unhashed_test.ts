/** Files that keep their names, and references that cannot be rewritten. */
import { assertEquals, assertRejects } from "@std/assert";
import { ManifestStaticStorage } from "../../../src/static/mod.ts";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { collectFiles, namesOf, textOf } from "./stage.ts";

const stored = (): ManifestStaticStorage => new ManifestStaticStorage(new MemoryStorage({ baseUrl: "/s/" }));

Deno.test("unhashed files keep their names, and references to them stay", async () => {
  const files = {
    "leaflet.css": ".leaflet-default-icon-path{background-image:url(images/marker-icon.png)}a{b:url(layers.png)}",
    "images/marker-icon.png": "png\n",
    "layers.png": "png\n",
    "sw.js": "import './no.js'; import './app.js'",
    "app.js": "navigator.serviceWorker.register('sw.js')",
  };
  const storage = stored();
  const options = { unhashed: ["images", "sw.js"] };
  await collectFiles(files, storage, options);
  assertEquals(
    await textOf(storage, await storage.storedName("leaflet.css")),
    '.leaflet-default-icon-path{background-image:url(images/marker-icon.png)}a{b:url("layers.eab3b89c707d.png")}',
  );
  assertEquals([await storage.url("images/marker-icon.png"), await storage.storedName("sw.js")], [
    "/s/images/marker-icon.png",
    "sw.js",
  ]);
  assertEquals((await namesOf(storage)).filter((name) => /^(images|sw)/.test(name)), [
    "images/marker-icon.png",
    "sw.js",
  ]);
  const again = await collectFiles(files, storage, { ...options, delete: true, pruneAfterSeconds: 0 });
  assertEquals([again.bytesUploaded, again.deleted, again.unmodified], [0, 0, 5]);
  // Without the option they are hashed again.
  const hashed = await collectFiles({ ...files, "sw.js": "" }, storage);
  assertEquals(hashed.postProcessed, 3);
});

Deno.test("unhashed must be an array of patterns", async () => {
  for (const unhashed of ["sw.js", [1]]) {
    await assertRejects(
      () => collectFiles({}, stored(), { unhashed: unhashed as unknown as string[] }),
      TypeError,
      "unhashed",
    );
  }
});

Deno.test("collect() stores a script with a byte order mark as one module", async () => {
  const storage = stored();
  await collectFiles({ "a.js": "\ufeffimport './b.js'; import './b.js'", "b.js": "b()" }, storage);
  const text = await textOf(storage, await storage.storedName("a.js"));
  const b = await storage.storedName("b.js");
  assertEquals(text.replace("\ufeff", ""), `import './${b}'; import './${b}'`);
  await assertRejects(() => collectFiles({ "a.js": "\ufeffimport './no.js'" }, storage), Error, "a.js:1");
});

Deno.test("collect() rewrites a style sheet with a byte order mark", async () => {
  const storage = stored();
  await collectFiles({ "a.css": "\ufeff@import 'b.css'; @import 'b.css';", "b.css": "" }, storage);
  const text = await textOf(storage, await storage.storedName("a.css"));
  assertEquals(text.match(/b\.d41d8cd98f00\.css/g)?.length, 2, text);
});

Deno.test("a missing file of a dynamic import is a warning, and that of a static one an error", async () => {
  const guarded =
    "try { await import('./dev.js') } catch {}\nisLab ? import('./lab.js') : new URL('x.png', import.meta.url)";
  const { warnings } = await collectFiles({ "a.js": guarded }, stored());
  assertEquals(warnings, [
    `a.js:1 refers to "./dev.js", but 'dev.js' does not exist`,
    `a.js:2 refers to "./lab.js", but 'lab.js' does not exist`,
    `a.js:2 refers to "x.png", but 'x.png' does not exist`,
  ]);
  await assertRejects(() => collectFiles({ "a.js": "import './dev.js'" }, stored()), Error, "a.js:1");
});

Deno.test("collect() warns of places whose files it cannot know, with file and line", async () => {
  const { warnings } = await collectFiles({
    "a.js": "export {};\nimport(`./loc/${l}.js`);\nnew Worker('w.js')",
    "b.js": "import(x);".repeat(7),
    "loc/en.js": "",
  }, stored());
  const what = "loads a file whose name is not known, so without a hash:";
  assertEquals(warnings, [
    `a.js:2 ${what} import(\`./loc/\${l}.js\`)`,
    `a.js:3 ${what} new Worker('w.js')`,
    ...Array.from({ length: 5 }, () => `b.js:1 ${what} import(x)`),
    "b.js loads files whose names are not known at 2 more places",
  ]);
});
