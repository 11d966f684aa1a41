/**
 * The static classes of django-storages and Django's collectstatic; `tests/django_storages_behaviours.md` compares each
 * test with them.
 */
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError, NotFoundError, SuspiciousNameError } from "../../../src/errors.ts";
import { ManifestStaticStorage, S3ManifestStaticStorage, S3StaticStorage } from "../../../src/static/mod.ts";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { collectFiles, type Files, namesOf, source, textOf } from "./stage.ts";

const KEYS = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret" };

function manifestStorage(options = {}): ManifestStaticStorage {
  return new ManifestStaticStorage(new MemoryStorage({ baseUrl: "/static/" }), options);
}

/** The content of the hashed copy of a file. */
async function rewritten(files: Files, name: string, options = {}): Promise<string> {
  const storage = manifestStorage(options);
  await collectFiles(files, storage);
  return await textOf(storage, await storage.storedName(name));
}

/** A style sheet beside a file `a.png`, and what becomes of it. */
const css = async (text: string, options = {}): Promise<string> =>
  await rewritten(
    { "css/a.css": text, "css/a.png": "png\n", "img/b c.png": "png\n", "css/x.css": "" },
    "css/a.css",
    options,
  );

Deno.test("S3StaticStorage and S3ManifestStaticStorage do not sign URLs by default", async () => {
  const storage = new S3StaticStorage(KEYS);
  assertEquals(storage.settings.querystringAuth, false);
  assertEquals(await storage.url("a.css"), "https://media.s3.amazonaws.com/a.css");
  assertEquals(new S3StaticStorage({ ...KEYS, querystringAuth: true }).settings.querystringAuth, true);
  assert(new S3ManifestStaticStorage(KEYS) instanceof S3StaticStorage);
  assertEquals(S3ManifestStaticStorage.fromUrl("s3://media/static").settings.querystringAuth, false);
});

Deno.test("hashedName() puts the first 12 hex digits of the content's MD5 before the extension", async () => {
  const storage = manifestStorage();
  const hashed = (name: string, text: string): Promise<string> =>
    storage.hashedName(name, new TextEncoder().encode(text));
  assertEquals(await hashed("a.png", "png\n"), "a.eab3b89c707d.png");
  assertEquals(await hashed("dir.d/base.css.map", "{}\n"), "dir.d/base.css.8a80554c91d9.map");
  assertEquals(await hashed("LICENSE", "png\n"), "LICENSE.eab3b89c707d");
  assertEquals(await hashed(".hidden", "png\n"), ".hidden.eab3b89c707d");
  await storage.save("stored.png", "png\n");
  assertEquals(await storage.hashedName("stored.png"), "stored.eab3b89c707d.png");
});

Deno.test("url() keeps query, fragment and ?#iefix, leaves folders alone and stays percent-encoded", async () => {
  const storage = manifestStorage();
  await collectFiles({ "f.eot": "png\n", "a b%.png": "png\n" }, storage);
  assertEquals(await storage.url("f.eot"), "/static/f.eab3b89c707d.eot");
  assertEquals(await storage.url("f.eot?#iefix"), "/static/f.eab3b89c707d.eot?#iefix");
  assertEquals(await storage.url("f.eot?v=1#x"), "/static/f.eab3b89c707d.eot?v=1#x");
  assertEquals(await storage.url("f%2Eeot"), "/static/f.eab3b89c707d.eot");
  assertEquals(await storage.url("folder/"), "/static/folder/");
  // Django decodes the URL, so that this one would be no URL: "/static/a b%.eab….png".
  assertEquals(await storage.url("a b%.png"), "/static/a%20b%25.eab3b89c707d.png");
  assertEquals(await storage.storedName("f.eot?#iefix"), "f.eab3b89c707d.eot?#iefix");
  // There is no DEBUG setting: development without hashes uses the storage without the manifest.
  assertEquals(await storage.storage.url("f.eot"), "/static/f.eot");
});

