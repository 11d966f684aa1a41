import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { IntegrityError, NotFoundError } from "../../../src/errors.ts";
import { collect, ManifestStaticStorage, S3ManifestStaticStorage, S3StaticStorage } from "../../../src/static/mod.ts";
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

Deno.test("a site is stored under its names and its hashed names, with references rewritten", async () => {
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
