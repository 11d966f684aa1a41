/** Two collections into one storage: at the same time, or each with its own manifest. */
import { MemoryBackend } from "../../../../src/storage/memory/memory_backend.ts";
import { Storage } from "../../../../src/storage/storage.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { IntegrityError } from "../../../../src/errors.ts";
import { ManifestStaticStorage } from "../../../../src/static/mod.ts";
import { MemoryStorage } from "../../../../src/storage/mod.ts";
import { SeededRandom } from "../../random.ts";
import { collectFiles, namesOf, textOf } from "../stage.ts";

const HOUR = 3600;

/** A storage that runs a callback once after its listing, so that the listing is out of date. */
class Disturbed extends MemoryBackend {
  then: (() => Promise<unknown>) | undefined;

  override async *list(
    ...args: Parameters<MemoryBackend["list"]>
  ): ReturnType<MemoryBackend["list"]> {
    yield* super.list(...args);
    const { then } = this;
    this.then = undefined;
    await then?.();
  }
}

/** Checks that all files in the manifest exist. */
async function checkWhole(storage: ManifestStaticStorage): Promise<void> {
  for (const [name, path] of (await storage.hashedFiles.reload()).paths) {
    assertEquals(await storage.exists(path), true, `${path} of ${name} is not there`);
  }
}

Deno.test("collect() writes no manifest with files that another run has removed since the listing", async () => {
  for (const removal of [{ clear: true }, { pruneAfterSeconds: 0 }]) {
    const backend = new Disturbed();
    const files = new Storage(backend);
    const one = new ManifestStaticStorage(files);
    const other = new ManifestStaticStorage(files);
    await collectFiles({ "a.css": "a{}", "b.css": "b{}" }, one);
    const before = await textOf(one, "staticfiles.json");
    backend.then = () => collectFiles({ "a.css": "a{c:d}" }, other, removal);
    const error = await assertRejects(() => collectFiles({ "a.css": "a{}", "b.css": "new" }, one), IntegrityError);
    assertStringIncludes(error.message, "was deleted by another collection at the same time");
    assertEquals(await textOf(one, "staticfiles.json") === before, false); // written by the other run
    await checkWhole(one);
    await collectFiles({ "a.css": "a{}", "b.css": "new" }, one);
    await checkWhole(one);
    assertEquals((await one.hashedFiles.load()).paths.size, 2);
  }
});

Deno.test("collect() checks that a stale copy still exists before the manifest names it again", async () => {
  const backend = new Disturbed();
  const files = new Storage(backend);
  const one = new ManifestStaticStorage(files);
  await collectFiles({ "a.css": "a{}" }, one);
  const stale = await one.storedName("a.css");
  await collectFiles({ "a.css": "a{c:d}" }, one);
  backend.then = () => files.delete(stale); // by a run that wrote the manifest long before
  await assertRejects(() => collectFiles({ "a.css": "a{}" }, one), IntegrityError);
  await checkWhole(one);
  await collectFiles({ "a.css": "a{}" }, one);
  assertEquals([await one.storedName("a.css"), await one.exists(stale)], [stale, true]);
});

Deno.test("two runs can collect the same files at the same time", async () => {
  const backend = new Disturbed();
  const files = new Storage(backend);
  const storage = new ManifestStaticStorage(files);
  const site = { "a.css": "a{b:url(b.png)}", "b.png": "png\n" };
  await collectFiles({ ...site, "b.png": "old" }, storage);
  backend.then = () => collectFiles(site, new ManifestStaticStorage(files), { pruneAfterSeconds: HOUR });
  await collectFiles(site, storage, { pruneAfterSeconds: HOUR });
  await checkWhole(storage);
  assertEquals((await namesOf(storage)).length, 2 + 4 + 1);
});

