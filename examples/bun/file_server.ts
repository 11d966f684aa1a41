// deno-lint-ignore-file no-console -- the example prints its results
/**
 * A Bun script: stores a file from disk in a bucket, and serves it from there.
 *
 * @module
 */
import { S3Storage } from "@storages/s3";
import { serve } from "@storages/s3/serve";
import { createS3Server } from "@storages/s3/testing";

// deno-lint-ignore no-explicit-any -- in a Bun project the package @types/bun has its types
declare const Bun: any;

const s3 = createS3Server({ buckets: ["media"] }); // instead of a real one
const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch: s3.fetch });

// A file of Bun is a Blob: it is read as it is uploaded.
await Bun.write("/tmp/storages-example.txt", "storage contents");
const name = await storage.save("docs/example.txt", Bun.file("/tmp/storages-example.txt"));
await Bun.file("/tmp/storages-example.txt").delete();

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request: Request) => serve(storage, request),
});

const whole = await fetch(new URL(name, server.url));
console.log(whole.status, whole.headers.get("content-type"), await whole.text());
const etag = whole.headers.get("etag")!;
const again = await fetch(new URL(name, server.url), { headers: { "if-none-match": etag } });
console.log(again.status, "where nothing has changed");
await server.stop(true);
