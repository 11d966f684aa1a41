import { MemoryBackend } from "../../../src/storage/memory/memory_backend.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { IntegrityError, NotFoundError } from "../../../src/errors.ts";
import {
  collect,
  ManifestStaticStorage,
  S3ManifestStaticStorage,
  S3StaticStorage,
  type StaticFile,
} from "../../../src/static/mod.ts";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { collectFiles, namesOf, source, textOf } from "./stage.ts";

const SITE = {
  "css/base.css": "@import 'reset.css';\nbody { background: url(../img/a.png) }\n",
  "css/reset.css": "* { margin: 0 }\n",
  "img/a.png": "png\n",
  "js/app.js": "import { b } from './lib.js';\nb();\n",
  "js/lib.js": "export function b() {}\n",
};

function s3(): { server: ReturnType<typeof createS3Server>; options: Record<string, unknown> } {
  const server = createS3Server({ buckets: ["media"] });
  const options = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch: server.fetch };
  return { server, options };
}

Deno.test("collect() stores files under their names and hashed names, with references rewritten", async () => {
  const storage = new ManifestStaticStorage(new MemoryStorage({ baseUrl: "/static/" }));
  const summary = await collectFiles(SITE, storage);
  assertEquals([summary.copied, summary.unmodified, summary.postProcessed, summary.deleted], [5, 0, 5, 0]);
  const { paths } = await storage.hashedFiles.load();
  assertEquals(await namesOf(storage), [...Object.keys(SITE), ...paths.values(), "staticfiles.json"].sort());
  assertEquals(paths.get("img/a.png"), "img/a.eab3b89c707d.png");
  const reset = paths.get("css/reset.css")!.slice("css/".length);
  assertEquals(
    await textOf(storage, paths.get("css/base.css")!),
    `@import url("${reset}");\nbody { background: url("../img/a.eab3b89c707d.png") }\n`,
  );
  const lib = paths.get("js/lib.js")!.slice("js/".length);
  assertEquals(await textOf(storage, paths.get("js/app.js")!), `import { b } from './${lib}';\nb();\n`);
  assertEquals(await textOf(storage, "css/base.css"), SITE["css/base.css"]);
  for (const [name, path] of paths) {
    assertEquals((await storage.stat(path)).cacheControl, "public, max-age=31536000, immutable");
    assertEquals((await storage.stat(name)).cacheControl, undefined);
    assertEquals(await storage.hashedName(name, await (await storage.open(path, "rb")).bytes()), path);
  }
  assertEquals((await storage.stat("staticfiles.json")).cacheControl, undefined);
});

Deno.test("collect() stores files unchanged in a storage without a manifest", async () => {
  const { server, options } = s3();
  const storage = new S3StaticStorage(options);
  const summary = await collectFiles(SITE, storage);
  assertEquals([summary.copied, summary.postProcessed], [5, 0]);
  assertEquals(server.objects("media").map(({ key }) => key), Object.keys(SITE).sort());
  const again = await collectFiles({ ...SITE, "img/a.png": "another" }, storage);
  assertEquals([again.copied, again.unmodified, again.changed], [1, 4, ["img/a.png"]]);
  const gone = await collectFiles({ "img/a.png": "another" }, storage, { delete: true });
  assertEquals([gone.copied, gone.deleted, gone.changed.length], [0, 4, 4]);
  assertEquals(await namesOf(storage), ["img/a.png"]);
});

Deno.test("collect() compares the MD5 in the metadata if ETags are not MD5s: in memory, with gzip, and for multipart uploads", async () => {
  const big = new Uint8Array(9 * 1024 * 1024).fill(7);
  const files = { "a.css": "a { color: red }".repeat(100), "big.bin": big };
  const { server, options } = s3();
  const storages = [
    new ManifestStaticStorage(new MemoryStorage()),
    new S3ManifestStaticStorage({ ...options, gzip: true }),
    new ManifestStaticStorage(new S3StaticStorage({ ...options, location: "wrapped", gzip: true })),
  ];
  for (const storage of storages) {
    assertEquals((await collectFiles(files, storage)).copied, 2);
    assertEquals((await collectFiles(files, storage)).bytesUploaded, 0);
    const changed = await collectFiles({ ...files, "a.css": "a { color: rad }".repeat(100) }, storage);
    assertEquals([changed.copied, changed.postProcessed], [1, 1]);
  }
  const stored = server.objects("media").find(({ key }) => key === "big.bin");
  assertEquals([stored?.partCount, stored?.size], [2, big.length]);
});

