// deno-lint-ignore-file no-console -- the example prints its results
/**
 * Store a stream of unknown length, without holding all of it in memory.
 *
 * @module
 */
import { S3Storage } from "@storages/s3";
import { createS3Server } from "@storages/s3/testing";

const server = createS3Server({ buckets: ["media"] }); // instead of a real one
const storage = new S3Storage({
  bucketName: "media",
  endpointUrl: "http://localhost:9000",
  accessKey: "testkey",
  secretKey: "testsecret",
  fetch: server.fetch,
  transferConfig: { partSize: 5 * 1024 * 1024, multipartThreshold: 5 * 1024 * 1024, maxConcurrency: 2 },
});

/** Measurements, a line at a time, of unknown number. */
async function* measurements(): AsyncGenerator<string> {
  for (let second = 0; second < 500_000; second++) {
    yield `${second},${Math.sin(second / 1000).toFixed(6)}\n`;
    if (second % 100_000 === 0) await Promise.resolve(); // a real source would wait here
  }
}

// 1. A ReadableStream: the body of a request, a file on disk, the output of a program, or text encoded on the way.
const stream = ReadableStream.from(measurements()).pipeThrough(new TextEncoderStream());
await storage.save("measurements.csv", stream);
const { size, contentType, etag } = await storage.stat("measurements.csv");
console.log("from a stream: ", size, "bytes of", contentType, "in", etag.split("-")[1]?.replace('"', ""), "parts");

// 2. A handle that is written in pieces. close() publishes the file.
{
  await using log = await storage.open("report.txt", "w");
  await log.write("Report\n");
  for (const line of ["all is well", "nothing is missing"]) await log.write(`- ${line}\n`);
  await log.close();
}
console.log("from a handle: ", JSON.stringify(await storage.readText("report.txt")));

// 3. Without close(), here because of an error, nothing is stored and no part stays on the server. The console warns about
// the dropped bytes.
try {
  await using log = await storage.open("broken.txt", "w");
  await log.write("half a sen");
  throw new Error("the source broke");
} catch (error) {
  console.log("after an error:", (error as Error).message, "- stored?", await storage.exists("broken.txt"));
}
console.log("open uploads:  ", server.openUploads("media").length);
