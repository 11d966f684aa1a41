import { assertEquals } from "@std/assert";
import * as errors from "../../../src/errors.ts";
import type { COLLECT_OPTIONS, CollectOptions } from "../../../src/static/collect_options.ts";
import type { MANIFEST_OPTIONS, ManifestOptions } from "../../../src/static/hashed_files.ts";
import * as entry from "../../../src/static/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { assertCovers, assertRefused, type Complete, untyped, type WrongCall } from "../wrong_calls.ts";

const [collect, ManifestStaticStorage, HashedFiles] = [
  untyped(entry.collect),
  untyped(entry.ManifestStaticStorage),
  untyped(entry.HashedFiles),
];
const storage = new MemoryStorage();
const hashed = new ManifestStaticStorage(storage);
const files = untyped(hashed.hashedFiles);
const S3 = { bucketName: "media", accessKey: "testkey", secretKey: "testsecret" };
const s3 = untyped(new entry.S3ManifestStaticStorage({ ...S3, fetch: createS3Server({ buckets: ["media"] }).fetch }));

/** A call of collect with one wrong option. */
function withOption(name: string, value: unknown): () => unknown {
  return () => collect(storage, { from: [], [name]: value });
}

const CALLS: readonly WrongCall[] = [
  [() => collect(), "TypeError: Cannot collect: the first argument must be a Storage, got undefined"],
  [
    () => collect({ from: [], to: storage }),
    "TypeError: Cannot collect: the first argument must be a Storage, got a value",
  ],
  [() => collect(storage), "TypeError: Cannot collect: options must be an object, got undefined"],
  [() => collect(storage, "./public"), 'TypeError: Cannot collect: options must be an object, got "./public"'],
  [
    () => collect(storage, {}),
    "TypeError: Cannot collect: from must be folder paths or async iterables of files, got undefined",
  ],
  [withOption("to", storage), "TypeError: Cannot collect: unknown option 'to'."],
  [withOption("prune", 5), "TypeError: Cannot collect: unknown option 'prune'. Did you mean pruneAfterSeconds?"],
  [withOption("from", 5), "TypeError: Cannot collect: from must be folder paths or async iterables of files, got 5"],
  [withOption("ignore", "*.md"), 'TypeError: Cannot collect: ignore must be an array of patterns, got "*.md"'],
  [withOption("ignore", [5]), "TypeError: Cannot collect: each pattern in ignore must be a string, got 5"],
  [
    withOption("followLinks", true),
    'TypeError: Cannot collect: followLinks must be "inside" or "never" or "anywhere", got true',
  ],
  [
    withOption("normalization", "nfc"),
    'TypeError: Cannot collect: normalization must be "NFC" or "NFD" or "NFKC" or "NFKD", got "nfc"',
  ],
  [
    withOption("missingReferences", "ignore"),
    'TypeError: Cannot collect: missingReferences must be "error" or "warn", got',
  ],
  [withOption("dryRun", 1), "TypeError: Cannot collect: dryRun must be true or false, got 1"],
  [withOption("clear", "no"), 'TypeError: Cannot collect: clear must be true or false, got "no"'],
  [withOption("delete", null), "TypeError: Cannot collect: delete must be true or false, got null"],
  [withOption("concurrency", 0), "RangeError: Cannot collect: concurrency must be an integer of 1 or more, got 0"],
  [
    withOption("pruneAfterSeconds", -1),
    "RangeError: Cannot collect: pruneAfterSeconds must be an integer of 0 or more, got -1",
  ],
  [
    withOption("precompress", ["br"]),
    "TypeError: Cannot collect with the option precompress: options must be an object",
  ],
  [
    withOption("precompress", { encodings: ["br"], as: "sibling" }),
    'TypeError: Cannot collect: precompress.as must be "encoding"',
  ],
  [
    withOption("precompress", { encodings: "br" }),
    "TypeError: Cannot collect: precompress.encodings must be an array such as",
  ],
  [
    withOption("precompress", { encodings: ["zip"] }),
    "TypeError: Cannot collect: precompress.encodings must be an array such as",
  ],
  [withOption("invalidate", "E123"), 'TypeError: Cannot collect: invalidate must be a function, got "E123"'],
  [withOption("onProgress", true), "TypeError: Cannot collect: onProgress must be a function, got true"],

  [
    () => new ManifestStaticStorage(),
    "TypeError: Cannot create a ManifestStaticStorage: the first argument must be a Storage",
  ],
  [
    () => new ManifestStaticStorage(storage, { manifest: "a" }),
    "ConfigurationError: Unknown option 'manifest'. Did you mean manifest",
  ],
  [
    () => new ManifestStaticStorage(storage, 5),
    "ConfigurationError: The options of a manifest must be an object, got 5",
  ],
  [
    () => new HashedFiles(),
    "TypeError: Cannot create HashedFiles: the first argument must be a Storage, got undefined",
  ],
  [
    () => new HashedFiles(storage, { manifestName: "" }),
    'ConfigurationError: manifestName must be the name of a file, got ""',
  ],
  [
    () => new HashedFiles(storage, { manifestStorage: {} }),
    "ConfigurationError: manifestStorage must be a Storage, got a value",
  ],
  [
    () => new HashedFiles(storage, { manifestStrict: 0 }),
    "ConfigurationError: manifestStrict must be true or false, got 0",
  ],
  [
    () => new HashedFiles(storage, { manifestVersion: 1 }),
    'ConfigurationError: manifestVersion must be "1.0" or "1.1", got 1',
  ],
  [
    () => new HashedFiles(storage, { staticUrl: "static" }),
    'ConfigurationError: staticUrl must be a path such as "/static/", got',
  ],
  [
    () => new entry.S3ManifestStaticStorage(untyped({ ...S3, staticUrl: 5 })),
    "ConfigurationError: staticUrl must be a path",
  ],
  [() => new entry.S3StaticStorage(untyped({ bucketNam: "a" })), "ConfigurationError: "],

  [
    () => files.reload({ sginal: 5 }),
    "TypeError: Cannot reload the manifest: unknown option 'sginal'. Did you mean signal?",
  ],
  [
    () => files.save({}),
    "TypeError: Cannot save the manifest: it must have paths and stale, got a value of type object",
  ],
  [
    () => files.save({ paths: new Map(), stale: new Map() }, 5),
    "TypeError: Cannot save the manifest: options must be an object",
  ],
  [() => files.hashedName(5), "TypeError: Cannot find the stored name: name must be a string, got 5"],
  [() => files.hashedName("a", "text"), `TypeError: Cannot hash 'a': content must be bytes or a stream, got "text"`],
  [() => files.storedPath(5), "TypeError: Cannot find the stored name: name must be a string, got 5"],
  [() => hashed.storedName(), "TypeError: Cannot find the stored name: name must be a string, got undefined"],
  [() => hashed.url(5), "TypeError: Cannot find the stored name: name must be a string, got 5"],
  [
    () => hashed.url("a/", { expire: 5 }),
    "TypeError: Cannot make a URL to 'a/': unknown option 'expire'. Did you mean expiresIn?",
  ],
  [
    () => hashed.urlSync("a"),
    "NotSupportedError: Cannot make a URL to 'a' synchronously: the wrapped storage has no urlSync()",
  ],
  [() => hashed.open("a", "x"), `TypeError: Cannot open 'a': mode must be "r"`],
  [
    () => hashed.open("a", "rb", { contentType: "a/b" }),
    "TypeError: Cannot open 'a' to read: unknown option 'contentType'.",
  ],
  [
    () => hashed.getAvailableName("a", 5),
    "TypeError: Cannot find a free name for 'a': options must be an object, got 5",
  ],
  [
    () => s3.urlSync("a"),
    "ConfigurationError: Cannot find the stored name of 'a': the manifest is not loaded. Await hashedFiles",
  ],
  [
    () => s3.url("a/", { expire: 5 }),
    "TypeError: Cannot sign URL for 'a/': unknown option 'expire'. Did you mean expiresIn?",
  ],
  [() => s3.url("a/", 60), "TypeError: Cannot sign URL for 'a/': options must be an object, got 60"],
];

Deno.test("functions of /static refuse wrong arguments with a message that names them", async () => {
  assertCovers(entry, [
    ...Object.keys(errors),
    "collect",
    "HashedFiles",
    "ManifestStaticStorage",
    "S3ManifestStaticStorage",
    "S3StaticStorage",
  ]);
  await assertRefused(CALLS);
  assertEquals(await storage.listdir(), [[], []]);
});

Deno.test("the lists of options of /static are complete", () => {
  const lists: [Complete<CollectOptions, typeof COLLECT_OPTIONS>, Complete<ManifestOptions, typeof MANIFEST_OPTIONS>] =
    [
      true,
      true,
    ];
  assertEquals(lists, [true, true]);
});
