/** deleteOrphans() with suspicious references: nothing is removed, and the error shows the compared names. */
import { assertEquals, assertRejects } from "@std/assert";
import { deleteOrphans, fileField, type OrphanOptions } from "../../../src/field/mod.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";

const NAMES = ["avatars/1.png", "avatars/2.png", "avatars/2026/a b.png", "avatars/é.png"];

/** All files are old. */
const OLD = { folder: "avatars", now: () => new Date(Date.now() + 2 * 86_400_000) };

async function stored(names: readonly string[] = NAMES, storage: Storage = new MemoryStorage()): Promise<Storage> {
  for (const name of names) await storage.save(name, "x");
  return storage;
}

async function left(storage: Storage): Promise<string[]> {
  return await Array.fromAsync(storage.list("", { recursive: true }), ({ name }) => name);
}

/** Checks that nothing is removed, also for a dry run. */
async function refuses(
  references: readonly unknown[],
  error: typeof RangeError | typeof TypeError,
  message: string,
  { storage: given, ...options }: Partial<OrphanOptions> & { readonly storage?: Storage } = {},
): Promise<void> {
  const storage = given ?? await stored();
  const before = await left(storage);
  const referenced = (() => references) as OrphanOptions["referenced"];
  for (const dryRun of [false, true]) {
    await assertRejects(
      () => deleteOrphans(storage, { ...OLD, referenced, dryRun, ...options }),
      error,
      message,
      references.join(),
    );
    assertEquals(await left(storage), before);
  }
}

/** References that can be names, but not of a file in the folder. */
const NO_MATCH: Readonly<Record<string, readonly string[]>> = {
  "another table's names": ["scans/1.pdf", "scans/2.pdf"],
  "e-mail addresses": ["ada@example.com", "grace@example.com"],
  "names with the storage's location": NAMES.map((name) => `media/${name}`),
  "names without the folder": ["1.png", "2.png"],
  "names of files that are gone": ["avatars/gone.png"],
  "no names": [],
};

for (const [what, references] of Object.entries(NO_MATCH)) {
  Deno.test(`deleteOrphans() refuses if no listed file is referenced (${what})`, async () => {
    const message = "none of its 4 files is referenced. " +
      'Files: "avatars/1.png", "avatars/2.png", "avatars/2026/a b.png", …. ' +
      `References: ${references.slice(0, 3).map((name) => JSON.stringify(name)).join(", ") || "none"}`;
    await refuses([...references, null, undefined, ""], RangeError, message);
    await refuses(references, RangeError, "Cannot", { allowNoneReferenced: true });
  });
}

Deno.test("deleteOrphans() refuses if no listed file is referenced, also if all files are young", async () => {
  await refuses(["scans/1.pdf"], RangeError, "none of its 4 files is referenced", { now: () => new Date() });
});

Deno.test("deleteOrphans() removes all files if both options allow it, and an empty folder needs none", async () => {
  const storage = await stored();
  const options = { ...OLD, referenced: () => [] };
  const consent = { allowNoneReferenced: true, maxDeletedFraction: 1 };
  assertEquals(await deleteOrphans(storage, { ...options, ...consent }), NAMES);
  assertEquals(await deleteOrphans(storage, options), []);
});

/** References that cannot be names. */
const IMPOSSIBLE: Readonly<Record<string, readonly [reference: unknown, message: string]>> = {
  "blank": [" ", " is blank. References must be"],
  "absolute": ["/avatars/1.png", "a name cannot begin with a slash"],
  "a URL": ["https://media.example.com/avatars/1.png", " is a URL. References must be"],
  "an s3 URL": ["s3://media/avatars/1.png", " is a URL. References must be"],
  "a name in JSON's quotes": ['"avatars/1.png"', " is JSON. References must be"],
  "a list in JSON": ['["avatars/1.png"]', " is JSON. References must be"],
  "an object in JSON": ['{"name":"avatars/1.png"}', " is JSON. References must be"],
  "a name with .. segments": ["../avatars/1.png", "a name cannot have '.' or '..' segments"],
  "a folder": ["avatars/", "Could not derive file name"],
  "too long": ["a".repeat(2000), "at most 1024 bytes"],
  "a row": [{ id: 7 }, "got a value of type object"],
};

for (const [what, [reference, message]] of Object.entries(IMPOSSIBLE)) {
  Deno.test(`deleteOrphans() refuses a reference that cannot be a name (${what})`, async () => {
    await refuses([...NAMES.slice(1), reference], TypeError, message, { allowNoneReferenced: true });
  });
}

Deno.test("deleteOrphans() shows the reference that cannot be a name, and the right form", async () => {
  await refuses(
    [" "],
    TypeError,
    'Cannot delete orphans: the reference " " is blank. References must be names of files in the storage',
  );
});

