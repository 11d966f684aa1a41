/** A dry run reports what the run then does: for random sites, earlier states and options. */
import { MemoryBackend } from "../../../src/storage/memory/memory_backend.ts";
import { assert, assertEquals } from "@std/assert";
import { type CollectOptions, ManifestStaticStorage, S3ManifestStaticStorage } from "../../../src/static/mod.ts";
import { Storage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { SeededRandom } from "../random.ts";
import { type Collected, collectFiles, type Files, namesOf } from "./stage.ts";

const FOLDERS = ["", "a/", "a/b/", "a/bc/", "ü ß/", "%41/"];
const NAMES = [
  "x",
  "x y",
  "a#b",
  "c?d",
  "50%",
  "ä",
  "x.0123456789ab",
  ".dot",
  "X",
  "日本",
  "longer.name.min",
  "a&'()+,;=@[]",
];
const EXTENSIONS = [".css", ".js", ".png", ".txt", "", ".gz", ".css.gz", ".json", ".mjs"];
const CONTENTS = ["", "png\n", "text ".repeat(300), "other ".repeat(300), "f();", "\xff"];

/** A site whose style sheets and scripts refer to each other, also in circles, and to missing files. */
function site(random: SeededRandom): Files {
  const names = Array.from(
    { length: 1 + random.below(12) },
    () => random.pick(FOLDERS) + random.pick(NAMES) + random.pick(EXTENSIONS),
  );
  return Object.fromEntries(names.map((name) => {
    const up = "../".repeat(name.split("/").length - 1);
    const others = Array.from({ length: random.below(3) }, () => up + encodeURI(random.pick(names)));
    if (name.endsWith(".css")) return [name, others.map((url) => `a{b:url("${url}")}`).join("\n")];
    if (/js$/.test(name)) return [name, others.map((url) => `import "./${url}";`).join("\n")];
    return [name, random.pick(CONTENTS)];
  }));
}

function options(random: SeededRandom): Partial<CollectOptions> {
  const as = random.pick(["encoding", "siblings"] as const);
  return {
    missingReferences: "warn",
    delete: random.below(2) === 0,
    clear: random.below(6) === 0,
    pruneAfterSeconds: random.pick([undefined, 0, 3600]),
    precompress: random.pick([undefined, { encodings: ["gzip"], as }, { encodings: ["gzip", "br"], as }]),
    ignore: random.pick([undefined, [], ["a"], ["*.txt"]]),
    concurrency: 1 + random.below(8),
  };
}

/** All reported events, sorted, since files are stored concurrently. */
function told({ events, copied, unmodified, postProcessed, deleted, bytesUploaded, changed }: Collected): unknown {
  const lines = events.map(({ kind, name, storedName, bytes, message }) =>
    JSON.stringify([kind, name, storedName, bytes, message])
  );
  return {
    copied,
    unmodified,
    postProcessed,
    deleted,
    bytesUploaded,
    changed: [...changed].sort(),
    lines: lines.sort(),
  };
}

/** Collects two sites, one over the other, into a storage that also has a foreign file; each first as a dry run. */
async function judge(random: SeededRandom, storage: Storage, writes: () => number): Promise<void> {
  await storage.save("foreign/x.0123456789ab.css", "of somebody else");
  await storage.save("foreign.json", '{"version": "1.1", "paths": {"foreign/x.css": "foreign/x.0123456789ab.css"}}');
  for (let run = 0; run < 3; run++) {
    const files = site(random);
    const wanted = options(random);
    const before = await namesOf(storage);
    const writesBefore = writes();
    const dry = await collectFiles(files, storage, { ...wanted, dryRun: true }).catch((error) => error);
    assertEquals(writes(), writesBefore, "a dry run has written");
    const real = await collectFiles(files, storage, wanted).catch((error) => error);
    const stage = JSON.stringify({ files, wanted, before });
    if (dry instanceof Error || real instanceof Error) {
      assertEquals(String(dry), String(real), stage);
      continue;
    }
    assertEquals(told(dry), told(real), stage);
    const after = new Set(await namesOf(storage));
    const removed = real.events.filter(({ kind }: { kind: string }) => kind === "deleted").map((
      { name }: { name: string },
    ) => name);
    // A name may be removed and stored: the sibling of the old content, and of the new one.
    assertEquals(removed.filter((name: string) => after.has(name)), [], stage);
    assertEquals(before.filter((name) => !after.has(name)).sort(), removed.sort(), stage);
    const foreign = "foreign/x.0123456789ab.css";
    if (!wanted.clear) assertEquals(after.has(foreign), before.includes(foreign), stage);
    const { hashedFiles } = storage as ManifestStaticStorage;
    for (const path of (await hashedFiles?.reload())?.paths.values() ?? []) assert(after.has(path), `${path} ${stage}`);
    // A second run changes nothing.
    const { clear: _, ...again } = wanted;
    const second = await collectFiles(files, storage, again);
    assertEquals([second.copied, second.postProcessed, second.bytesUploaded], [0, 0, 0], stage);
  }
}

Deno.test("a dry run reports exactly what the run then does, in memory", async () => {
  for (let seed = 0; seed < 150; seed++) {
    let writes = 0;
    class Counting extends MemoryBackend {
      override put(
        ...args: Parameters<MemoryBackend["put"]>
      ): ReturnType<MemoryBackend["put"]> {
        writes++;
        return super.put(...args);
      }
      override write(
        ...args: Parameters<MemoryBackend["write"]>
      ): ReturnType<MemoryBackend["write"]> {
        writes++;
        return super.write(...args);
      }
      override delete(...args: Parameters<MemoryBackend["delete"]>): Promise<void> {
        writes++;
        return super.delete(...args);
      }
    }
    const files = new Storage(new Counting());
    await judge(new SeededRandom(seed), seed % 3 === 0 ? files : new ManifestStaticStorage(files), () => writes);
  }
});

Deno.test("a dry run reports exactly what the run then does, on S3", async () => {
  for (let seed = 1000; seed < 1040; seed++) {
    const server = createS3Server({ buckets: ["media"] });
    const storage = new S3ManifestStaticStorage({
      bucketName: "media",
      location: seed % 2 === 0 ? "" : "a/b",
      accessKey: "testkey",
      secretKey: "testsecret",
      gzip: seed % 5 === 0,
      fetch: server.fetch,
    });
    const writes = (): number => server.requests.filter(({ operation }) => !/^(Get|Head|List)/.test(operation!)).length;
    await judge(new SeededRandom(seed), storage, writes);
  }
});