Deno.test("the hashes of files that refer to each other in a circle change with any of them", async () => {
  const circle = {
    "a.css": "@import 'b.css'; a{c:url(x.png)}",
    "b.css": "@import 'c.css';",
    "c.css": "@import 'a.css';",
    "self.js": "import './self.js';",
    "uses.css": "@import 'a.css';",
    "x.png": "png\n",
  };
  const pathsOf = async (files: Record<string, string>): Promise<Record<string, string>> => {
    const storage = new ManifestStaticStorage(new MemoryStorage());
    await collectFiles(files, storage);
    const paths = Object.fromEntries((await storage.hashedFiles.load()).paths);
    for (const name of ["a.css", "b.css", "c.css", "self.js"]) {
      for (const [, to] of (await textOf(storage, paths[name]!)).matchAll(/(?:url\("|import ')([^"']+)/g)) {
        assert(await storage.exists(to!.replace("./", "")), `${name} refers to ${to}`);
      }
    }
    return paths;
  };
  const [one, same, other] = [
    await pathsOf(circle),
    await pathsOf(Object.fromEntries(Object.entries(circle).reverse())),
    await pathsOf({ ...circle, "x.png": "another" }),
  ];
  assertEquals(same, one);
  for (const name of ["a.css", "b.css", "c.css", "uses.css", "x.png"]) assertNotEquals(other[name], one[name]);
  assertEquals(other["self.js"], one["self.js"]);
});

Deno.test("pruneAfterSeconds counts from when a copy left the manifest", async () => {
  const storage = new ManifestStaticStorage(new MemoryStorage());
  await storage.save("report.0123456789ab.pdf", "of somebody else");
  const hour = { pruneAfterSeconds: 3600 };
  await collectFiles({ "a.css": "a{}", "b.css": "b{}" }, storage, hour);
  const paths = (await storage.hashedFiles.load()).paths;
  const [a, b] = [paths.get("a.css")!, paths.get("b.css")!];
  assertEquals((await collectFiles({ "a.css": "a{c:d}" }, storage, { ...hour, delete: true })).deleted, 1);
  assertEquals([await storage.exists(a), await storage.exists(b), await storage.exists("b.css")], [true, true, false]);
  const { stale } = await storage.hashedFiles.reload();
  assertEquals([...stale.keys()].sort(), [a, b, "report.0123456789ab.pdf"].sort());
  // One hour later, by the time in the manifest.
  const text = (await textOf(storage, "staticfiles.json")).replaceAll(/"20\d\d-[^"]+Z"/g, '"2020-01-01T00:00:00.000Z"');
  await storage.save("staticfiles.json", text);
  const { deleted, changed } = await collectFiles({ "a.css": "a{c:d}" }, storage, hour);
  assertEquals([deleted, changed.includes(a), await storage.exists(a)], [1, true, false]);
  // Without delete only copies of the site's own files are removed.
  assertEquals([await storage.exists("report.0123456789ab.pdf"), (await storage.hashedFiles.reload()).stale.size], [
    true,
    0,
  ]);
});

Deno.test("collect() skips files that begin with a dot, end in a tilde or match a pattern", async () => {
  const storage = new MemoryStorage();
  const files = {
    "a.css": "",
    ".git/config": "",
    "b/.hidden": "",
    "c~": "",
    "CVS/x": "",
    "src/x.ts": "",
    "src/y.js": "",
  };
  await collectFiles(files, storage);
  assertEquals(await namesOf(storage), ["a.css", "src/x.ts", "src/y.js"]);
  await collectFiles(files, storage, { ignore: ["*.ts", "b"], clear: true });
  assertEquals(await namesOf(storage), [".git/config", "CVS/x", "a.css", "c~", "src/y.js"]);
});

Deno.test("collect() follows links in a folder, but not in circles, and refuses a missing folder", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/in/deep`, { recursive: true });
  await Deno.writeTextFile(`${folder}/in/deep/ü +.txt`, "text");
  await Deno.writeFile(`${folder}/large.bin`, new Uint8Array(3_000_000));
  await Deno.symlink(`${folder}/in`, `${folder}/in/deep/circle`);
  await Deno.symlink(`${folder}/in/deep/ü +.txt`, `${folder}/link.txt`);
  await Deno.symlink(`${folder}/nothing`, `${folder}/broken`);
  const storage = new MemoryStorage();
  await Deno.symlink(`${folder}/itself`, `${folder}/itself`);
  const warnings: (string | undefined)[] = [];
  await collect(storage, { from: `${folder}`, onProgress: ({ message }) => message && warnings.push(message) });
  assertEquals(warnings, ["broken", "itself"].map((name) => `${folder}/${name} is a broken link, and is skipped`));
  await collect(storage, { from: `${folder}/` });
  assertEquals(await namesOf(storage), ["in/deep/ü +.txt", "large.bin", "link.txt"]);
  assertEquals(await storage.size("large.bin"), 3_000_000);
  await assertRejects(
    () => collect(storage, { from: [`${folder}/none`] }),
    Error,
    `Folder does not exist: ${folder}/none`,
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("collect() reads a small style sheet once, and stores what it scanned", async () => {
  const storage = new ManifestStaticStorage(new MemoryStorage());
  let reads = 0;
  const changing: StaticFile = {
    name: "a.css",
    size: 17,
    stream: () => new Blob([reads++ === 0 ? "@import 'b.css';\n" : "changed"]).stream(),
  };
  const other: StaticFile = { name: "b.css", size: 4, stream: () => new Blob(["b {}"]).stream() };
  await collect(storage, { from: [ReadableStream.from([changing, other])] });
  assertEquals(reads, 1);
  assertEquals(await (await storage.open("a.css")).text(), "@import 'b.css';\n");
  assertStringIncludes(await (await storage.open(await storage.storedName("a.css"))).text(), "b.");
});

Deno.test("collect() refuses a style sheet that changes after it was scanned, and names it", async () => {
  // Larger than the limit of kept originals, so it is read again.
  const much = `/*${" ".repeat(17 * 1024 * 1024)}*/`;
  for (const [before, after] of [["a {}", "b { color: url(c.png) }"], ["@import 'b.css';", "\xff"]]) {
    const storage = new ManifestStaticStorage(new MemoryStorage());
    let reads = 0;
    const changing: StaticFile = {
      name: "a.css",
      size: 20,
      stream: () =>
        new Blob([much, Uint8Array.from(reads++ === 0 ? before! : after!, (char) => char.charCodeAt(0))]).stream(),
    };
    const other: StaticFile = { name: "b.css", size: 4, stream: () => new Blob(["b {}"]).stream() };
    const error = await assertRejects(
      () => collect(storage, { from: [ReadableStream.from([changing, other])] }),
      IntegrityError,
    );
    assertStringIncludes(error.message, "'a.css' changed while it was collected");
    assertEquals(await storage.exists("staticfiles.json"), false);
    assertEquals(await storage.exists("a.css"), false);
  }
});

Deno.test("collect() refuses a large file that changes while it is collected, and names it", async () => {
  let opened = 0;
  async function* changing(): AsyncGenerator<StaticFile> {
    const stream = (): ReadableStream<Uint8Array> => new Blob([new Uint8Array(2_000_000).fill(++opened)]).stream();
    yield await Promise.resolve({ name: "large.bin", size: 2_000_000, stream });
  }
  const storage = new ManifestStaticStorage(new MemoryStorage());
  const error = await assertRejects(() => collect(storage, { from: [changing()] }), IntegrityError);
  assertStringIncludes(error.message, "'large.bin' changed");
  assertEquals(await namesOf(storage), []);
});

Deno.test("collect() stores files that are not UTF-8 or not JavaScript unchanged, and warns", async () => {
  const storage = new ManifestStaticStorage(new MemoryStorage());
  const files = {
    "a.css": new Uint8Array([0x61, 0xff, 0x7b, 0x7d]),
    "b.js": "import './c.js'; `${",
    "bom.css": "\ufeffa{b:url(x.png)}",
    "x.png": "png\n",
  };
  const { warnings } = await collectFiles(files, storage);
  assertEquals(warnings.length, 2);
  assertStringIncludes(warnings.join(), "a.css is not UTF-8");
  assertStringIncludes(warnings.join(), "b.js cannot be parsed as JavaScript");
  const bom = await storage.open(await storage.storedName("bom.css"), "rb");
  assertEquals([...(await bom.bytes()).slice(0, 4)], [0xef, 0xbb, 0xbf, 0x61]);
});

Deno.test("collect() stops at the first failure, writes no manifest, and leaves no request in progress", async () => {
  const { server, options } = s3();
  let puts = 0;
  const storage = new S3ManifestStaticStorage({
    ...options,
    fetch: async (request: Request) => {
      if (request.method === "PUT" && ++puts === 10) {
        return new Response("<Error><Code>AccessDenied</Code></Error>", { status: 403 });
      }
      return await server.fetch(request);
    },
  });
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}.txt`, `${i}`]));
  const error = await assertRejects(() => collectFiles(files, storage, { concurrency: 4 }));
  assertEquals((error as { code?: string }).code, "PermissionDenied");
  const stored = server.objects("media").length;
  assert(stored < 20, `${stored}`);
  const { copied, unmodified } = await collectFiles(files, storage);
  assertEquals(copied + unmodified, 200);
  assert(unmodified > 0);
});

Deno.test("collect() stops when its signal is aborted, and the next run continues", async () => {
  const { server, options } = s3();
  const storage = new S3ManifestStaticStorage(options);
  const stop = new AbortController();
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}.txt`, `${i}`]));
  await assertRejects(
    () =>
      collectFiles(files, storage, {
        signal: stop.signal,
        concurrency: 2,
        onProgress: ({ done, kind }) => kind === "uploaded" && done === 20 && stop.abort(new Error("enough")),
      }),
    Error,
    "enough",
  );
  assertEquals(server.objects("media").some(({ key }) => key === "staticfiles.json"), false);
  const { unmodified } = await collectFiles(files, storage);
  assert(unmodified >= 20, `${unmodified}`);
});

