/** No file of a storage is read into memory without a limit, compressed or not. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConfigurationError, NotSupportedError } from "../../../src/errors.ts";
import { collect, ManifestStaticStorage, type StaticFile } from "../../../src/static/mod.ts";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { collectFiles, namesOf } from "./stage.ts";

const MIB = 1024 * 1024;
const COMPRESSED = { contentEncoding: "gzip", contentType: "application/json" };

/** A text followed by that many mebibytes of spaces, compressed. */
async function bomb(start: string, mebibytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const spaces = new TextEncoder().encode(" ".repeat(MIB));
  let count = 0;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(start)),
    pull: (controller) => count++ < mebibytes ? controller.enqueue(spaces) : controller.close(),
  });
  return new Uint8Array(await new Response(stream.pipeThrough(new CompressionStream("gzip"))).arrayBuffer());
}

/** The most memory that a run takes in addition to that before it, in mebibytes. */
async function memoryOf(run: () => Promise<unknown>): Promise<number> {
  const now = (): number => Deno.memoryUsage().rss / MIB;
  const before = now();
  let most = before;
  const timer = setInterval(() => most = Math.max(most, now()), 5);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, now()) - before;
}

Deno.test("collect() reads a manifest of up to 64 MiB", async () => {
  const files = new MemoryStorage();
  const storage = new ManifestStaticStorage(files);
  const manifest = '{"paths": {}, "version": "1.1"}';
  const json = { contentType: "application/json" };
  await files.save("staticfiles.json", manifest.padEnd(64 * MIB), json);
  assertEquals((await storage.hashedFiles.reload()).paths.size, 0);
  await files.save("staticfiles.json", manifest.padEnd(64 * MIB + 1), json);
  for (const call of [() => storage.hashedFiles.reload(), () => collectFiles({ "a.css": "" }, storage)]) {
    await assertRejects(call, NotSupportedError, "'staticfiles.json': it has more than 67108864 bytes (64 MiB)");
  }
});

Deno.test("collect() reads other manifests of up to 64 MiB, refuses larger ones, and skips other JSON", async () => {
  const files = new MemoryStorage();
  const storage = new ManifestStaticStorage(files);
  const release = { delete: true, pruneAfterSeconds: 0 };
  await collectFiles({ "a.css": "a{}" }, storage);
  const names = await namesOf(storage);
  const other = await bomb('{"paths": {"a.css": "a.css"}, "version": "1.1"', 300);
  await files.save("other.json", other, COMPRESSED);
  const memory = await memoryOf(() =>
    assertRejects(
      () => collectFiles({ "b.css": "b{}" }, storage, release),
      NotSupportedError,
      "'other.json': it has more",
    )
  );
  // Read whole, the 300 MiB would be in memory as chunks, as one array and as text.
  assert(memory < 500, `${memory} MiB`);
  // The files that it names are unknown, so all files stay.
  const left = await namesOf(storage);
  for (const name of names) assert(left.includes(name), name);
  await files.save("other.json", await bomb('{"type": "FeatureCollection"', 65), COMPRESSED);
  await collectFiles({ "b.css": "b{}" }, storage, { pruneAfterSeconds: 0 });
  await files.save("other.json", new Uint8Array(65 * MIB).fill(32), { contentType: "application/json" });
  await collectFiles({ "b.css": "b{}" }, storage, { pruneAfterSeconds: 0 });
});

Deno.test("collect() reads records of pending invalidations of up to 32 MiB, decompressed", async () => {
  const to = new MemoryStorage();
  const invalidate = (): void => {};
  await collectFiles({ "a.css": "a{}" }, to, { invalidate });
  const record = '{"version": 1, "state": "done", "names": ["a.css"]}';
  await to.save(".pending-invalidation/x.json", await bomb(record, 31), COMPRESSED);
  await collectFiles({ "a.css": "a{}" }, to, { invalidate });
  await to.save(".pending-invalidation/x.json", await bomb(record, 32), COMPRESSED);
  const error = await assertRejects(() => collectFiles({ "a.css": "a{}" }, to, { invalidate }), ConfigurationError);
  assertEquals(
    error.message,
    "Cannot read pending invalidation '.pending-invalidation/x.json': it has more than 33554432 bytes (32 MiB). " +
      "Invalidate the whole site, then delete that file",
  );
});

Deno.test("collect() scans style sheets and scripts of up to 32 MiB, and does not trust the size of a source", async () => {
  const folder = await Deno.makeTempDir();
  const storage = new ManifestStaticStorage(new MemoryStorage());
  try {
    const message = (name: string): string =>
      `Cannot read '${name}' into memory to find its references: it has more than 33554432 bytes (32 MiB)`;
    for (const name of ["a.css", "a.js"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "");
      await Deno.truncate(`${folder}/${name}`, 32 * MIB + 1);
      await assertRejects(() => collect(storage, { from: folder }), NotSupportedError, message(name));
      assertEquals(await namesOf(storage), []);
      await collect(new MemoryStorage(), { from: folder }); // without rewriting, it is only stored
      await Deno.remove(`${folder}/${name}`);
    }
    let given = 0;
    const chunk = new Uint8Array(MIB);
    const endless: StaticFile = {
      name: "b.js",
      size: 5,
      stream: () => new ReadableStream({ pull: (controller) => controller.enqueue((given++, chunk)) }),
    };
    await assertRejects(
      () => collect(storage, { from: [ReadableStream.from([endless])] }),
      NotSupportedError,
      message("b.js"),
    );
    assert(given < 40, `${given} MiB`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