Deno.test("deleteOrphans() accepts the name of a listed file in any form", async () => {
  const names = ['avatars/"a".png', "avatars/ ", "avatars/[1]"];
  const storage = await stored(names);
  assertEquals(await deleteOrphans(storage, { ...OLD, referenced: () => names }), []);
  const quoted = await stored(['"a"', '"b"']);
  assertEquals(await deleteOrphans(quoted, { ...OLD, folder: "", referenced: () => ['"a"'] }), ['"b"']);
});

/** References of some rows in another form, while the others are right. */
const PARTLY_WRONG = {
  "the location is in it": "media/avatars/1.png",
  "a folder is missing": "1.png",
  "it is padded": "avatars/1.png   ",
  "it is encoded": "avatars/2026/a%20b.png",
  "it is decomposed": "avatars/e\u0301.png",
};

for (const [what, reference] of Object.entries(PARTLY_WRONG)) {
  Deno.test(`deleteOrphans() refuses a reference to a missing file that resembles an orphan (${what})`, async () => {
    const right = NAMES.filter((name) => !/(1|b|é)\.png/.test(name));
    const message = `the reference '${reference}' is not a file's name, but resembles 'avatars/`;
    await refuses([...right, reference], RangeError, message, { maxDeletedFraction: 1 });
    const storage = await stored();
    assertEquals(await deleteOrphans(storage, { ...OLD, referenced: () => [...NAMES, reference] }), []);
  });
}

Deno.test("deleteOrphans() ignores references to files in other folders, to younger files and to deleted files", async () => {
  let time = Date.now();
  const storage = new MemoryStorage({ now: () => new Date(time) });
  await stored([...NAMES, "scans/2.png", "2.png"], storage);
  time += 2 * 86_400_000;
  await storage.save("avatars/young.png", "x");
  const references = ["avatars/1.png", "avatars/2026/a b.png", "avatars/é.png"];
  const others = ["scans/2.png", "scans/gone.png", "avatars/young.png", "avatars/gone.png"];
  const referenced = (): string[] => [...others, ...references];
  const removed = await deleteOrphans(storage, { folder: "avatars", now: () => new Date(time), referenced });
  assertEquals(removed, ["avatars/2.png"]);
});

Deno.test("deleteOrphans() refuses to remove more than maxDeletedFraction of all files, including young ones", async () => {
  const names = Array.from({ length: 10 }, (_, index) => `avatars/${index}.png`);
  const referenced = (): string[] => names.slice(0, 4);
  await refuses(names.slice(0, 4), RangeError, "6 of 10 files exceed maxDeletedFraction 0.5", {
    storage: await stored(names),
  });
  await refuses(names.slice(0, 9), RangeError, "1 of 10 files exceed maxDeletedFraction 0", {
    storage: await stored(names),
    maxDeletedFraction: 0,
  });
  assertEquals(await deleteOrphans(await stored(names), { ...OLD, referenced: () => names.slice(5) }), [
    ...names.slice(0, 5),
  ]);
  const options = { ...OLD, referenced, maxDeletedFraction: 0.6 };
  assertEquals((await deleteOrphans(await stored(names), options)).length, 6);
});

Deno.test("deleteOrphans() refuses a file of another storage, and accepts one of another instance for the bucket", async () => {
  const server = createS3Server({ buckets: ["media", "archive"] });
  const storage = await stored(NAMES, s3On(server));
  const fileIn = (options: object): unknown => fileField(s3On(server, options)).file("avatars/1.png");
  for (const options of [{ bucketName: "archive" }, { location: "media" }]) {
    await refuses([...NAMES.slice(1), fileIn(options)], TypeError, "is in another storage", { storage });
  }
  const referenced = (() => [fileIn({}), ...NAMES.slice(2)]) as OrphanOptions["referenced"];
  assertEquals(await deleteOrphans(storage, { ...OLD, referenced }), ["avatars/2.png"]);
});

Deno.test("deleteOrphans() reads the references of orphans again, and keeps those that are referenced meanwhile", async () => {
  const storage = await stored();
  const asked: unknown[] = [];
  const referenced = (candidates?: readonly string[]): string[] => {
    asked.push(candidates);
    // A row moved between two pages of the first query, and is found by the second.
    return candidates === undefined ? NAMES.slice(2) : ["avatars/1.png"];
  };
  assertEquals(await deleteOrphans(storage, { ...OLD, referenced }), ["avatars/2.png"]);
  assertEquals(asked, [undefined, ["avatars/1.png", "avatars/2.png"]]);
});

Deno.test("deleteOrphans() removes nothing if the references cannot be read again", async () => {
  const storage = await stored();
  const referenced = (candidates?: readonly string[]): string[] => {
    if (candidates === undefined) return NAMES.slice(1);
    throw new Error("connection terminated");
  };
  await assertRejects(() => deleteOrphans(storage, { ...OLD, referenced }), Error, "connection terminated");
  assertEquals((await left(storage)).length, NAMES.length);
});

Deno.test("deleteOrphans() reads the references once if nothing would be removed", async () => {
  let calls = 0;
  const referenced = (): string[] => (calls++, NAMES);
  assertEquals([await deleteOrphans(await stored(), { ...OLD, referenced }), calls], [[], 1]);
});