Deno.test("a name missing in the manifest is an error; with manifestStrict: false the stored file is hashed", async () => {
  const files = new MemoryStorage({ baseUrl: "/static/" });
  await files.save("late.png", "png\n");
  const strict = new ManifestStaticStorage(files);
  const error = await assertRejects(() => strict.url("late.png"), NotFoundError);
  assertStringIncludes(error.message, "Missing staticfiles manifest entry for 'late.png'");
  const lenient = new ManifestStaticStorage(files, { manifestStrict: false });
  assertEquals(await lenient.url("late.png?x"), "/static/late.eab3b89c707d.png?x");
  const none = await assertRejects(() => lenient.url("none.png"), NotFoundError);
  assertStringIncludes(none.message, "Cannot hash 'none.png': the storage has no such file");
});

Deno.test("the manifest is written as Django's version 1.1 or 1.0, both are read, and others are refused", async () => {
  const storage = manifestStorage();
  await collectFiles({ "a.png": "png\n", "é.png": "png\n" }, storage);
  const stored = JSON.parse(await textOf(storage, "staticfiles.json"));
  assertEquals([stored.version, stored.paths["a.png"]], ["1.1", "a.eab3b89c707d.png"]);
  // Python: md5(json.dumps(sorted(paths.items())).encode()).hexdigest()[:12]
  assertEquals(stored.hash, "916ebe9a996e");
  const old = manifestStorage({ manifestVersion: "1.0" });
  await collectFiles({ "a.png": "png\n" }, old);
  const { version, hash } = JSON.parse(await textOf(old, "staticfiles.json"));
  assertEquals([version, hash], ["1.0", undefined]);
  for (
    const text of ['{"paths": {"a.png": "b.png"}, "version": "1.0"}', '{"version": "1.1", "paths": {"a.png": "b.png"}}']
  ) {
    const files = new MemoryStorage({ baseUrl: "/" });
    await files.save("staticfiles.json", text);
    assertEquals(await new ManifestStaticStorage(files).url("a.png"), "/b.png");
  }
  const wrong = [
    "{",
    '{"paths": {}, "version": "2.0"}',
    "[]",
    "null",
    "\0\ufffe",
    '{"version": "1.1", "paths": {"a": 1}}',
    '{"version": "1.1", "paths": {"__proto__": null}}',
    '{"version": "1.1", "paths": ["a"]}',
    '{"version": "1.1", "paths": "a"}',
    '{"version": "1.1", "paths": {}, "stale": {"a.0123456789ab.css": "never"}}',
    '{"version": "1.1", "paths": {}, "stale": 1}',
  ];
  for (const text of wrong) {
    const files = new MemoryStorage({ baseUrl: "/" });
    await files.save("staticfiles.json", text);
    const error = await assertRejects(() => new ManifestStaticStorage(files).url("a.png"), ConfigurationError);
    assertStringIncludes(error.message, "Cannot load manifest 'staticfiles.json'");
  }
});

Deno.test("hostile names in a manifest are refused, and no file is deleted because of them", async () => {
  const files = new MemoryStorage({ baseUrl: "/static/", location: "static" });
  const storage = new ManifestStaticStorage(files);
  const paths =
    '{"__proto__": "x.css", "a.css": "../secret.0123456789ab.css", "constructor": "/etc/passwd", "b.css": ""}';
  await files.save("staticfiles.json", `{"version": "1.1", "paths": ${paths}, "hash": "0123456789ab"}`);
  assertEquals(await storage.url("__proto__"), "/static/static/x.css");
  for (const name of ["a.css", "constructor", "b.css"]) {
    await assertRejects(() => storage.url(name), SuspiciousNameError);
  }
  await assertRejects(() => storage.url("toString"), NotFoundError);
  const site = { "__proto__.css": "", ["__proto__"]: "own", "constructor": "text", "7": "seven" };
  await collectFiles(site, storage, { delete: true, pruneAfterSeconds: 0 });
  assertEquals((await storage.hashedFiles.reload()).paths.size, 4);
  assertEquals(await textOf(storage, await storage.storedName("__proto__")), "own");
});

