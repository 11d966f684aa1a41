import { assert, assertEquals, assertGreater } from "@std/assert";
import { ROOT } from "../offline/import_map.ts";
import { bundle, entrySizes, sizeOf } from "./bundle_size.ts";
import { readConfig, writeScratch } from "./source_files.ts";

/** What the main entry may weigh on an edge, in bytes after gzip: a third of what the AWS SDK takes for the same. */
const MAIN_LIMIT_BYTES = 45_056;

Deno.test("the main entry is at most 44 KB for edge, minified and gzipped", async () => {
  const { name } = await readConfig();
  const main = (await entrySizes()).find(({ entry }) => entry === name);
  assert(main !== undefined, "the main entry has been weighed");
  assertGreater(main.gzipBytes, 0);
  assert(main.gzipBytes <= MAIN_LIMIT_BYTES, `${main.gzipBytes} bytes, of ${MAIN_LIMIT_BYTES} allowed`);
});

Deno.test("the main entry does not carry the testing server", async () => {
  const { exports } = await readConfig();
  const probe = `import { createS3Server } from ${JSON.stringify(new URL(exports["./testing"]!, ROOT).href)};
export * from ${JSON.stringify(new URL(exports["."]!, ROOT).href)};\nexport { createS3Server };\n`;
  const both = sizeOf("both", await bundle(await writeScratch("both_entries.ts", probe)));
  const [main] = await entrySizes();
  assertGreater(both.minifiedBytes, main!.minifiedBytes + 5_000);
});

Deno.test("what is imported dynamically is not weighed, and what it shares with the entry is", async () => {
  await writeScratch("weighed_shared.ts", "export const shared: string = 'shared'.repeat(2);\n");
  await writeScratch(
    "weighed_later.ts",
    "import { shared } from './weighed_shared.ts';\nexport const later: string = shared + 'only later';\n",
  );
  const entry = await writeScratch(
    "weighed_entry.ts",
    "import { shared } from './weighed_shared.ts';\n" +
      "export const entry = async (): Promise<string> => shared + (await import('./weighed_later.ts')).later;\n",
  );
  const text = await bundle(entry);
  assertEquals([text.includes("only later"), text.includes('"shared"')], [false, true]);
});

Deno.test("a weight is that of the minified text and of its gzip", async () => {
  const text = await bundle(
    await writeScratch("weighed.ts", "/** Long gone. */\nexport const answer: number = 40 + 2;\n"),
  );
  assertEquals(text.includes("Long gone"), false);
  const size = sizeOf("weighed", "a".repeat(10_000));
  assertEquals(size.minifiedBytes, 10_000);
  assert(size.gzipBytes < 100, `${size.gzipBytes}`);
});
