/** Wrong programs that list, delete, copy and make storages, and those with options that only S3 has. */
import { LocalStorage, MemoryStorage, Storage } from "@storages/s3/storage";
import type { WrongProgram } from "./wrong_program.ts";

/** See {@linkcode WrongProgram}. */
export const WRONG_OTHER_CALLS: readonly WrongProgram[] = [
  {
    name: "list() with options but no folder",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.list({ recursive: true }),
    message: "name must be",
  },
  {
    name: "list() with the words of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.list("", { MaxKeys: 10 }),
    message: "unknown option 'MaxKeys'. Did you mean limit?",
  },
  {
    name: "list() with the word of SQL",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.list("", { offset: 10 }),
    message: "unknown option 'offset'. Did you mean startAfter?",
  },
  {
    name: "list() with half an entry",
    run: ({ memory }) => memory.list("", { limit: 2.5 }),
    message: "limit must be",
  },
  {
    name: "list() with a number for a cursor",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.list("", { startAfter: 5 }),
    message: "startAfter must be",
  },
  {
    name: "a list that is awaited",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.list("").map(String),
  },
  {
    name: "the size of an entry that may be a folder",
    run: async ({ memory }) => {
      // @ts-expect-error refused at compile time
      for await (const { size } of memory.list("")) return size;
      return 0;
    },
  },
  {
    name: "a folder's files by name",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.listdir("").then((listing) => listing.files),
  },
  {
    name: "delete() of several files",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.delete(["a.txt", "b.txt"]),
    message: "got an array: deleteMany() takes several names",
  },
  {
    name: "deleteMany() of one file",
    run: ({ memory }) => memory.deleteMany("a.txt"),
    message: "names must be an array or an iterable of names",
  },
  {
    name: "delete() with a number for an ETag",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.delete("a.txt", { ifMatch: 5 }),
    message: "ifMatch must be",
  },
  {
    name: "copy() to another storage",
    // @ts-expect-error refused at compile time
    run: ({ storage, memory }) => memory.copy("a.txt", storage),
    message: "copyTo(name, storage) copies to another storage",
  },
  {
    name: "copy() with the word of files for replacing",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.copy("a.txt", "b.txt", { overwrite: true }),
    message: "unknown option 'overwrite'. Did you mean onExisting?",
  },
  {
    name: "copy() without a target",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.copy("a.txt"),
    message: "name must be a string, got undefined",
  },
  {
    name: "copyTo() with a name for the storage",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.copyTo("a.txt", "b.txt"),
    message: "the second argument must be a storage",
  },
  {
    name: "copyTo() with the storage first",
    // @ts-expect-error refused at compile time
    run: ({ storage, memory }) => memory.copyTo(storage, "a.txt"),
    message: "copyTo(name, storage)",
  },
  {
    name: "move() with a boolean for replacing",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.move("a.txt", "b.txt", true),
    message: "options must be an object, got true",
  },
  {
    name: "exists() of several files",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.exists(["a.txt"]),
    message: "name must be",
  },
  {
    name: "exists() of nothing",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.exists(undefined),
    message: "name must be",
  },
  {
    name: "stat() of a number",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.stat(5),
    message: "name must be",
  },
  {
    name: "getAvailableName() with a length",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.getAvailableName("a.txt", 100),
    message: "options must be an object, got 100",
  },
  {
    name: "isNameAvailable() with a length",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.isNameAvailable("a.txt", 100),
    message: "options must be an object, got 100",
  },
  {
    name: "a method by the word of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.putObject({ Key: "a.txt", Body: "b" }),
  },
  {
    name: "a method by the word of Bun",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.presign("a.txt", { expiresIn: 60 }),
  },
  {
    name: "a file by the word of Bun",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.file("a.txt"),
  },
  {
    name: "a method by the name of Python",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.get_available_name("a.txt"),
  },
  {
    name: "another word for a method",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.upload("a.txt", "b"),
  },
  {
    name: "writing by the word of Bun",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.write("a.txt", "b"),
  },
  {
    name: "MemoryStorage with a folder",
    // @ts-expect-error refused at compile time
    run: () => new MemoryStorage("media"),
    message: 'options must be an object, got "media"',
  },
  {
    name: "MemoryStorage with a clock of numbers",
    // @ts-expect-error refused at compile time
    run: () => new MemoryStorage({ now: () => Date.now() }).save("a.txt", "b"),
    message: "now must return a valid Date",
  },
  {
    name: "LocalStorage with the folder as an option",
    // @ts-expect-error refused at compile time
    run: () => new LocalStorage({ location: "media" }),
    message: "folder must be",
  },
  {
    name: "LocalStorage without a folder",
    // @ts-expect-error refused at compile time
    run: () => new LocalStorage(),
    message: "folder must be",
  },
  {
    name: "Storage around a storage",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => new Storage(memory).readText("a.txt"),
    message: "backend must be a StorageBackend, such as storage.backend",
  },
  {
    name: "uploads.create() without a size",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.uploads.create("a.bin"),
    message: "options must be an object, got undefined",
  },
  {
    name: "uploads.create() with the old word",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.uploads.create("a.bin", { size: 10, partSizeBytes: 5 }),
    message: "unknown option 'partSizeBytes'. Did you mean partSize?",
  },
  {
    name: "uploads.complete() with ETags",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.uploads.complete("a.bin", "id", ["etag"]),
    message: "options must be an object",
  },
  {
    name: "uploads.complete() with the words of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.uploads.complete("a.bin", "id", { Parts: [] }),
    message: "unknown option 'Parts'",
  },
  {
    name: "uploads.complete() under another name",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.uploads.complete("a.bin", "id", { onExisting: "rename" }),
    message: 'onExisting must be "replace" or "refuse"',
  },
  {
    name: "abortIncomplete() with a number",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.uploads.abortIncomplete(3600),
    message: "options must be an object, got 3600",
  },
  {
    name: "abortIncomplete() with another word for the age",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.uploads.abortIncomplete({ olderThan: 60 }),
    message: "unknown option 'olderThan'. Did you mean olderThanSeconds?",
  },
  {
    name: "uploads.list() with a prefix as text",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.uploads.list("big"),
    message: 'options must be an object, got "big"',
  },
  {
    name: "setTags() with the form of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.setTags("a.txt", [{ Key: "project", Value: "apollo" }]),
    message: "tags",
  },
  {
    name: "setAcl() with a word that does not exist",
    run: ({ storage }) => storage.setAcl("a.txt", "public"),
    message: "public-read",
  },
  {
    name: "restoreArchived() with the words of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.restoreArchived("a.txt", { Days: 3 }),
    message: "unknown option 'Days'. Did you mean days?",
  },
  {
    name: "restoreArchived() with a tier in small letters",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.restoreArchived("a.txt", { tier: "bulk" }),
    message: "tier must be",
  },
  {
    name: "versions.restore() without a version",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.versions.restore("a.txt"),
    message: "versionId must be",
  },
  {
    name: "request() with a path",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.request("GET", "/a.txt"),
    message: "must be an object",
  },
  {
    name: "request() with the words of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.request({ Method: "GET" }),
    message: "unknown option 'Method'. Did you mean method?",
  },
  {
    name: "request() with a method that S3 has not",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.request({ method: "PATCH", name: "a.txt" }),
    message: "method must be",
  },
  {
    name: "save() with the word of the AWS SDK for the class",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.save("a.txt", "b", { StorageClass: "GLACIER" }),
    message: "Did you mean storageClass?",
  },
  {
    name: "save() with the word of the AWS SDK for tags",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.save("a.txt", "b", { tags: { project: "apollo" } }),
    message: "Did you mean tagging?",
  },
  {
    name: "save() with the word of the AWS SDK for encryption",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.save("a.txt", "b", { ServerSideEncryption: "AES256" }),
    message: "Did you mean serverSideEncryption?",
  },
  {
    name: "open() to read with a class",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.open("a.txt", "rb", { storageClass: "GLACIER" }),
    message: "unknown option 'storageClass'",
  },
  {
    name: "open() to write a version",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.open("a.txt", "wb", { versionId: "1" }),
    message: "unknown option 'versionId'",
  },
  {
    name: "stat() with the word of the AWS SDK for a version",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.stat("a.txt", { VersionId: "1" }),
    message: "Did you mean versionId?",
  },
  {
    name: "url() with a version beside the parameters",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { versionId: "1" }),
    message: "unknown option 'versionId'",
  },
  {
    name: "url() with a misspelt parameter",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { parameters: { ContentTyp: "text/plain" } }),
    message: "Did you mean ContentType?",
  },
  {
    name: "url() to read with a parameter of writing",
    run: ({ storage }) => storage.url("a.txt", { parameters: { ContentType: "text/plain" } }),
    message: "Unknown URL parameter 'ContentType' for method GET: it is for method PUT",
  },
  {
    name: "with() of the settings of another storage",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.with({ bucket: "archive" }),
    message: "Did you mean bucketName?",
  },
  {
    name: "copyTo() with options of S3 to another storage",
    // @ts-expect-error refused at compile time
    run: ({ storage, memory }) => storage.copyTo("a.txt", memory, { storageClass: "GLACIER" }),
    message: "unknown option 'storageClass'",
  },
];
