import { assert, assertEquals } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { type Precompress, S3ManifestStaticStorage } from "../../../src/static/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { collectFiles, type Files, namesOf } from "./stage.ts";

const SITE = {
  "a.css": "a { background: url(a.png) }\n".repeat(100),
  "a.png": "png\n",
  "big.txt": "text ".repeat(500_000),
};

function stage(): {
  server: ReturnType<typeof createS3Server>;
  storage: S3ManifestStaticStorage;
  collectAs: (files: Files, precompress: Precompress | undefined, clear?: boolean) => Promise<string[]>;
} {
  const server = createS3Server({ buckets: ["media"] });
  const storage = new S3ManifestStaticStorage({
    bucketName: "media",
    accessKey: "testkey",
    secretKey: "testsecret",
    fetch: server.fetch,
  });
  /** Collects, and returns the names that were written. */
  const collectAs = async (files: Files, precompress: Precompress | undefined): Promise<string[]> => {
    const before = server.requests.length;
    await collectFiles(files, storage, { precompress });
    const puts = server.requests.slice(before).filter(({ operation }) => operation === "PutObject");
    return puts.map(({ path }) => path.slice(1).replace(/\.[0-9a-f]{12}/, ".#")).sort();
  };
  return { server, storage, collectAs };
}

Deno.test("collect() stores files compressed with their Content-Encoding, and does not store them again", async () => {
  const { server, storage, collectAs } = stage();
  const gzip: Precompress = { encodings: ["gzip"], as: "encoding" };
  assertEquals((await collectAs(SITE, gzip)).length, 7);
  const { paths } = await storage.hashedFiles.load();
  for (const name of ["a.css", "big.txt", paths.get("a.css")!]) {
    const { headers, bytes } = server.objects("media").find(({ key }) => key === name)!;
    assertEquals(headers["content-encoding"], "gzip");
    assertEquals(
      headers["content-type"],
      name.endsWith(".css") ? "text/css; charset=utf-8" : "text/plain; charset=utf-8",
    );
    assertEquals(gunzipSync(bytes).byteLength > bytes.byteLength, true);
    if (name === "a.css") assertEquals(new TextDecoder().decode(gunzipSync(bytes)), SITE["a.css"]);
  }
  assertEquals(server.objects("media").find(({ key }) => key === "a.png")!.headers["content-encoding"], undefined);
  // The hash is of the decompressed content, so names do not depend on compression.
  assertEquals(await storage.hashedName("a.png"), paths.get("a.png"));
  assertEquals(await collectAs(SITE, gzip), []);
  assertEquals(await collectAs({ ...SITE, "big.txt": "another ".repeat(500_000) }, gzip), [
    "big.#.txt",
    "big.txt",
    "staticfiles.json",
  ]);
});

Deno.test("collect() stores files again after precompress was set or removed", async () => {
  const { server, collectAs } = stage();
  const gzip: Precompress = { encodings: ["gzip"], as: "encoding" };
  const text = { "a.txt": SITE["big.txt"], "a.png": "png\n" };
  const encoding = (): (string | undefined)[] =>
    server.objects("media").filter(({ key }) => key.endsWith(".txt")).map(({ headers }) => headers["content-encoding"]);
  await collectAs(text, undefined);
  assertEquals(encoding(), [undefined, undefined]);
  assertEquals(await collectAs(text, gzip), ["a.#.txt", "a.txt"]);
  assertEquals(encoding(), ["gzip", "gzip"]);
  assertEquals(await collectAs(text, undefined), ["a.#.txt", "a.txt"]);
  assertEquals(encoding(), [undefined, undefined]);
});

