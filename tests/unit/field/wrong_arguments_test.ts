import { assertEquals } from "@std/assert";
import type { ORPHAN_OPTIONS } from "../../../src/field/delete_orphans.ts";
import * as drizzle from "../../../src/field/drizzle/mod.ts";
import type { FIELD_OPTIONS } from "../../../src/field/file_field.ts";
import * as kysely from "../../../src/field/kysely/mod.ts";
import * as field from "../../../src/field/mod.ts";
import { FILE_SAVE_OPTIONS, NEW_FILE_OPTIONS } from "../../../src/field/save_options.ts";
import type { WITH_FILES_OPTIONS } from "../../../src/field/with_files_options.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import { assertCovers, assertRefused, type Complete, untyped, type WrongCall } from "../wrong_calls.ts";

const storage = new MemoryStorage();
const typed = field.fileField(storage);
const file = untyped(typed.file("a.txt"));
const docs = untyped(typed);
const [fileField, FileField, deleteOrphans, withFiles] = [
  untyped(field.fileField),
  untyped(field.FileField),
  untyped(field.deleteOrphans),
  untyped(field.withFiles),
];

/** Runs a function of a transaction. */
function transacted(body: (tx: unknown) => unknown): unknown {
  return body(undefined);
}

/** A call within withFiles. */
// deno-lint-ignore no-explicit-any -- the calls are wrong for the compiler
function within(work: (files: any) => unknown): () => unknown {
  return () => withFiles(transacted, work);
}

const ORPHANS = { folder: "docs", referenced: () => [] };
const NO_STORAGE = "the first argument must be a Storage, got";
const NO_WORK = "Cannot use withFiles: the second argument must be a function, got";

