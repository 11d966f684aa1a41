import { assert, assertEquals, assertRejects } from "@std/assert";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { NotSupportedError } from "../../../../src/errors.ts";
import { encodeHex, encodeUtf8 } from "../../../../src/kit/bytes/bytes.ts";
import { collect } from "../../../../src/static/collect.ts";
import type { Precompress } from "../../../../src/static/collect_options.ts";
import { precompress } from "../../../../src/static/source/precompress.ts";
import type { StaticFile } from "../../../../src/static/source/source.ts";
import { LocalStorage } from "../../../../src/storage/local/local_storage.ts";
import { MemoryStorage } from "../../../../src/storage/memory/memory_storage.ts";
import type { Storage } from "../../../../src/storage/storage.ts";
import { inTempFolder } from "../../temp_folder.ts";

const CSS = encodeUtf8(".a { color: rebeccapurple; }\n".repeat(4000)); // more than one block of gzip

function beside(encodings: Precompress["encodings"]): Precompress {
  return { encodings, as: "siblings" };
}

Deno.test("precompress() writes gzip and Brotli that other programs can read", async () => {
  const [gzip, brotli, ...rest] = await precompress("app.css", CSS, beside(["gzip", "br"]));
  assertEquals(rest, []);
  assertEquals([gzip!.encoding, gzip!.suffix, brotli!.encoding, brotli!.suffix], ["gzip", ".gz", "br", ".br"]);
  assertEquals(new Uint8Array(gunzipSync(gzip!.bytes)), CSS);
  assertEquals(new Uint8Array(brotliDecompressSync(brotli!.bytes)), CSS);
  assert(gzip!.bytes.byteLength < CSS.byteLength / 50 && brotli!.bytes.byteLength < gzip!.bytes.byteLength);
});

Deno.test('precompress() with as: "encoding" uses the first encoding of the runtime', async () => {
  const encoded = await precompress("app.css", CSS, { encodings: ["br", "gzip"], as: "encoding" });
  assertEquals(encoded.map(({ encoding }) => encoding), ["br"]);
});

Deno.test("precompress() writes gzip without a time, so the same content gives the same bytes", async () => {
  const [first] = await precompress("a.js", CSS, beside(["gzip"]));
  const [second] = await precompress("b.js", CSS, beside(["gzip"]));
  assertEquals(first!.bytes, second!.bytes);
  assertEquals(encodeHex(first!.bytes.subarray(0, 8)), "1f8b080000000000"); // without a name, and 0 for the time
});

Deno.test("precompress() skips content that does not get smaller, and types that are already compressed", async () => {
  assertEquals(await precompress("tiny.css", encodeUtf8("a{}"), beside(["gzip", "br"])), []);
  for (const name of ["a.png", "a.jpg", "a.woff2", "a.zip", "a.mp4", "a.gz", "noextension"]) {
    assertEquals(await precompress(name, CSS, beside(["gzip", "br"])), [], name);
  }
  for (
    const name of ["a.html", "a.js", "a.mjs", "a.svg", "a.json", "a.map", "a.wasm", "a.ttf", "a.ico", "a.txt"]
  ) {
    assertEquals((await precompress(name, CSS, beside(["gzip"]))).length, 1, name);
  }
});

Deno.test("precompress() skips encodings that the runtime lacks, and fails if it lacks all", async () => {
  const { process } = globalThis as unknown as { process: { getBuiltinModule?: unknown } };
  const before = process.getBuiltinModule;
  process.getBuiltinModule = undefined;
  try {
    assertEquals((await precompress("a.css", CSS, beside(["br", "gzip"]))).map(({ encoding }) => encoding), ["gzip"]);
    await assertRejects(
      () => precompress("a.css", CSS, beside(["br"])),
      NotSupportedError,
      "cannot compress with Brotli",
    );
  } finally {
    process.getBuiltinModule = before;
  }
  const unknown = ["zstd"] as unknown as Precompress["encodings"];
  await assertRejects(() => precompress("a.css", CSS, beside(unknown)), NotSupportedError, 'got "zstd"');
});

async function* files(): AsyncGenerator<StaticFile> {
  for (const [name, bytes] of [["app.css", CSS], ["a.png", CSS], ["tiny.css", encodeUtf8("a{}")]] as const) {
    yield { name, size: bytes.byteLength, stream: () => new Blob([bytes]).stream() };
  }
}

async function stored(storage: Storage): Promise<Record<string, string | undefined>> {
  const entries: [string, string | undefined][] = [];
  for await (const { name } of storage.list("", { recursive: true })) {
    entries.push([name, (await storage.stat(name)).contentEncoding]);
  }
  return Object.fromEntries(entries);
}

Deno.test("collect() stores files compressed, as an encoding or as siblings, and finds them unchanged", async () => {
  await inTempFolder(async (_names, folder) => {
    const storages = [new MemoryStorage(), new LocalStorage(`${folder}/static`)];
    for (const to of storages) {
      const encoding: Precompress = { encodings: ["br", "gzip"], as: "encoding" };
      assertEquals((await collect(to, { from: files(), precompress: encoding })).copied, 3);
      assertEquals(await stored(to), { "a.png": undefined, "app.css": "br", "tiny.css": undefined });
      const bytes = await (await to.open("app.css", "rb", { decompress: false })).bytes();
      assertEquals(new Uint8Array(brotliDecompressSync(bytes)), CSS);
      assertEquals((await collect(to, { from: files(), precompress: encoding })).bytesUploaded, 0);

      const siblings: Precompress = { encodings: ["gzip", "br"], as: "siblings" };
      await collect(to, { from: files(), precompress: siblings, delete: true });
      assertEquals(await stored(to), {
        "a.png": undefined,
        "app.css": undefined,
        "app.css.br": undefined,
        "app.css.gz": undefined,
        "tiny.css": undefined,
      });
      assertEquals((await to.stat("app.css.gz")).contentType, "application/gzip");
      assertEquals(await (await to.open("app.css")).text(), new TextDecoder().decode(CSS));
      assertEquals((await collect(to, { from: files(), precompress: siblings })).bytesUploaded, 0);
      await to.deleteMany(["a.png", "app.css", "app.css.br", "app.css.gz", "tiny.css"]);
    }
    await Deno.remove(`${folder}/static`, { recursive: true });
  });
});
