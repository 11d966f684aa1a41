// deno-lint-ignore-file no-console -- the example prints its results
/**
 * Download a large file over several connections at the same time, on a network that keeps failing.
 *
 * @module
 */
import { S3Storage } from "@storages/s3";
import { createS3Server } from "@storages/s3/testing";

const server = createS3Server({ buckets: ["media"] }); // instead of a real one

/** A network that breaks every response after half a megabyte. */
async function unreliable(request: Request): Promise<Response> {
  const { body, status, headers } = await server.fetch(request);
  let left = 500_000;
  const breaking = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller): void {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.byteLength;
      if (left <= 0) controller.terminate();
    },
  });
  return new Response(request.method === "GET" && body ? body.pipeThrough(breaking) : body, { status, headers });
}

const storage = new S3Storage({
  bucketName: "media",
  accessKey: "testkey",
  secretKey: "testsecret",
  fetch: unreliable,
});
const film = crypto.getRandomValues(new Uint8Array(60_000)); // the most that one call returns
await storage.save("film.mp4", new Blob(Array.from({ length: 50 }, () => film)));

// 1. To a file. The stream is in order, so it may also go into a Response or through a pipe.
const path = await Deno.makeTempFile();
const stream = await storage.download("film.mp4", {
  partSize: 1024 * 1024,
  maxConcurrency: 3,
  onProgress: ({ bytes, total }) => bytes === total && console.log("progress:     ", bytes, "of", total),
});
await Deno.writeFile(path, stream);
console.log("on the disk:  ", (await Deno.stat(path)).size, "bytes, by", server.requests.length, "requests");
await Deno.remove(path);

// 2. Reading by `open` resumes after broken connections too.
const bytes = await storage.readBytes("film.mp4");
console.log("by one stream:", bytes.byteLength, "bytes");