const CALLS: readonly WrongCall[] = [
  [() => fileField(), `TypeError: Cannot create a file field: ${NO_STORAGE} undefined`],
  [() => fileField({ storage }), `TypeError: Cannot create a file field: ${NO_STORAGE} a value of type object`],
  [() => new FileField({ storage }), `TypeError: Cannot create a file field: ${NO_STORAGE} a value of type object`],
  [
    () => fileField(storage, "avatars"),
    'TypeError: Cannot create a file field: options must be an object, got "avatars"',
  ],
  [
    () => fileField(storage, { upload_to: "a" }),
    "TypeError: Cannot create a file field: unknown option 'upload_to'. Did you mean uploadTo?",
  ],
  [
    () => fileField(storage, { uploadTo: 5 }),
    "TypeError: Cannot create a file field: uploadTo must be a string or a function, got 5",
  ],
  [
    () => fileField(storage, { uploadTo: "%Q" }),
    "TypeError: Cannot create a file field: uploadTo must have only the directives",
  ],
  [
    () => fileField(storage, { now: new Date() }),
    "TypeError: Cannot create a file field: now must be a function that returns a Date",
  ],
  [
    () => fileField(storage, { now: Date.now, uploadTo: "%Y" }).save("a", "x"),
    "TypeError: Cannot save 'a': now must return a Date, got",
  ],
  [
    () => fileField(storage, { maxLength: 0 }),
    "RangeError: Cannot create a file field: maxLength must be an integer of 1 or more",
  ],
  [
    () => fileField(storage, { maxLength: "9" }),
    "RangeError: Cannot create a file field: maxLength must be an integer of 1 or",
  ],
  [
    () => fileField(storage, { emptyValue: 0 }),
    'TypeError: Cannot create a file field: emptyValue must be null or "", got 0',
  ],
  [
    () => untyped(field.batchTransaction)([]),
    "TypeError: Cannot make a batch transaction: its argument must be a function that runs statements, got a value of type object",
  ],
  [
    () => withFiles(transacted, () => {}, { deleteTimeoutSeconds: "5" }),
    'RangeError: Cannot use withFiles: deleteTimeoutSeconds must be a number of 0 or more, got "5"',
  ],
  [
    () => withFiles(transacted, () => {}, { signal: new AbortController() }),
    "TypeError: Cannot use withFiles: signal must be an AbortSignal, such as controller.signal, got",
  ],
  [
    () => withFiles(transacted, () => {}, { waitUntil: 5 }),
    "TypeError: Cannot use withFiles: waitUntil must be a function, got 5",
  ],
  [
    () => within((files) => files.adopt("a.txt"))(),
    'TypeError: Cannot adopt a file: it must be a StoredFile with a name, got "a.txt"',
  ],
  [
    () => fileField(() => undefined).file("a").size(),
    "TypeError: Cannot use the storage of a file field: its function must return",
  ],
  [
    () => fileField(storage, { uploadTo: () => 5 }).save("a", "x"),
    "TypeError: Cannot save 'a': uploadTo must return a string, got 5",
  ],
  [
    () => fileField(storage, { uploadTo: () => {} }).save("a", "x"),
    "TypeError: Cannot save 'a': uploadTo must return a string, got undefined",
  ],
  [
    () => deleteOrphans(storage, { folder: "docs", referenced: () => {} }),
    "TypeError: Cannot delete orphans: referenced must return an iterable of names, got undefined",
  ],

  [() => docs.file(5), "TypeError: Cannot refer to a file: the name must be a string, null or undefined, got 5"],
  [() => docs.save(undefined, "x"), "TypeError: Cannot save: name must be a string, got undefined"],
  [() => docs.save("a", "x", "text/plain"), `TypeError: Cannot save 'a': options must be an object, got "text/plain"`],
  [() => docs.save("a", "x", { overwrite: true }), "TypeError: Cannot save 'a': unknown option 'overwrite'."],
  [() => docs.save("a", "x", { identify: true }), "TypeError: Cannot save 'a': unknown option 'identify'."],
  [() => docs.save("a", "x", { maxLength: 5 }), "TypeError: Cannot save 'a': unknown option 'maxLength'."],
  [
    () => docs.save("a", "x", { onExisting: "keep" }),
    `TypeError: Cannot save 'a': onExisting must be "replace", "rename" or`,
  ],
  [() => docs.attach(5, "avatar"), "TypeError: Cannot attach 'avatar': the record must be an object, got 5"],
  [
    () => docs.attach({ avatar: null }),
    "TypeError: Cannot attach a file: the attribute's name must be a string, got undefined",
  ],
  [
    () => docs.attach({ avatar: 5 }, "avatar"),
    "TypeError: Cannot refer to a file: the name must be a string, null or undefined, got 5",
  ],

  [() => file.save(5, "x"), "TypeError: Cannot save: name must be a string, got 5"],
  [
    () => file.save("a", "x", { ContentType: "a/b" }),
    "TypeError: Cannot save 'a': unknown option 'ContentType'. Did you mean contentType?",
  ],
  [
    () => file.replace("a", "x", { onExisting: "replace" }),
    "TypeError: Cannot replace 'a': unknown option 'onExisting'.",
  ],
  [() => file.replace("a", "x", { ifMatch: "*" }), "TypeError: Cannot replace 'a': unknown option 'ifMatch'."],
  [() => file.replace("a", "x", 5), "TypeError: Cannot replace 'a': options must be an object, got 5"],
  [() => file.delete({ sginal: 5 }), "TypeError: Cannot delete 'a.txt': unknown option 'sginal'. Did you mean signal?"],
  [() => file.size({ sginal: 5 }), "TypeError: Cannot read the attributes of 'a.txt': unknown option 'sginal'."],
  [
    () => file.url({ expires: 5 }),
    "TypeError: Cannot make a URL to 'a.txt': unknown option 'expires'. Did you mean expiresIn?",
  ],
  [() => file.url(60), "TypeError: Cannot make a URL to 'a.txt': options must be an object, got 60"],
  [() => file.open("r"), "TypeError: Cannot open 'a.txt' to read: options must be an object"],
  [() => file.chunks(-1).next(), "RangeError: Cannot read 'a.txt': chunkSize must be an integer of 0 or more, got -1"],

  [
    () => deleteOrphans({ storage, ...ORPHANS }),
    `TypeError: Cannot delete orphans: ${NO_STORAGE} a value of type object`,
  ],
  [() => deleteOrphans(storage), "TypeError: Cannot delete orphans: options must be an object, got undefined"],
  [
    () => deleteOrphans(storage, { ...ORPHANS, maxRemovedFraction: 1 }),
    "TypeError: Cannot delete orphans: unknown option 'maxRemovedFraction'. Did you mean maxDeletedFraction?",
  ],
  [() => deleteOrphans(storage, { folder: "a" }), "TypeError: Cannot delete orphans: referenced must be a function"],
  [
    () => deleteOrphans(storage, { referenced: () => [] }),
    'TypeError: Cannot delete orphans: folder must be a string, "" for all folders, got undefined',
  ],
  [
    () => deleteOrphans(storage, { ...ORPHANS, referenced: () => 5 }),
    "TypeError: Cannot delete orphans: referenced must return an iterable of names, got 5",
  ],
  [
    () => deleteOrphans(storage, { ...ORPHANS, referenced: () => "a" }),
    "TypeError: Cannot delete orphans: referenced must return an iterable of names, got the string 'a'",
  ],
  [
    () => deleteOrphans(storage, { ...ORPHANS, referenced: () => [5] }),
    "TypeError: Cannot delete orphans: a reference must be a StoredFile, a name, null or undefined, got 5",
  ],
  [
    () => deleteOrphans(storage, { ...ORPHANS, olderThanSeconds: "1d" }),
    'RangeError: Cannot delete orphans: olderThanSeconds must be a number of 0 or more, got "1d"',
  ],
  [
    () => deleteOrphans(storage, { ...ORPHANS, maxDeletedFraction: 2 }),
    "RangeError: Cannot delete orphans: maxDeletedFraction must be a number from 0 to 1, got 2",
  ],
  [
    () => deleteOrphans(storage, { ...ORPHANS, dryRun: "yes" }),
    'TypeError: Cannot delete orphans: dryRun must be true or false, got "yes"',
  ],
  [
    () => deleteOrphans(storage, { ...ORPHANS, now: 5 }),
    "TypeError: Cannot delete orphans: now must be a function that returns a Date, got 5",
  ],

  [
    () => withFiles({}, () => {}),
    "TypeError: Cannot use withFiles: the first argument must be a function that runs a transaction",
  ],
  [() => withFiles(transacted), `TypeError: ${NO_WORK} undefined`],
  [
    () => withFiles(transacted, () => {}, { onLeft: () => {} }),
    "TypeError: Cannot use withFiles: unknown option 'onLeft'.",
  ],
  [
    () => withFiles(transacted, () => {}, { verify: "select 1" }),
    'TypeError: Cannot use withFiles: verify must be a function, got "select 1"',
  ],
  [
    within((files) => files.save(storage, "a", "x")),
    "TypeError: Cannot save 'a': the field must be a FileField, got a value of type object",
  ],
  [within((files) => files.save(docs, 5, "x")), "TypeError: Cannot save: name must be a string, got 5"],
  [
    within((files) => files.save(docs, "a", "x", { onExisting: "replace" })),
    "TypeError: Cannot save 'a': unknown option 'onExisting'.",
  ],
  [
    within((files) => files.transaction()),
    "TypeError: Cannot run the transaction: its body must be a function, got undefined",
  ],
  [
    within((files) => files.deleteAfterCommit("a.txt")),
    'TypeError: Cannot delete a file after the commit: it must be a StoredFile, null or undefined, got "a.txt"',
  ],
];

