// deno-lint-ignore-file no-console -- the example prints its results
/**
 * Save a file, read its attributes and its content, and delete it.
 *
 * @module
 */
import { isStorageError, S3Storage } from "@storages/s3";
import { createS3Server } from "@storages/s3/testing";

// An S3 server in this program. For a real one leave out `fetch` and `endpointUrl`, and set AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY instead of writing keys here.
const server = createS3Server({ buckets: ["media"] });
const storage = new S3Storage({
  bucketName: "media",
  location: "uploads", // every name is below this folder of the bucket
  endpointUrl: "http://localhost:9000",
  accessKey: "testkey",
  secretKey: "testsecret",
  fetch: server.fetch,
});

// save() takes text, bytes, a Blob, a File, a Request, a Response or a stream.
const name = await storage.save("letters/hello.txt", "Dear reader,\nthis is a file.\n", {
  cacheControl: "max-age=3600",
  metadata: { author: "ada" },
});
console.log("saved as     ", name);

const { size, contentType, metadata } = await storage.stat(name);
console.log("size and type", size, contentType, metadata);

console.log("the text     ", JSON.stringify(await storage.readText(name)));

// For a part of it: "r" reads text, "rb" reads bytes. `await using` closes the file at the end of the block.
{
  await using file = await storage.open(name, "r");
  console.log("first word   ", await file.read(4));
  console.log("all the rest ", JSON.stringify(await file.text()));
}
{
  await using file = await storage.open(name, "rb");
  await file.seek(5);
  console.log("from byte 5  ", await file.read(6));
}

await storage.move(name, "letters/welcome.txt");
console.log("still there? ", await storage.exists(name));

await storage.delete("letters/welcome.txt");
try {
  await storage.readText("letters/welcome.txt");
} catch (error) {
  if (!isStorageError(error, "NotFound")) throw error;
  console.log("after delete ", error.message);
}
