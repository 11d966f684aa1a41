import { assert, assertEquals, assertGreater } from "@std/assert";
import { ROOT } from "../offline/import_map.ts";
import { bundle, entrySizes, findEsbuild, sizeOf } from "./bundle_size.ts";
import { readConfig, writeScratch } from "./source_files.ts";

/** The maximum size of the main entry, in bytes after gzip: about a third of the AWS SDK for the same features. */
const MAIN_LIMIT_BYTES = 47_000;

Deno.test("the main entry is at most 47,000 bytes for edge, minified and gzipped", async () => {
  const { name } = await readConfig();
  const main = (await entrySizes()).find(({ entry }) => entry === name);
  assert(main !== undefined, "the main entry was measured");
  assertGreater(main.gzipBytes, 0);
  assert(main.gzipBytes <= MAIN_LIMIT_BYTES, `${main.gzipBytes} bytes, of ${MAIN_LIMIT_BYTES} allowed`);
});

/** The maximum size of the entry for edge runtimes. */
const EDGE_LIMIT_BYTES = 44_000;

Deno.test("the entry for edge runtimes is at most 44,000 bytes, minified and gzipped", async () => {
  const { name } = await readConfig();
  const { gzipBytes } = (await entrySizes()).find(({ entry }) => entry === `${name}/edge`)!;
  assert(gzipBytes <= EDGE_LIMIT_BYTES, `${gzipBytes} bytes, of ${EDGE_LIMIT_BYTES} allowed`);
});

/** The maximum sizes of presigning, without and with forms and SigV2. */
const PRESIGN_LIMIT_BYTES = 5_427;
const SIGNING_LIMIT_BYTES = 7_424;

Deno.test("presigning alone is at most 5.3 KiB for edge, and the whole signing entry 7.25 KiB", async () => {
  const { name, exports } = await readConfig();
  const signing = JSON.stringify(new URL(exports["./signing"]!, ROOT).href);
  const probe = await writeScratch("presign_only.ts", `export { Presigner, presignUrl } from ${signing};\n`);
  const text = await bundle(probe);
  assert(text.includes("X-Amz-Signature") && !text.includes("AWSAccessKeyId"), "the bundle presigns with SigV4 only");
  const alone = sizeOf("presign only", text);
  assert(alone.gzipBytes <= PRESIGN_LIMIT_BYTES, `${alone.gzipBytes} bytes, of ${PRESIGN_LIMIT_BYTES} allowed`);
  const whole = (await entrySizes()).find(({ entry }) => entry === `${name}/signing`)!;
  assert(whole.gzipBytes <= SIGNING_LIMIT_BYTES, `${whole.gzipBytes} bytes, of ${SIGNING_LIMIT_BYTES} allowed`);
});

/** The maximum sizes of the presets, and of the function that tells errors apart. */
const PRESETS_LIMIT_BYTES = 2_048;
const IS_STORAGE_ERROR_LIMIT_BYTES = 1_024;

Deno.test("the presets are at most 2 KB, without the errors of the storage", async () => {
  const { exports } = await readConfig();
  const text = await bundle(new URL(exports["./presets"]!, ROOT).href);
  assert(text.includes("digitaloceanspaces") && !text.includes("Configuration"), "the bundle has the presets alone");
  const { gzipBytes } = sizeOf("presets", text);
  assert(gzipBytes <= PRESETS_LIMIT_BYTES, `${gzipBytes} bytes, of ${PRESETS_LIMIT_BYTES} allowed`);
});

const esbuild = await findEsbuild();

for (const [bundler, bundleWith] of [["deno bundle", bundle], ["esbuild", esbuild]] as const) {
  const skipped = typeof bundleWith === "function" ? "" : ` (skipped: ${bundleWith.skipped})`;
  const name = `${bundler} puts isStorageError alone into at most 1 KB, and an error class into 2 KB${skipped}`;
  Deno.test({ name, ignore: skipped !== "" }, async () => {
    if (typeof bundleWith !== "function") return;
    const { exports } = await readConfig();
    const entry = JSON.stringify(new URL(exports["./errors"]!, ROOT).pathname);
    const sizes: number[] = [];
    for (const name of ["isStorageError", "NotFoundError"]) {
      const text = await bundleWith(await writeScratch(`${name}_only.ts`, `export { ${name} } from ${entry};\n`));
      assertEquals([text.includes("NotFound"), text.includes("Throttled")], [name === "NotFoundError", false]);
      sizes.push(sizeOf(name, text).gzipBytes);
    }
    const [alone, error] = sizes as [number, number];
    assert(alone <= IS_STORAGE_ERROR_LIMIT_BYTES, `${alone} bytes, of ${IS_STORAGE_ERROR_LIMIT_BYTES} allowed`);
    assert(error <= PRESETS_LIMIT_BYTES, `${error} bytes, of ${PRESETS_LIMIT_BYTES} allowed`);
  });
}

/** Words that only occur in the code of one family of features. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  client: ["HeadObject", "ListBucketResult", "x-amz-bucket-region"],
  "credentials chain": ["AWS_EC2_METADATA_DISABLED", "AssumeRole", "aws_access_key_id"],
  XML: ["CDATA"],
};

Deno.test("an entry for edge does not contain the code of other families", async () => {
  const { exports } = await readConfig();
  // Includes dynamic imports of the main entry, to prove that the words exist.
  const parts = [exports["."]!, "./src/client/operations/list_objects.ts", "./src/client/service_failure.ts"];
  const probe = parts.map((path) => `export * from ${JSON.stringify(new URL(path, ROOT).href)};\n`).join("");
  const whole = await bundle(await writeScratch("with_documents.ts", probe));
  for (const entry of ["./signing", "./cloudfront"]) {
    const text = await bundle(new URL(exports[entry]!, ROOT).href);
    for (const [family, words] of Object.entries(FAMILIES)) {
      assertEquals(words.filter((word) => text.includes(word)), [], `${entry} carries the ${family}`);
    }
  }
  assertEquals(["client", "XML"].flatMap((family) => FAMILIES[family]!).filter((word) => !whole.includes(word)), []);
});

Deno.test("the main entry does not contain the testing server", async () => {
  const { exports } = await readConfig();
  const probe = `import { createS3Server } from ${JSON.stringify(new URL(exports["./testing"]!, ROOT).href)};
export * from ${JSON.stringify(new URL(exports["."]!, ROOT).href)};\nexport { createS3Server };\n`;
  const both = sizeOf("both", await bundle(await writeScratch("both_entries.ts", probe)));
  const [main] = await entrySizes();
  assertGreater(both.minifiedBytes, main!.minifiedBytes + 5_000);
});

Deno.test("dynamic imports are not measured, except what they share with the entry", async () => {
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

Deno.test("a size is that of the minified text and of its gzip", async () => {
  const text = await bundle(
    await writeScratch("weighed.ts", "/** Long gone. */\nexport const answer: number = 40 + 2;\n"),
  );
  assertEquals(text.includes("Long gone"), false);
  const size = sizeOf("weighed", "a".repeat(10_000));
  assertEquals(size.minifiedBytes, 10_000);
  assert(size.gzipBytes < 100, `${size.gzipBytes}`);
});
