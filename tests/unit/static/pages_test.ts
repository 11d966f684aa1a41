/** Built sites, whose pages refer to hashed copies. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { serve } from "../../../src/serve/mod.ts";
import { ManifestStaticStorage, S3ManifestStaticStorage } from "../../../src/static/mod.ts";
import { LocalStorage, MemoryStorage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { collectFiles, namesOf, textOf } from "./stage.ts";

const SITE = {
  "index.html":
    '<!doctype html><link rel=stylesheet href="/css/a.css"><script type=module src="./js/a.js"></script><a href="/about">',
  "about.html": '<!doctype html><img src="img/a.png" srcset="img/a.png 2x"><script>import("./js/a.js")</script>',
  "blog/index.html": '<link rel=stylesheet href="../css/a.css"><img src="/img/a.png"><img src="/elsewhere.png">',
  "css/a.css": "a { background: url(/img/a.png) }",
  "js/a.js": "import './b.js'",
  "js/b.js": "b()",
  "img/a.png": "png\n",
};

const manifested = (): ManifestStaticStorage => new ManifestStaticStorage(new MemoryStorage());

Deno.test("pages keep their names, and refer to hashed copies", async () => {
  const storage = manifested();
  const { copied, postProcessed, warnings } = await collectFiles(SITE, storage, { pages: {} });
  assertEquals([copied, postProcessed], [7, 4]);
  assertEquals(warnings, [`blog/index.html:1 refers to "/elsewhere.png", but 'elsewhere.png' does not exist`]);
  const path = (name: string): Promise<string> => storage.storedName(name);
  const [css, js, png] = await Promise.all(["css/a.css", "js/a.js", "img/a.png"].map(path)) as [string, string, string];
  assertEquals(
    await textOf(storage, "index.html"),
    SITE["index.html"].replace("css/a.css", css).replace("js/a.js", js),
  );
  assertEquals(
    await textOf(storage, "about.html"),
    SITE["about.html"].replaceAll("img/a.png", png).replace("js/a.js", js),
  );
  assertEquals(
    await textOf(storage, "blog/index.html"),
    SITE["blog/index.html"].replace("css/a.css", css).replace("img/a.png", png),
  );
  // Absolute paths begin at the root.
  assertEquals(await textOf(storage, css), `a { background: url("/${png}") }`);
  assertEquals(await path("index.html"), "index.html");
  const { cacheControl, contentType } = await storage.stat("index.html");
  assertEquals([cacheControl, contentType], ["public, max-age=0, must-revalidate", "text/html; charset=utf-8"]);
  const again = await collectFiles(SITE, storage, { pages: {}, delete: true, pruneAfterSeconds: 0 });
  assertEquals([again.bytesUploaded, again.deleted, again.changed], [0, 0, []]);
  const changed = await collectFiles({ ...SITE, "img/a.png": "other" }, storage, { pages: {} });
  const pages = ["about.html", "blog/index.html", "index.html"];
  assertEquals([...changed.changed].sort(), [...pages, "img/a.png", "staticfiles.json"].sort());
});

Deno.test("pages are stored after all files that they refer to", async () => {
  const server = createS3Server({ buckets: ["site"] });
  const storage = new S3ManifestStaticStorage({
    bucketName: "site",
    accessKey: "testkey",
    secretKey: "testsecret",
    fetch: server.fetch,
  });
  await collectFiles(SITE, storage, { pages: {}, concurrency: 3 });
  const puts = server.requests.filter(({ operation }) => operation === "PutObject").map(({ path }) => path);
  assert(puts.slice(-4, -1).every((path) => path.endsWith(".html")), puts.join());
  assertEquals(puts.at(-1), "/staticfiles.json");
});

Deno.test("clean URLs store a page without its extension too, and unknown names are 404", async () => {
  const storage = manifested();
  const files = { ...SITE, "blog.html": "<p>beside a folder", "404.htm": "<p>none" };
  const { warnings } = await collectFiles(files, storage, { pages: { cleanUrls: true, cacheControl: "no-cache" } });
  assert(warnings.includes("blog.html is not stored as blog: a file or a folder has that name"));
  const get = (path: string): Promise<Response> =>
    serve(storage, new Request(`http://localhost${path}`), { trusted: true });
  const page = await get("/about");
  assertEquals([page.status, page.headers.get("content-type"), page.headers.get("cache-control")], [
    200,
    "text/html; charset=utf-8",
    "no-cache",
  ]);
  assertEquals(await page.text(), await textOf(storage, "about.html"));
  for (const path of ["/nothing", "/about/", "/js/no.js", "/css/a.000000000000.css"]) {
    assertEquals((await get(path)).status, 404, path);
  }
  const again = await collectFiles(files, storage, { pages: { cleanUrls: true }, delete: true });
  assertEquals([again.bytesUploaded, again.deleted], [0, 0]);
  // Without the option they are removed like other files that are gone.
  const { deleted } = await collectFiles(files, storage, { pages: {}, delete: true });
  assertEquals([deleted, (await namesOf(storage)).includes("about")], [2, false]);
});

Deno.test("a script with integrity refers to the original where its copy has other bytes", async () => {
  const storage = manifested();
  const page = "<script src=js/a.js integrity=x></script><script src=js/b.js integrity=y></script>";
  const { warnings } = await collectFiles({ ...SITE, "index.html": page }, storage, { pages: {} });
  const text = await textOf(storage, "index.html");
  assertEquals(text, page.replace("js/b.js", await storage.storedName("js/b.js")));
  assert(
    warnings.includes("index.html has the integrity of js/a.js, whose copy has other bytes: it refers to the original"),
  );
});

Deno.test("references begin at the base of a page and at staticUrl", async () => {
  const storage = new ManifestStaticStorage(new MemoryStorage(), { staticUrl: "/app/" });
  const files = {
    "x/one.html": '<base href="/app/"><img src="img/a.png">',
    "x/two.html": '<base href="../"><img src="img/a.png"><img src="/app/img/a.png"><img src="/img/a.png">',
    "x/three.html": '<base href="https://cdn.example.com/"><img src="img/a.png">',
    "img/a.png": "png\n",
  };
  const { warnings } = await collectFiles(files, storage, { pages: {} });
  const png = "img/a.eab3b89c707d.png";
  assertEquals(await textOf(storage, "x/one.html"), `<base href="/app/"><img src="${png}">`);
  assertEquals(
    await textOf(storage, "x/two.html"),
    `<base href="../"><img src="${png}"><img src="/app/${png}"><img src="/img/a.png">`,
  );
  assertEquals([await textOf(storage, "x/three.html"), warnings], [files["x/three.html"], []]);
});

Deno.test("a dry run of pages reports what a run stores, on disk too", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const storage = new ManifestStaticStorage(new LocalStorage(folder));
    const options = { pages: { cleanUrls: true } };
    const dry = await collectFiles(SITE, storage, { ...options, dryRun: true });
    const run = await collectFiles(SITE, storage, options);
    assertEquals([dry.copied, dry.postProcessed, dry.bytesUploaded], [
      run.copied,
      run.postProcessed,
      run.bytesUploaded,
    ]);
    assertEquals((await collectFiles(SITE, storage, options)).bytesUploaded, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("pages needs a storage with a manifest, and refuses other values", async () => {
  const wrong = await assertRejects(() => collectFiles(SITE, new MemoryStorage(), { pages: {} }), TypeError);
  assertStringIncludes(wrong.message, "pages needs a storage with a manifest");
  for (const pages of [true, { clean: true }, { cleanUrls: 1 }, { cacheControl: "\n" }]) {
    await assertRejects(() => collectFiles(SITE, manifested(), { pages: pages as never }), TypeError);
  }
});