const ADAPTERS: readonly WrongCall[] = [
  [
    () => untyped(drizzle.fileColumn)(storage),
    "TypeError: Cannot define a file column: the field must be a FileField, got",
  ],
  [
    () => untyped(drizzle.withFiles)({}, () => {}),
    "TypeError: Cannot use withFiles: the first argument must be a Drizzle database",
  ],
  [() => untyped(drizzle.withFiles)({ transaction: transacted }), `TypeError: ${NO_WORK} undefined`],
  [
    () => untyped(drizzle.withFiles)({ transaction: transacted }, () => {}, 5),
    "TypeError: Cannot use withFiles: options must be",
  ],
  [
    () => untyped(kysely.withFiles)({}, () => {}),
    "TypeError: Cannot use withFiles: the first argument must be a Kysely database",
  ],
  [() => untyped(kysely.withFiles)({ transaction: transacted }), `TypeError: ${NO_WORK} undefined`],
  [
    () => untyped(kysely.withFiles)({ transaction: transacted }, () => {}, 5),
    "TypeError: Cannot use withFiles: options must be",
  ],
  [() => new (untyped(kysely.FilePlugin))(docs), "TypeError: Cannot create a FilePlugin"],
  [
    () => new (untyped(kysely.FilePlugin))({ avatar: storage }),
    "TypeError: Cannot create a FilePlugin for 'avatar': the field must be",
  ],
  [
    () => new (untyped(kysely.FilePlugin))(),
    "TypeError: Cannot create a FilePlugin: fields must be an object of fields, got undefined",
  ],
];

