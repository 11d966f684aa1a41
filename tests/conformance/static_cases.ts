import { assert, assertEquals } from "@std/assert";
import { collect, ManifestStaticStorage, type StaticFile } from "../../src/static/mod.ts";
import type { StorageCase } from "./case.ts";

const SITE: Readonly<Record<string, string>> = {
  "css/base.css": "@import \"theme.css\"; /* url(no.png) */ body { background: url('../img/ä b.png?#iefix') }",
  "css/theme.css": "@import 'base.css';",
  "img/ä b.png": "png\n",
  "js/app.js": "import './lib.js';\n//# sourceMappingURL=app.js.map",
  "js/app.js.map": "{}\n",
  "js/lib.js": "export const text = `import './no.js'`;",
};

async function* source(files: Readonly<Record<string, string>>): AsyncGenerator<StaticFile> {
  for (const [name, text] of Object.entries(files)) {
    const blob = new Blob([text]);
    yield await Promise.resolve({ name, size: blob.size, stream: () => blob.stream() });
  }
}

/** What collecting static files must do on any storage, and any runtime: hashes and tokenizers are its own there. */
export const staticCases: StorageCase[] = [
  {
    name: "static files: files have the same hashed names on every runtime, also in import cycles",
    async run(open): Promise<void> {
      const storage = new ManifestStaticStorage(open());
      const { copied, postProcessed } = await collect(storage, { from: source(SITE) });
      assertEquals([copied, postProcessed], [6, 6]);
      assertEquals(Object.fromEntries((await storage.hashedFiles.reload()).paths), {
        "css/base.css": "css/base.461861b94008.css",
        "css/theme.css": "css/theme.97683ee3f546.css",
        "img/ä b.png": "img/ä b.eab3b89c707d.png",
        "js/app.js": "js/app.51323dde0061.js",
        "js/app.js.map": "js/app.js.8a80554c91d9.map",
        "js/lib.js": "js/lib.bd34c0c50a81.js",
      });
      const base = await storage.open(await storage.storedName("css/base.css"));
      assertEquals(
        await base.text(),
        '@import url("theme.97683ee3f546.css"); /* url(no.png) */ body { background: url("../img/ä b.eab3b89c707d.png?#iefix") }',
      );
    },
  },
  {
    name: "static files: unchanged files are not stored again, and files without a source are removed",
    async run(open): Promise<void> {
      const storage = new ManifestStaticStorage(open());
      await collect(storage, { from: source(SITE) });
      const again = await collect(storage, { from: source(SITE) });
      assertEquals([again.copied, again.postProcessed, again.bytesUploaded, again.changed], [0, 0, 0, []]);
      const { "js/lib.js": _, "js/app.js": __, ...rest } = SITE;
      const less = await collect(storage, { from: source(rest), delete: true, pruneAfterSeconds: 0 });
      assertEquals([less.unmodified, less.deleted], [4, 4]);
      assert(!await storage.exists("js/lib.js"));
      assert(await storage.exists(await storage.storedName("css/base.css")));
    },
  },
];
