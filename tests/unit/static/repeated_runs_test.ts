/** Runs after other runs: with other options, after a kill, and with a manifest that cannot be read. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConfigurationError, NotFoundError, SuspiciousNameError } from "../../../src/errors.ts";
import { collect, ManifestStaticStorage, type Precompress, S3ManifestStaticStorage } from "../../../src/static/mod.ts";
import { LocalStorage, MemoryStorage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { collectFiles, namesOf, source } from "./stage.ts";

const GZIP: Precompress = { encodings: ["gzip"], as: "encoding" };
const SIBLINGS: Precompress = { encodings: ["gzip", "br"], as: "siblings" };
const KEYS = { accessKey: "testkey", secretKey: "testsecret" };
const TEXT = "text ".repeat(100);

Deno.test("pruneAfterSeconds deletes copies of files whose names end in .gz or .br, where the ETag is no MD5", async () => {
  const storage = new ManifestStaticStorage(new MemoryStorage());
  const names = ["data.json.gz", "a.br", "LICENSE"];
  const files = (content: string): Record<string, string> => Object.fromEntries(names.map((name) => [name, content]));
  await collectFiles(files("one"), storage);
  const old = [...(await storage.hashedFiles.load()).paths.values()];
  assert((await namesOf(storage)).includes(old[0]!));
  const { deleted } = await collectFiles(files("two"), storage, { pruneAfterSeconds: 0 });
  assertEquals([deleted, (await namesOf(storage)).filter((name) => old.includes(name))], [3, []]);
});

Deno.test("pruneAfterSeconds still deletes the siblings of copies", async () => {
  const storage = new ManifestStaticStorage(new MemoryStorage());
  await collectFiles({ "a.txt": TEXT, "LICENSE.txt": TEXT }, storage, { precompress: SIBLINGS });
  const options = { precompress: SIBLINGS, pruneAfterSeconds: 0 };
  assertEquals((await collectFiles({ "a.txt": `2${TEXT}`, "LICENSE.txt": `2${TEXT}` }, storage, options)).deleted, 6);
  assertEquals((await namesOf(storage)).length, 13);
});

Deno.test("collect() warns of text that is too large to compress", async () => {
  const large = new Uint8Array(16 * 1024 * 1024 + 1).fill(65);
  const files = { "large.txt": large, "large.png": large, "small.txt": TEXT };
  for (const precompress of [GZIP, SIBLINGS]) {
    const { warnings } = await collectFiles(files, new ManifestStaticStorage(new MemoryStorage()), { precompress });
    assertEquals(warnings, ["large.txt has more than 16 MiB, and is stored without compression"]);
  }
});

Deno.test("collect() refuses a name whose sibling has none before it stores a file", async () => {
  const { fetch } = createS3Server({ buckets: ["media"] });
  const storage = new S3ManifestStaticStorage({ ...KEYS, bucketName: "media", fetch });
  const long = `${"a/".repeat(500)}abcdefg.txt`; // 1,011 bytes, 1,024 with a hash
  const error = await assertRejects(
    () => collectFiles({ "a.txt": TEXT, [long]: TEXT }, storage, { precompress: SIBLINGS }),
    SuspiciousNameError,
  );
  assertStringIncludes(error.message, "1024 bytes");
  assertEquals(await namesOf(storage), []);
  // Without siblings the name fits, and pictures have none.
  await collectFiles({ [long]: TEXT }, storage, { precompress: GZIP });
  await collectFiles({ [long.replace(".txt", ".png")]: TEXT }, storage, { precompress: SIBLINGS });
});

Deno.test("switching precompress stores only files that compression changes, where the ETag is no MD5", async () => {
  const files = { "a.png": "png\n", "tiny.txt": "t", "a.txt": TEXT };
  const storage = new MemoryStorage();
  const store = async (precompress: Precompress | undefined): Promise<string[]> => {
    const { events } = await collectFiles(files, storage, { precompress });
    return events.filter(({ kind }) => kind === "uploaded").map(({ name }) => name);
  };
  assertEquals((await store(undefined)).length, 3);
  for (let round = 0; round < 2; round++) {
    assertEquals(await store(GZIP), ["a.txt"]);
    assertEquals(await store(GZIP), []);
    assertEquals(await store(undefined), ["a.txt"]);
    assertEquals(await store(undefined), []);
  }
  assertEquals(await store({ encodings: ["br"], as: "encoding" }), ["a.txt"]);
  assertEquals(await store(GZIP), ["a.txt"]);
});

Deno.test("a run with missing references leaves the next one quick, which warns again", async () => {
  const { fetch } = createS3Server({ buckets: ["media"] });
  const storage = new S3ManifestStaticStorage({ ...KEYS, bucketName: "media", fetch });
  const files = { "a.css": "a{b:url(no.png)}", "b.png": "png\n" };
  const warn = { missingReferences: "warn" } as const;
  const message = `a.css:1 refers to "no.png", but 'no.png' does not exist`;
  assertEquals((await collectFiles(files, storage, warn)).warnings, [message]);
  // A manifest with rules is what makes the next run quick.
  assertEquals(typeof (await storage.hashedFiles.load()).rules, "string");
  const again = await collectFiles(files, storage, warn);
  assertEquals([again.warnings, again.unmodified], [[message], 2]);
  await assertRejects(() => collectFiles(files, storage), NotFoundError, message);
  const fixed = await collectFiles({ ...files, "no.png": "png\n" }, storage, warn);
  assertEquals(fixed.warnings, []);
  assertEquals((await storage.hashedFiles.load()).missing ?? [], []);
});

Deno.test("collect() with clear replaces a manifest that cannot be read, and says so without clear", async () => {
  for (const manifest of ["{", '{"paths": 1, "version": "1.1"}', '{"version": "9"}']) {
    const storage = new ManifestStaticStorage(new MemoryStorage());
    await storage.save("staticfiles.json", manifest);
    const error = await assertRejects(() => collectFiles({ "a.css": "" }, storage), ConfigurationError);
    assertStringIncludes(error.message, "Cannot load manifest 'staticfiles.json': ");
    assertStringIncludes(error.message, "Restore it, or collect with clear to replace it");
    const { warnings } = await collectFiles({ "a.css": "" }, storage, { clear: true });
    assertEquals(warnings.length, 1);
    assertEquals((await storage.hashedFiles.load()).paths.size, 1);
  }
});

Deno.test("collect() deletes the incomplete files of killed runs in a folder, a day after them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [old, recent] = [`${folder}/.storages-${crypto.randomUUID()}`, `${folder}/.storages-${crypto.randomUUID()}`];
    for (const path of [old, recent]) await Deno.writeTextFile(path, "half of a");
    await Deno.utime(old, new Date(0), new Date(0));
    const left = async (): Promise<string[]> =>
      (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => `${folder}/${name}`)
        .filter((path) => path === old || path === recent);
    const storage = new ManifestStaticStorage(new LocalStorage(folder));
    await collect(storage, { from: source({ "a.css": "" }), dryRun: true });
    assertEquals((await left()).length, 2);
    await collect(storage, { from: source({ "a.css": "" }) });
    assertEquals(await left(), [recent]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