Deno.test("the manifest is loaded once, on first use, from manifestStorage under manifestName", async () => {
  const server = createS3Server({ buckets: ["media", "private"] });
  const manifests = new S3StaticStorage({ ...KEYS, bucketName: "private", fetch: server.fetch });
  const options = { ...KEYS, fetch: server.fetch, manifestStorage: manifests, manifestName: "static.json" };
  await collectFiles({ "a.png": "png\n" }, new S3ManifestStaticStorage(options));
  assertEquals(server.objects("private").map(({ key }) => key), ["static.json"]);
  const before = server.requests.length;
  const storage = new S3ManifestStaticStorage(options);
  assertEquals(server.requests.length, before);
  assertThrows(() => storage.urlSync("a.png"), ConfigurationError, "hashedFiles.load()");
  const urls = await Promise.all(Array.from({ length: 20 }, () => storage.url("a.png")));
  assertEquals(new Set(urls), new Set(["https://media.s3.amazonaws.com/a.eab3b89c707d.png"]));
  assertEquals(storage.urlSync("a.png?#x"), `${urls[0]}?#x`);
  assertEquals(server.requests.slice(before).map(({ path }) => path), ["/static.json"]);
  assertThrows(() => new S3ManifestStaticStorage({ ...options, manifestVersion: "2" as "1.1" }), ConfigurationError);
});

Deno.test("chains of imports longer than Django's five passes are resolved, without intermediate files", async () => {
  const files: Record<string, string> = { "0.css": "a { color: red }" };
  for (let i = 1; i < 12; i++) files[`${i}.css`] = `@import "${i - 1}.css";`; // Django fails after 5
  const storage = manifestStorage();
  await collectFiles(files, storage);
  assertEquals((await namesOf(storage)).length, 12 * 2 + 1);
});

Deno.test("url(), @import and source map comments are rewritten to Django's output", async () => {
  assertEquals(await css("a{b:url(a.png)}"), 'a{b:url("a.eab3b89c707d.png")}');
  assertEquals(await css("a{b:URL( 'a.png')}"), 'a{b:url("a.eab3b89c707d.png")}');
  assertEquals(await css('@import "x.css" screen;'), '@import url("x.d41d8cd98f00.css") screen;');
  assertEquals(await css("@import'x.css';"), '@import url("x.d41d8cd98f00.css");');
  assertEquals(await css("@import url(x.css) print;"), '@import url("x.d41d8cd98f00.css") print;');
  assertEquals(await css("/*# sourceMappingURL=a.png */"), "/*# sourceMappingURL=a.eab3b89c707d.png */");
  const js = { "a.js": "f();\n//# sourceMappingURL=a.js.map\n", "a.js.map": "{}\n" };
  assertEquals(await rewritten(js, "a.js"), "f();\n//# sourceMappingURL=a.js.8a80554c91d9.map\n");
  const short = { "a.js": "f();\n//# sourceMappingURL=s \n", "s": "{}\n" };
  assertEquals(await rewritten(short, "a.js"), "f();\n//# sourceMappingURL=s.8a80554c91d9 \n");
});

Deno.test("comments and strings in style sheets are not rewritten", async () => {
  const kept = '/* url(a.png) @import "x.css"; */ a::before{content:"url(a.png)"} b{c:notfound(a.png)}';
  assertEquals(await css(kept), kept);
  assertEquals(
    await css("a{b:image-set('a.png' 1x, url(a.png) 2x)}"),
    'a{b:image-set("a.eab3b89c707d.png" 1x, url("a.eab3b89c707d.png") 2x)}',
  );
});

Deno.test("imports of JavaScript modules are rewritten unless supportJsModuleImportAggregation is false", async () => {
  const files = {
    "m/a.js":
      "import {b} from './b.js'\nexport * from \"../c.mjs\";const d = import('/static/c.mjs'); // import './no.js'\n" +
      "const text = `import './no.js'`; import bare from 'bare';",
    "m/b.js": "export const b = 1",
    "c.mjs": "",
  };
  const b = "b.d41d8cd98f00.js".length;
  const text = await rewritten(files, "m/a.js", { staticUrl: "/static" });
  const [, first, second, third] =
    /from '\.\/(b\.\w{12}\.js)'\n.*"\.\.\/(c\.\w{12}\.mjs)".*'\/static\/(c\.\w{12}\.mjs)'/.exec(text)!;
  assertEquals([first!.length, second, third], [b, "c.d41d8cd98f00.mjs", "c.d41d8cd98f00.mjs"]);
  assertStringIncludes(text, "// import './no.js'\nconst text = `import './no.js'`; import bare from 'bare';");
  const off = { supportJsModuleImportAggregation: false };
  assertEquals(await rewritten(files, "m/a.js", off), files["m/a.js"]);
});