Deno.test("collect() refuses options out of range before it reads a file", async () => {
  const to = new MemoryStorage();
  for (const wrong of [{ concurrency: 0 }, { concurrency: 1.5 }, { pruneAfterSeconds: -1 }]) {
    await assertRejects(() => collect(to, { from: "nowhere", ...wrong }), RangeError);
  }
  for (const from of [undefined, null, 5, {}, ["nowhere", undefined], [[]]] as unknown[] as string[]) {
    await assertRejects(() => collect(to, { from }), TypeError, "from must be folder paths");
  }
  await assertRejects(() => collect(to, { from: "nowhere", ignore: "*.css" as unknown as string[] }), TypeError);
  await assertRejects(
    () => collect(to, { from: "nowhere", precompress: { encodings: ["gzip"], as: "sibling" as "siblings" } }),
    TypeError,
  );
  await assertRejects(() => collect(to, { from: [source({})], ignore: [1 as unknown as string] }), TypeError);
  await assertRejects(() => collectFiles({ "a.css": "a{b:url(c)}" }, new ManifestStaticStorage(to)), NotFoundError);
});

Deno.test("onProgress reports each file once, and done reaches total", async () => {
  const storage = new ManifestStaticStorage(new MemoryStorage());
  for (const kind of ["uploaded", "skipped"]) {
    const { events } = await collectFiles(SITE, storage);
    const told = events.filter((event) => event.kind === kind);
    assertEquals(told.map(({ name }) => name).sort(), Object.keys(SITE).sort());
    assertEquals(told.map(({ done, total }) => [done, total]), [1, 2, 3, 4, 5].map((done) => [done, 5]));
    assertEquals(events.filter((event) => event.kind === "hashed").length, 5);
    assertEquals(events.filter((event) => event.kind === "listed").length, 5);
  }
});

Deno.test("collect() keeps at most as many files in memory as concurrency allows", async () => {
  let read = 0;
  let stored = 0;
  let most = 0;
  class Slow extends MemoryBackend {
    override async put(
      ...args: Parameters<MemoryBackend["put"]>
    ): ReturnType<MemoryBackend["put"]> {
      await new Promise((resolve) => setTimeout(resolve, 0));
      const written = await super.put(...args);
      stored++;
      return written;
    }
  }
  async function* many(): AsyncGenerator<StaticFile> {
    for (let i = 0; i < 1000; i++) {
      const bytes = (): Promise<Uint8Array> => {
        most = Math.max(most, ++read - stored);
        return Promise.resolve(new TextEncoder().encode(`file ${i}`));
      };
      yield await Promise.resolve({ name: `${i % 7}/${i}.txt`, size: 8, bytes, stream: () => new ReadableStream() });
    }
  }
  const { copied } = await collect(new Storage(new Slow()), { from: many(), concurrency: 8 });
  assertEquals([copied, read, stored], [1000, 1000, 1000]);
  assertEquals(most, 8);
});
