// deno-lint-ignore-file no-console -- the example prints its results
/**
 * List folders, one level at a time or everything below, however many files there are.
 *
 * @module
 */
import { S3Storage } from "@storages/s3";
import { createS3Server } from "@storages/s3/testing";

const server = createS3Server({ buckets: ["media"] }); // instead of a real one
let requests = 0;
const storage = new S3Storage({
  bucketName: "media",
  endpointUrl: "http://localhost:9000",
  accessKey: "testkey",
  secretKey: "testsecret",
  fetch: (request) => {
    requests++;
    return server.fetch(request);
  },
});

for (const name of ["index.html", "photos/cat.jpg", "photos/dog.jpg", "photos/2026/owl.jpg"]) {
  await storage.save(name, `the contents of ${name}`);
}

// The names in one folder, as two arrays.
const [directories, files] = await storage.listdir("");
console.log("top level:", directories, files);

// The entries of one folder, as they arrive: a folder has a name, a file also size, time and entity tag.
for await (const entry of storage.list("photos")) {
  console.log(entry.kind.padEnd(9), entry.name, entry.kind === "file" ? `(${entry.size} bytes)` : "");
}

// Everything below a folder. Leaving the loop early requests no further page.
let total = 0;
for await (const { size } of storage.list("photos", { recursive: true })) total += size;
console.log("all photos:", total, "bytes");

// S3 lists a thousand entries per request; the loop requests the next page when it needs it.
await Promise.all(
  Array.from({ length: 1500 }, (_, i) => storage.save(`logs/${String(i).padStart(4, "0")}.txt`, "log")),
);
requests = 0;
let count = 0;
for await (const _entry of storage.list("logs")) count++;
console.log("logs:", count, "files in", requests, "requests");