Deno.test("references to other sites and folders are left alone; folder, query, fragment and staticUrl are kept", async () => {
  for (
    const kept of [
      "a{b:url(data:image/png;base64,AAAA)}",
      "a{b:url(https://example.com/a.png)}",
      "a{b:url(//example.com/a.png)}",
      "a{b:url(/elsewhere/a.png)}",
      "a{b:url(#gradient)}",
      "a{b:url()}",
      "a{b:url(?x)}",
      "a{b:url(folder/)}",
      "a{b:url(.)}",
      "a{b:url(../..)}",
    ]
  ) assertEquals(await css(kept, { staticUrl: "/static/" }), kept);
  assertEquals(await css("a{b:url(./a.png?x=1#y)}"), 'a{b:url("./a.eab3b89c707d.png?x=1#y")}');
  assertEquals(await css("a{b:url(a.png?#iefix)}"), 'a{b:url("a.eab3b89c707d.png?#iefix")}');
  assertEquals(await css("a{b:url(../css/./a.png)}"), 'a{b:url("../css/./a.eab3b89c707d.png")}');
  assertEquals(await css("a{b:url('../img/b c.png')}"), 'a{b:url("../img/b c.eab3b89c707d.png")}');
  assertEquals(await css("a{b:url(../img/b%20c.png)}"), 'a{b:url("../img/b%20c.eab3b89c707d.png")}');
  const own = { staticUrl: "/static/" };
  assertEquals(await css("a{b:url(/static/css/a.png)}", own), 'a{b:url("/static/css/a.eab3b89c707d.png")}');
});

Deno.test("a missing reference is reported with file, line and target before anything is stored", async () => {
  const storage = manifestStorage();
  const files = {
    "css/a.css": "a{b:c}\n\nd{e:url(../img/none.png)}\nf{g:url(../../outside.png)}",
    "b.js": "import './no.js';",
    "ok.css": "a{b:url(css/a.css)}",
  };
  const error = await assertRejects(() => collectFiles(files, storage), NotFoundError);
  assertStringIncludes(error.message, `css/a.css:3 refers to "../img/none.png", but 'img/none.png' does not exist`);
  assertStringIncludes(error.message, `css/a.css:4 refers to "../../outside.png", but '../outside.png' does not exist`);
  assertStringIncludes(error.message, `b.js:1 refers to "./no.js", but 'no.js' does not exist`);
  assertEquals(await namesOf(storage), []);
});

Deno.test("with missingReferences warn, missing references are warnings and the others are still rewritten", async () => {
  const storage = manifestStorage();
  const files = { "a.css": "a{b:url(none.png);c:url(a.png)}", "a.png": "png\n" };
  const { warnings } = await collectFiles(files, storage, { missingReferences: "warn" });
  assertEquals(warnings, [`a.css:1 refers to "none.png", but 'none.png' does not exist`]);
  assertEquals(
    await textOf(storage, await storage.storedName("a.css")),
    'a{b:url(none.png);c:url("a.eab3b89c707d.png")}',
  );
  // A second run without changes also reports it.
  assertEquals((await collectFiles(files, storage, { missingReferences: "warn" })).warnings.length, 1);
  // A source map is for those who look for it, and a name without extension is for a bundler.
  const optional = { "m.js": "import './bundled';\n//# sourceMappingURL=m.js.map" };
  assertEquals((await collectFiles(optional, manifestStorage())).warnings.length, 2);
});

