/** Targets that fail during a run, and files that disappear during it. */
import { MemoryBackend } from "../../../src/storage/memory/memory_backend.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { NotFoundError } from "../../../src/errors.ts";
import { collect, ManifestStaticStorage, S3ManifestStaticStorage, type StaticFile } from "../../../src/static/mod.ts";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { SeededRandom } from "../random.ts";
import { collectFiles, type Files, namesOf, textOf } from "./stage.ts";

/** A storage on which the nth write or removal fails. */
class Failing extends MemoryBackend {
  failsAt = Infinity;
  calls = 0;

  #count(name: string): void {
    if (++this.calls === this.failsAt) throw new Error(`no disk for ${name}`);
  }

  override async put(
    ...args: Parameters<MemoryBackend["put"]>
  ): ReturnType<MemoryBackend["put"]> {
    await Promise.resolve();
    this.#count(args[0]);
    return await super.put(...args);
  }

  override async delete(...args: Parameters<MemoryBackend["delete"]>): Promise<void> {
    await Promise.resolve();
    this.#count(args[0].join());
    await super.delete(...args);
  }
}

function site(version: number): Files {
  const files: Record<string, string> = { "all.css": `/* ${version} */`, [`only${version}.css`]: "" };
  for (let i = 0; i < 6; i++) {
    files[`${i}.css`] = `@import "all.css"; a { b: url(${i}.png) }`;
    files[`${i}.png`] = i % 2 === 0 ? `${i}` : `${i} of ${version}`;
  }
  return files;
}

Deno.test("a run that fails at any write leaves a whole site and names the file, and the next run completes it", async () => {
  const random = new SeededRandom(7);
  for (const options of [{ delete: true, pruneAfterSeconds: 0 }, { clear: true }, {}]) {
    for (let at = 1;; at++) {
      const backend = new Failing();
      const files = new Storage(backend);
      const storage = new ManifestStaticStorage(files);
      await collectFiles(site(1), storage);
      backend.calls = 0;
      backend.failsAt = at;
      const concurrency = 1 + random.below(16);
      const result = await collectFiles(site(2), storage, { ...options, concurrency }).catch((error) => error);
      if (result instanceof Error) assertStringIncludes(result.message, "no disk for ");
      for (const path of (await storage.hashedFiles.reload()).paths.values()) assert(await files.exists(path), path);
      backend.failsAt = Infinity;
      await collectFiles(site(2), storage, options);
      const paths = [...(await storage.hashedFiles.reload()).paths].flat();
      for (const path of paths) assert(await files.exists(path), path);
      assertEquals(paths.length, 28);
      if ("delete" in options || "clear" in options) {
        assertEquals(await namesOf(files), [...paths, "staticfiles.json"].sort());
      }
      if (result instanceof Error) continue;
      assert(at > 15, `${at}`); // no failure: all writes have been tried
      break;
    }
  }
});

Deno.test("collect() stores a file again that disappears between the listing and its comparison", async () => {
  class Vanishing extends MemoryBackend {
    vanishing = false;
    override async head(
      ...args: Parameters<MemoryBackend["head"]>
    ): ReturnType<MemoryBackend["head"]> {
      if (this.vanishing && args[0] === "a.css") await this.delete(["a.css"], {});
      return await super.head(...args);
    }
  }
  const backend = new Vanishing(); // its ETags are not MD5s
  const files = new Storage(backend);
  await collectFiles({ "a.css": "a{}", "b.css": "b{}" }, files);
  backend.vanishing = true;
  const { copied, unmodified } = await collectFiles({ "a.css": "a{}", "b.css": "b{}" }, files);
  assertEquals([copied, unmodified, await textOf(files, "a.css").catch(() => "")], [1, 1, "a{}"]);
});

Deno.test("missing files are reported in the order of the files that refer to them", async () => {
  const names = Array.from({ length: 12 }, (_, i) => `${String.fromCharCode(108 - i)}.css`);
  // The later files are read first.
  async function* source(): AsyncGenerator<StaticFile> {
    for (const [i, name] of names.entries()) {
      const text = `a{b:url(z${name}.png)}\nc{d:url(y${name}.png)}`;
      const bytes = async (): Promise<Uint8Array> => {
        for (let turns = (12 - i) * 3; turns > 0; turns--) await Promise.resolve();
        return new TextEncoder().encode(text);
      };
      yield await Promise.resolve({ name, size: text.length, bytes, stream: () => new Blob([text]).stream() });
    }
  }
  const storage = new ManifestStaticStorage(new MemoryStorage());
  const error = await assertRejects(() => collect(storage, { from: source() }), NotFoundError);
  const told = [...error.message.matchAll(/[:;] (\w)\.css:(\d)/g)].map(([, name, line]) => name! + line);
  assertEquals(told, "aabbccddeeffgghhiijj".split("").map((name, i) => `${name}${1 + i % 2}`));
  assertEquals(error.key, "za.css.png");
});

Deno.test("collect() stops reading the sources when the listing fails", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = new S3ManifestStaticStorage({
    bucketName: "media",
    accessKey: "testkey",
    secretKey: "testsecret",
    fetch: (request: Request) =>
      request.url.includes("list-type")
        ? Promise.resolve(new Response("<Error><Code>AccessDenied</Code></Error>", { status: 403 }))
        : server.fetch(request),
  });
  const closed = Promise.withResolvers<void>();
  let given = 0;
  async function* endless(): AsyncGenerator<StaticFile> {
    try {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        yield { name: `${given++}.css`, size: 1, stream: () => new Blob(["a"]).stream() };
      }
    } finally {
      closed.resolve();
    }
  }
  const error = await assertRejects(() => collect(storage, { from: endless() }));
  assertEquals((error as { code?: string }).code, "PermissionDenied");
  await closed.promise; // otherwise the test would not end
});

Deno.test("collect() aborts the request for the manifest when the listing fails, and other callers repeat it", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const asked = Promise.withResolvers<void>();
  let signal: AbortSignal | undefined;
  let shared: ReturnType<typeof storage.hashedFiles.load> | undefined;
  const storage = new S3ManifestStaticStorage({
    bucketName: "media",
    accessKey: "testkey",
    secretKey: "testsecret",
    fetch: async (request: Request) => {
      if (request.url.includes("list-type")) {
        await asked.promise;
        return new Response("<Error><Code>AccessDenied</Code></Error>", { status: 403 });
      }
      if (signal !== undefined) return await server.fetch(request);
      signal = request.signal;
      shared = storage.hashedFiles.load();
      asked.resolve();
      return await new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));
    },
  });
  const error = await assertRejects(() => collect(storage, { from: [] }));
  assertEquals((error as { code?: string }).code, "PermissionDenied");
  assertEquals(signal?.aborted, true);
  assertEquals((await shared)?.paths.size, 0);
});

Deno.test("collect() fails with the name of a file that disappears before it is read", async () => {
  const folder = await Deno.makeTempDir();
  for (const size of [10, 3_000_000]) {
    await Deno.writeFile(`${folder}/gone.bin`, new Uint8Array(size));
    await Deno.writeTextFile(`${folder}/stays.css`, "");
    const storage = new ManifestStaticStorage(new MemoryStorage());
    const error = await assertRejects(() =>
      collect(storage, {
        from: folder,
        onProgress: ({ kind, name }) =>
          kind === "listed" && name === "gone.bin" && Deno.removeSync(`${folder}/${name}`),
      })
    );
    assertStringIncludes((error as Error).message, `${folder}/gone.bin`);
    assertEquals(await storage.exists("staticfiles.json"), false);
  }
  await Deno.remove(folder, { recursive: true });
});