Deno.test("collect() stores siblings before their files, and updates them with their content", async () => {
  const { server, storage, collectAs } = stage();
  const siblings: Precompress = { encodings: ["gzip", "br"], as: "siblings" };
  const text = { "a.txt": "text ".repeat(100), "a.png": "png\n" };
  const written = await collectAs(text, siblings);
  assertEquals(written.filter((name) => name.startsWith("a.txt")), ["a.txt", "a.txt.br", "a.txt.gz"]);
  assertEquals((await namesOf(storage)).length, 2 + 2 + 4 + 1);
  const paths = server.requests.filter(({ operation }) => operation === "PutObject").map(({ path }) => path);
  assert(paths.indexOf("/a.txt.gz") < paths.indexOf("/a.txt"), paths.join());
  const stored = server.objects("media").find(({ key }) => key === "a.txt.gz")!;
  assertEquals([stored.headers["content-encoding"], new TextDecoder().decode(gunzipSync(stored.bytes))], [
    undefined,
    text["a.txt"],
  ]);
  assertEquals(await collectAs(text, siblings), []);
  // A file that was stored without siblings meanwhile does not keep the old ones.
  const changed = { ...text, "a.txt": "next ".repeat(100) };
  await collectAs(changed, undefined);
  assertEquals(await collectAs(changed, siblings), ["a.#.txt.br", "a.#.txt.gz", "a.txt.br", "a.txt.gz"]);
  // delete keeps siblings of current files, and removes those of removed files.
  assertEquals((await collectFiles(changed, storage, { precompress: siblings, delete: true })).deleted, 0);
  const { deleted } = await collectFiles({ "a.png": "png\n" }, storage, {
    precompress: siblings,
    delete: true,
    pruneAfterSeconds: 0,
  });
  assertEquals([deleted, await namesOf(storage)], [9, ["a.eab3b89c707d.png", "a.png", "staticfiles.json"]]);
});

Deno.test("collect() removes siblings of earlier content before it stores the new content, but not files of others", async () => {
  const { storage, server } = stage();
  const text = (word: string): Files => ({ "a.txt": `${word} `.repeat(100), "b.txt": "stays ".repeat(100) });
  const siblings: Precompress = { encodings: ["gzip", "br"], as: "siblings" };
  const originals = async (): Promise<string[]> =>
    (await namesOf(storage)).filter((name) => !/\.[0-9a-f]{12}\.|json/.test(name));
  const both = ["a.txt", "a.txt.br", "a.txt.gz", "b.txt", "b.txt.br", "b.txt.gz"];

  // Without siblings, with one encoding less, and with new content that does not get smaller.
  const next: [Files, Precompress | undefined, string[]][] = [
    [text("two"), undefined, []],
    [text("two"), { encodings: ["gzip"], as: "siblings" }, ["a.txt.gz"]],
    [text("two"), { encodings: ["gzip"], as: "encoding" }, []],
    [{ ...text("two"), "a.txt": "2" }, siblings, []],
  ];
  for (const [files, precompress, left] of next) {
    await collectFiles(text("one"), storage, { precompress: siblings, clear: true });
    assertEquals(await originals(), both);
    const dry = await collectFiles(files, storage, { precompress, dryRun: true });
    const before = server.requests.length;
    const { deleted, changed } = await collectFiles(files, storage, { precompress });
    assertEquals((await originals()).filter((name) => /^a\.txt\./.test(name)), left);
    assertEquals([deleted, dry.deleted, changed.includes("a.txt.br")], [2 - left.length, 2 - left.length, true]);
    const paths = server.requests.slice(before).map(({ operation, path }) => `${operation} ${path}`);
    const removed = paths.findLastIndex((line) => line.startsWith("Delete"));
    assert(removed !== -1 && removed < paths.indexOf("PutObject /a.txt"), paths.join());
    assert((await originals()).includes("b.txt"));
  }

  // Files of others, or of a source, do not count as siblings.
  await collectFiles({ "own.txt": "1", "own.txt.br": "of the source" }, storage, { clear: true });
  await storage.save("own.txt.gz", "of somebody else");
  assertEquals((await collectFiles({ "own.txt": "2" }, storage)).deleted, 0);
  assertEquals(await originals(), ["own.txt", "own.txt.br", "own.txt.gz"]);
});

Deno.test("collect() stores a source's own compressed file instead of a sibling", async () => {
  const { storage, server, collectAs } = stage();
  const files = { "a.txt": "text ".repeat(100), "a.txt.gz": "of the build" };
  const siblings: Precompress = { encodings: ["gzip"], as: "siblings" };
  for (let run = 0; run < 2; run++) {
    const written = await collectAs(files, siblings);
    assertEquals(written.filter((name) => name === "a.txt.gz").length, run === 0 ? 1 : 0);
    assertEquals(
      new TextDecoder().decode(server.objects("media").find(({ key }) => key === "a.txt.gz")!.bytes),
      "of the build",
    );
  }
  assertEquals((await collectFiles({ ...files, "a.txt": "next ".repeat(100) }, storage)).deleted, 0);
});
