import { assertEquals, assertRejects } from "@std/assert";
import { IntegrityError, NotFoundError } from "../../../../src/errors.ts";
import { Pool } from "../../../../src/kit/async/pool.ts";
import type { CollectOptions } from "../../../../src/static/collect_options.ts";
import { HashedFiles } from "../../../../src/static/hashed_files.ts";
import { ReferenceScan } from "../../../../src/static/references/reference_scan.ts";
import type { StaticFile } from "../../../../src/static/source/source.ts";
import { MemoryStorage } from "../../../../src/storage/mod.ts";
import { type Files, source } from "../stage.ts";

/** Scans files, and returns the warnings too. */
async function scanned(
  files: Files,
  options: Partial<CollectOptions> = {},
): Promise<{ scan: ReferenceScan; found: Map<string, StaticFile>; warnings: string[] }> {
  const warnings: string[] = [];
  const found = new Map<string, StaticFile>();
  for await (const file of source(files)) found.set(file.name, file);
  const to = new MemoryStorage();
  const all = { from: [], to, onProgress: ({ message = "" }) => warnings.push(message), ...options };
  const scan = new ReferenceScan(all, new HashedFiles(to), found);
  await scan.run(new Pool(2, () => {}));
  return { scan, found, warnings };
}

Deno.test("ReferenceScan finds the files that refer to others, and keeps each until it is taken", async () => {
  const { scan } = await scanned({ "a.css": "a{b:url(a.png)}", "b.css": "b{}", "a.png": "url(a.css)" });
  assertEquals([...scan.needs], [["a.css", ["a.png"]]]);
  assertEquals([scan.takeKept("b.css")?.text, scan.takeKept("b.css"), scan.takeKept("a.png")], [
    "b{}",
    undefined,
    undefined,
  ]);
  assertEquals((await scan.take("b.css")).text, "b{}"); // read again
});

Deno.test("ReferenceScan rejects missing references, or warns and remembers them", async () => {
  const files = { "b.css": "a{b:url(no.png)}", "a.js": "//# sourceMappingURL=a.js.map" };
  await assertRejects(() => scanned(files), NotFoundError, "b.css:1");
  const { scan, warnings } = await scanned(files, { missingReferences: "warn" });
  assertEquals([scan.missing.length > 0, warnings.map((message) => message.split(" ")[0])], [true, [
    "a.js:1",
    "b.css:1",
  ]]);
  const optional = await scanned({ "a.js": files["a.js"] });
  assertEquals([optional.scan.missing.length > 0, optional.warnings.length], [false, 1]);
});

Deno.test("ReferenceScan refuses a file that has changed since it was scanned", async () => {
  const { scan, found } = await scanned({ "a.css": "a{}" });
  scan.takeKept("a.css");
  found.set("a.css", { name: "a.css", size: 3, stream: () => new Blob(["b{}"]).stream() });
  await assertRejects(() => scan.take("a.css"), IntegrityError, "a.css");
});
