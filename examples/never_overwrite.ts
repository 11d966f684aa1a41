// deno-lint-ignore-file no-console -- the example prints its results
/**
 * Keep every file: where a name is taken, the next file gets a free name, also when many arrive at the same time.
 *
 * @module
 */
import { isStorageError, S3Storage } from "@storages/s3";
import { createS3Server } from "@storages/s3/testing";

const server = createS3Server({ buckets: ["media"] }); // instead of a real one
const storage = new S3Storage({
  bucketName: "media",
  fileOverwrite: false, // the default is to overwrite, as in django-storages
  endpointUrl: "http://localhost:9000",
  accessKey: "testkey",
  secretKey: "testsecret",
  fetch: server.fetch,
});

// save() returns the name that the file was stored under: keep that one.
console.log(await storage.save("photo.jpg", "the first"));
console.log(await storage.save("photo.jpg", "the second"));

// Ten at the same time: the server decides which is first (If-None-Match: *), and no file is lost.
const names = await Promise.all(Array.from({ length: 10 }, (_, i) => storage.save("race.txt", `runner ${i}`)));
console.log(new Set(names).size, "names for 10 files:", names.slice(0, 3).join(", "), "…");

// Make an untrusted name safe first.
console.log(await storage.save(storage.getValidName("my holiday: day 1?.jpg"), "a photo"));

// open() for writing, copy() and move() use the given name, or fail.
try {
  await storage.copy("race.txt", "photo.jpg");
} catch (error) {
  if (!isStorageError(error, "AlreadyExists")) throw error;
  console.log(`${error.name}:`, error.message);
}

// Pass onExisting to replace one file.
console.log(await storage.save("photo.jpg", "a better one", { onExisting: "replace" }));