Deno.test("originals stay beside hashed copies, and stale copies are deleted only with pruneAfterSeconds", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = new S3ManifestStaticStorage({ ...KEYS, fetch: server.fetch });
  await collectFiles({ "a.png": "one" }, storage);
  await collectFiles({ "a.png": "two" }, storage);
  assertEquals((await namesOf(storage)).length, 4); // the original, two hashed copies, the manifest
  const operations = new Set(server.requests.map(({ operation }) => operation));
  assert(!operations.has("DeleteObject") && !operations.has("DeleteObjects"));
  const { deleted } = await collectFiles({ "a.png": "two" }, storage, { pruneAfterSeconds: 0 });
  assertEquals([deleted, (await namesOf(storage)).length], [1, 3]);
});

Deno.test("an unchanged collection costs one listing and one read of the manifest", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = new S3ManifestStaticStorage({ ...KEYS, fetch: server.fetch });
  const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}.png`, `png ${i}`]));
  const requestsOf = async (files: Files): Promise<Record<string, number>> => {
    const before = server.requests.length;
    await collectFiles(files, storage);
    const counted: Record<string, number> = {};
    for (const { operation } of server.requests.slice(before)) counted[operation!] = (counted[operation!] ?? 0) + 1;
    return counted;
  };
  assertEquals(await requestsOf(files), { ListObjectsV2: 1, GetObject: 1, PutObject: 17 }); // Django: 77
  assertEquals(await requestsOf(files), { ListObjectsV2: 1, GetObject: 1 }); // Django: 76
  // Once more to see that nobody has written the manifest meanwhile, and removed what this one found; and the one folder in
  // which a run with `invalidate`, at the same time, says that changes are to be recorded.
  assertEquals(await requestsOf({ ...files, "0.png": "new" }), { ListObjectsV2: 2, GetObject: 2, PutObject: 3 });
});

Deno.test("a dry run changes nothing and reports what a real run would do; the first source of a name wins", async () => {
  const storage = manifestStorage();
  const files = { "a.css": "a{b:url(a.png)}", "a.png": "png\n" };
  const dry = await collectFiles(files, storage, { dryRun: true });
  assertEquals(await namesOf(storage), []);
  const real = await collectFiles(files, storage);
  const told = ({ events }: { events: readonly { kind: string; name: string }[] }): string[] =>
    events.map(({ kind, name }) => `${kind} ${name}`).sort();
  assertEquals(told(dry), told(real));
  assertEquals([dry.copied, dry.postProcessed, dry.bytesUploaded], [
    real.copied,
    real.postProcessed,
    real.bytesUploaded,
  ]);
  const { warnings } = await collectFiles({}, storage, {
    from: [source({ "x.txt": "first" }), source({ "x.txt": "second" })],
  });
  assertEquals([await textOf(storage, "x.txt"), warnings], ["first", [
    "x.txt is in more than one source: the first is taken",
  ]]);
});

Deno.test("clear deletes all other files, in folders too and without a location, after everything is stored", async () => {
  for (const location of ["", "static"]) {
    const server = createS3Server({ buckets: ["media"] });
    const storage = new S3ManifestStaticStorage({ ...KEYS, location, fetch: server.fetch });
    await collectFiles({ "old/deep/b.css": "", "a.png": "one" }, storage);
    await storage.save("stray/file.txt", "");
    const before = server.requests.length;
    const { copied, deleted } = await collectFiles({ "a.png": "png\n" }, storage, { clear: true });
    const operations = server.requests.slice(before).map(({ operation }) => operation);
    assertEquals(await namesOf(storage), ["a.eab3b89c707d.png", "a.png", "staticfiles.json"]);
    assertEquals([copied, deleted], [1, 4]);
    assertMatch(operations.filter((operation) => /^(Put|Delete)/.test(operation!)).at(-1)!, /^DeleteObjects?$/);
    assertEquals(operations.filter((operation) => operation === "PutObject").length, 3);
  }
});

Deno.test("the summary counts copied, unmodified and post-processed files", async () => {
  const storage = manifestStorage();
  await collectFiles({ "a.png": "png\n" }, storage);
  const { copied, unmodified, postProcessed } = await collectFiles({ "a.png": "png\n", "b.png": "b" }, storage);
  assertEquals([copied, unmodified, postProcessed], [1, 1, 1]);
});