Deno.test("collect() keeps files that another run has added to the manifest since", async () => {
  for (const removal of [{ delete: true, pruneAfterSeconds: 0 }, { clear: true }]) {
    const files = new MemoryStorage();
    const [one, other] = [new ManifestStaticStorage(files), new ManifestStaticStorage(files)];
    await collectFiles({ "a.css": "old", "b.css": "b{}" }, one);
    await collectFiles({ "a.css": "new" }, one);
    // The other run restores the old version right after this one has written its manifest.
    let isBack = false;
    const save = files.save.bind(files);
    const saveThenRestore = async (...args: Parameters<typeof save>): Promise<unknown> => {
      const saved = await save(...args);
      if (args[0] === "staticfiles.json" && !isBack) {
        isBack = true;
        await collectFiles({ "a.css": "old", "b.css": "b{}" }, other);
      }
      return saved;
    };
    files.save = saveThenRestore as typeof save;
    await collectFiles({ "a.css": "newer" }, one, removal);
    await checkWhole(other);
    assertEquals((await other.hashedFiles.load()).paths.size, 2);
    assertEquals(await textOf(files, "b.css"), "b{}");
  }
});

Deno.test("only clear removes files that another manifest in the same storage names", async () => {
  const files = new MemoryStorage();
  const release = (name: string): ManifestStaticStorage =>
    new ManifestStaticStorage(files, { manifestName: `release/${name}.json` });
  const [one, two] = [release("one"), release("two")];
  await collectFiles({ "app.css": "one", "only.css": "", "shared.png": "png\n" }, one);
  await files.save("release/notes.json", '{"version": "1.1.0"}');
  const { deleted } = await collectFiles({ "app.css": "two", "shared.png": "png\n" }, two, {
    delete: true,
    pruneAfterSeconds: 0,
  });
  assertEquals(deleted, 1);
  assertEquals([await files.exists("release/notes.json"), await files.exists("only.css")], [false, true]);
  await checkWhole(one);
  await checkWhole(two);
  // A site without a manifest, in the storage of a site with one.
  await files.save("staticfiles.json", await textOf(files, "release/one.json"));
  await collectFiles({ "index.html": "" }, files, { delete: true });
  await checkWhole(new ManifestStaticStorage(files));
  assertEquals((await collectFiles({ "app.css": "two" }, two, { clear: true })).deleted > 5, true);
  assertEquals((await namesOf(files)).length, 3);
});

Deno.test("other manifests also count if manifests are in another storage", async () => {
  const files = new MemoryStorage();
  const manifestStorage = new MemoryStorage();
  const site = (name: string): ManifestStaticStorage =>
    new ManifestStaticStorage(files, { manifestStorage, manifestName: `sites/${name}.manifest` });
  const [one, two] = [site("one"), site("two")];
  await collectFiles({ "app.css": "one", "only.css": "" }, one);
  await manifestStorage.save("sites/other.manifest", new Uint8Array([255, 0]));
  await manifestStorage.save("sites/folder/x.manifest", "");
  await collectFiles({ "app.css": "two", "gone.css": "" }, two);
  const { deleted } = await collectFiles({ "app.css": "2" }, two, { delete: true, pruneAfterSeconds: 0 });
  assertEquals(deleted, 3); // the removed file, its copy, and the old copy of app.css
  await checkWhole(one);
  await checkWhole(two);
  assertEquals(await files.exists("only.css"), true);
});

/** A storage whose files are all one day old. */
class Yesterday extends MemoryBackend {
  override async *list(
    ...args: Parameters<MemoryBackend["list"]>
  ): ReturnType<MemoryBackend["list"]> {
    const modifiedTime = new Date(Date.now() - 24 * HOUR * 1000);
    for await (const entry of super.list(...args)) {
      yield entry.kind === "file" ? { ...entry, modifiedTime } : entry;
    }
  }
}

