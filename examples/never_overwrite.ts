// deno-lint-ignore-file no-console -- its output is what it is for
/**
 * Keep every file: where a name is taken, the next one gets a free name, also when many arrive at once.
 *
 * @module
 */
import { isStorageError, S3Storage } from "@storages/s3";
import { createS3Server } from "@storages/s3/testing";

const server = createS3Server({ buckets: ["media"] }); // in the place of a real one
const storage = new S3Storage({
  bucketName: "media",
  fileOverwrite: false, // the default, as in django-storages, is to overwrite
  endpointUrl: "http://localhost:9000",
  accessKey: "testkey",
  secretKey: "testsecret",
  fetch: server.fetch,
});

// save() answers with the name that the file really got: that is the one to remember.
console.log(await storage.save("photo.jpg", "the first"));
console.log(await storage.save("photo.jpg", "the second"));

// Ten at the same moment: the server itself decides who was first (If-None-Match: *), and nobody's file is lost.
const names = await Promise.all(Array.from({ length: 10 }, (_, i) => storage.save("race.txt", `runner ${i}`)));
console.log(new Set(names).size, "names for 10 files:", names.slice(0, 3).join(", "), "…");

// A name that strangers chose is made safe first.
console.log(await storage.save(storage.getValidName("my holiday: day 1?.jpg"), "a photo"));

// open() for writing, copy() and move() take the name you say, or fail.
try {
  await storage.copy("race.txt", "photo.jpg");
} catch (error) {
  if (!isStorageError(error, "AlreadyExists")) throw error;
  console.log(`${error.name}:`, error.message);
}

// Where a file is meant to be replaced after all, say so for that one.
console.log(await storage.save("photo.jpg", "a better one", { overwrite: true }));