Deno.test("functions of /field, /drizzle and /kysely refuse wrong arguments with a message that names them", async () => {
  assertCovers(field, ["batchTransaction", "deleteOrphans", "fileField", "FileField", "StoredFile", "withFiles"]);
  assertCovers(drizzle, ["fileColumn", "withFiles"]);
  assertCovers(kysely, ["FilePlugin", "withFiles"]);
  await assertRefused([...CALLS, ...ADAPTERS]);
  assertEquals(await storage.listdir(), [[], []]);
});

Deno.test("the lists of options of /field are complete", () => {
  const [fieldOptions, orphans, withFiles]: [
    Complete<field.FileFieldOptions, typeof FIELD_OPTIONS>,
    Complete<field.OrphanOptions, typeof ORPHAN_OPTIONS>,
    Complete<field.WithFilesOptions, typeof WITH_FILES_OPTIONS>,
  ] = [true, true, true];
  assertEquals([fieldOptions, orphans, withFiles], [true, true, true]);
  assertEquals(FILE_SAVE_OPTIONS.filter((name) => !NEW_FILE_OPTIONS.includes(name)).sort(), [
    "ifMatch",
    "ifNoneMatch",
    "onExisting",
  ]);
});

Deno.test("a field keeps the row, and knows its attributes", async () => {
  interface User {
    readonly id: number;
    readonly avatar: string | null;
  }
  const avatar = field.fileField<User>(storage, { uploadTo: (user, name) => `avatars/${user.id}/${name}` });
  const row: User = { id: 7, avatar: null };
  const user = avatar.attach(row, "avatar");
  const kept: field.StoredFile<User> = user.avatar;
  assertEquals(await kept.save("me.png", "…"), "avatars/7/me.png");
  assertEquals(await avatar.file().save("me.png", "…", { record: { id: 8, avatar: null } }), "avatars/8/me.png");
  const mistakes = (): unknown[] => [
    // @ts-expect-error -- the row has no such attribute
    avatar.attach(row, "avatr"),
    // @ts-expect-error -- no row of this field
    avatar.attach({ avatar: null }, "avatar"),
    // @ts-expect-error -- no row of this field
    kept.save("me.png", "…", { record: { name: "Ada" } }),
    // @ts-expect-error -- a record is required
    avatar.save("me.png", "…"),
    // @ts-expect-error -- a new file replaces none
    kept.replace("me.png", "…", { onExisting: "replace" }),
    // @ts-expect-error -- the storage is no option
    field.fileField({ storage }),
  ];
  assertEquals(typeof mistakes, "function");
  await storage.deleteMany(["avatars/7/me.png", "avatars/8/me.png"]);
});