Deno.test("copies that no manifest has named become stale when the manifest is written", async () => {
  for (const manifestStorage of [undefined, new MemoryStorage()]) {
    const files = new Storage(new Yesterday());
    await collectFiles({ "a.css": "one" }, new ManifestStaticStorage(files));
    const old = await new ManifestStaticStorage(files).storedName("a.css");
    await files.delete("staticfiles.json");
    const storage = new ManifestStaticStorage(files, { manifestStorage });
    assertEquals((await collectFiles({ "a.css": "two" }, storage, { pruneAfterSeconds: HOUR })).deleted, 0);
    assertEquals([...(await storage.hashedFiles.reload()).stale.keys()], [old]);
  }
});

Deno.test("a stale copy that was current again gets the whole grace period once more", async () => {
  const storage = new ManifestStaticStorage(new MemoryStorage());
  await collectFiles({ "a.css": "one" }, storage);
  const one = await storage.storedName("a.css");
  await collectFiles({ "a.css": "two" }, storage, { pruneAfterSeconds: HOUR });
  const text = (await textOf(storage, "staticfiles.json")).replace(/"20\d\d-[^"]+Z"/, '"2020-01-01T00:00:00.000Z"');
  assertStringIncludes(text, "2020");
  await storage.save("staticfiles.json", text);
  await collectFiles({ "a.css": "one" }, storage);
  await collectFiles({ "a.css": "three" }, storage);
  assertEquals((await collectFiles({ "a.css": "three" }, storage, { pruneAfterSeconds: HOUR })).deleted, 0);
  assertEquals(await storage.exists(one), true);
});

/** A storage with random delays, which counts the moments when its manifest names missing files. */
class Interleaved extends MemoryBackend {
  broken = 0;
  removed = 0;
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    super();
    this.#random = random;
  }

  async #pause(): Promise<void> {
    for (let turns = this.#random.below(30); turns > 0; turns--) await Promise.resolve();
  }

  async #check(): Promise<void> {
    const source = await super.read("staticfiles.json", {}).catch(() => undefined);
    if (source === undefined) return;
    const { paths } = await new Response(await source.open(0)).json();
    const names = new Set<string>();
    for await (const { key } of super.list("", { recursive: true })) names.add(key);
    if (!Object.values(paths as Record<string, string>).every((path) => names.has(path))) this.broken++;
  }

  override async put(
    ...args: Parameters<MemoryBackend["put"]>
  ): ReturnType<MemoryBackend["put"]> {
    await this.#pause();
    const written = await super.put(...args);
    await this.#check();
    return written;
  }

  override async delete(...args: Parameters<MemoryBackend["delete"]>): Promise<void> {
    await this.#pause();
    this.removed += args[0].length;
    await super.delete(...args);
    await this.#check();
  }

  override async *list(
    ...args: Parameters<MemoryBackend["list"]>
  ): ReturnType<MemoryBackend["list"]> {
    await this.#pause();
    yield* super.list(...args);
  }
}

Deno.test("concurrent runs with pruneAfterSeconds keep the site whole at every moment", async () => {
  let removed = 0;
  for (let seed = 0; seed < 60; seed++) {
    const random = new SeededRandom(seed);
    const backend = new Interleaved(random);
    const files = new Storage(backend);
    const deploy = async (): Promise<void> => {
      for (let run = 0; run < 3; run++) {
        const version = random.below(3);
        const site: Record<string, string> = {
          "all.css": `/* ${version} */`,
          "x.css": "@import 'all.css';",
          [`${version}`]: "",
        };
        for (let i = 0; i < 4; i++) site[`${i}.png`] = `${i} ${i % 2 === 0 ? version : ""}`;
        await collectFiles(site, new ManifestStaticStorage(files), { delete: true, pruneAfterSeconds: HOUR });
      }
    };
    await Promise.all([deploy(), deploy(), deploy()]);
    assertEquals(backend.broken, 0, `seed ${seed}`);
    removed += backend.removed;
  }
  assert(removed > 60, `${removed}`);
});
