/** Files that collect() must not remove or break, since that would take down a live site. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AlreadyExistsError, ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../mod.ts";
import { collect, ManifestStaticStorage, S3ManifestStaticStorage } from "../../../src/static/mod.ts";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { collectFiles, namesOf, textOf } from "./stage.ts";

const REMOVALS = [{ clear: true }, { delete: true, pruneAfterSeconds: 0 }, { pruneAfterSeconds: 0 }];

Deno.test("collect() never removes an original whose own name looks hashed", async () => {
  // Bundlers name files like this; the hash is the start of the MD5 of "png\n".
  const files = { "app.0123456789ab.js": "f();", "a.eab3b89c707d.png": "png\n", "a.png": "png\n", "app.js": "g();" };
  for (const removal of REMOVALS) {
    const storage = new ManifestStaticStorage(new MemoryStorage());
    for (let run = 0; run < 3; run++) {
      const { deleted } = await collectFiles(files, storage, removal);
      assertEquals(
        [deleted, await textOf(storage, "app.0123456789ab.js"), await storage.exists("a.eab3b89c707d.png")],
        [
          0,
          "f();",
          true,
        ],
      );
    }
  }
});

Deno.test("collect() accepts a source with its own hashed copies, and refuses copies with other content", async () => {
  const files = { "a.css": "a{b:url(b.png)}", "b.png": "png\n" };
  const built = new ManifestStaticStorage(new MemoryStorage());
  await collectFiles(files, built);
  const all = Object.fromEntries(
    await Promise.all((await namesOf(built)).map(async (name) => [name, await textOf(built, name)])),
  );
  const storage = new ManifestStaticStorage(new MemoryStorage());
  const { copied, postProcessed, warnings } = await collectFiles(all, storage);
  assertEquals([copied, postProcessed, warnings], [4, 2, ["staticfiles.json is the manifest's name, and is skipped"]]);
  assertEquals(await storage.storedName("b.png"), "b.eab3b89c707d.png");
  assertEquals((await collectFiles(all, storage, { delete: true, pruneAfterSeconds: 0 })).deleted, 0);
  const error = await assertRejects(
    () => collectFiles({ ...files, "b.eab3b89c707d.png": "another" }, storage),
    AlreadyExistsError,
  );
  assertStringIncludes(error.message, "hashed copy of 'b.png': the source has another file named 'b.eab3b89c707d.png'");
});

Deno.test("collect() refuses empty sources, as of a failed build, before it removes a file", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/empty`);
  await Deno.writeTextFile(`${folder}/.ignored`, "");
  for (const from of [`${folder}/empty`, folder, [], [`${folder}/empty`, folder]]) {
    for (const options of [...REMOVALS, {}]) {
      const storage = new ManifestStaticStorage(new MemoryStorage());
      await collectFiles({ "a.css": "a{}", "b.css": "b{}" }, storage);
      const before = await namesOf(storage);
      for (const dryRun of [true, false]) {
        const error = await assertRejects(() => collect(storage, { from, ...options, dryRun }), RangeError);
        assertStringIncludes(error.message, "no files found");
      }
      assertEquals(await namesOf(storage), before);
      assertEquals((await storage.hashedFiles.reload()).paths.size, 2);
    }
    const plain = new MemoryStorage();
    await plain.save("a.css", "");
    await assertRejects(() => collect(plain, { from, delete: true }), RangeError);
    assertEquals((await collect(plain, { from })).copied, 0); // no file would be removed
    assertEquals(await namesOf(plain), ["a.css"]);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("collect() refuses a source that is not a folder, or a broken link, before anything else", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/file`, "");
  await Deno.symlink(`${folder}/nothing`, `${folder}/broken`);
  const storage = new MemoryStorage();
  await storage.save("a.css", "a{}");
  for (const name of ["file", "broken", "none", "file/x"]) {
    const error = await assertRejects(
      () => collect(storage, { from: [`${folder}/${name}`], clear: true }),
      ConfigurationError,
    );
    assertStringIncludes(error.message, `${folder}/${name}`);
  }
  assertEquals(await namesOf(storage), ["a.css"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("delete keeps files below the name of a broken link", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/a.css`, "");
  await Deno.symlink(`${folder}/not installed`, `${folder}/vendor`);
  const storage = new MemoryStorage();
  for (const name of ["vendor/x.js", "vendor", "vendors/x.js", "gone.css"]) await storage.save(name, "");
  assertEquals((await collect(storage, { from: folder, delete: true })).deleted, 2);
  assertEquals(await namesOf(storage), ["a.css", "vendor", "vendor/x.js"]);
  await Deno.remove(`${folder}/vendor`);
  assertEquals((await collect(storage, { from: folder, delete: true })).deleted, 2);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("collect() refuses names that the storage would change, which the next run would remove", async () => {
  for (const name of ["a\\b.css", "a//b.css", "/a.css", "./a.css", "a/../b.css", "", "a/", "x".repeat(1100), "a\0b"]) {
    for (const dryRun of [true, false]) {
      const storage = new MemoryStorage();
      const error = await assertRejects(
        () => collectFiles({ "1.css": "", [name]: "a{}" }, storage, { delete: true, dryRun, ignore: [] }),
      );
      assertEquals((error as { code?: string }).code, "SuspiciousName", `${JSON.stringify(name)}: ${error}`);
      assertEquals(await namesOf(storage), []);
    }
  }
});

Deno.test("delete keeps ignored files", async () => {
  const storage = new MemoryStorage();
  await storage.save(".well-known/acme", "token");
  await storage.save("drafts/x.html", "");
  await storage.save("gone.css", "");
  const options = { delete: true, ignore: [".*", "drafts"] };
  assertEquals((await collectFiles({ "a.css": "" }, storage, options)).deleted, 1);
  assertEquals(await namesOf(storage), [".well-known/acme", "a.css", "drafts/x.html"]);
  await collectFiles({ "a.css": "" }, storage, { clear: true });
  assertEquals(await namesOf(storage), ["a.css"]);
});

Deno.test("clear and delete remove files below the location only, not those of names with the same start", async () => {
  for (const removal of REMOVALS) {
    const server = createS3Server({ buckets: ["media"] });
    const options = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch: server.fetch };
    const bucket = new S3Storage(options);
    const marker = await bucket.url("a/b/", { method: "PUT" });
    assertEquals((await server.fetch(new Request(marker, { method: "PUT", body: "" }))).status, 200);
    const outside = ["a/b.css", "a/b-c/x", "a/bc/x.0123456789ab.css", "a/x", "b/x", "c.css"];
    for (const name of [...outside, "a/b/gone.css"]) await bucket.save(name, "");
    const storage = new S3ManifestStaticStorage({ ...options, location: "a/b" });
    await collectFiles({ "c.css": "", "x": "" }, storage);
    await collectFiles({ "c.css": "c{}", "x": "" }, storage, removal);
    const left = server.objects("media").map(({ key }) => key).filter((key) => !key.startsWith("a/b/"));
    assertEquals(left, outside.sort());
    assertEquals(await storage.exists("gone.css"), !("clear" in removal || "delete" in removal));
    assertEquals((await namesOf(storage)).filter((name) => name.startsWith("c.")).length, 2);
  }
});
