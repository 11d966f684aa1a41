// deno-lint-ignore-file no-console -- the example prints its results
/**
 * Links that let anyone do one thing with one file for a while, without keys: download it, or upload it.
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
});

/** Follows a link as a browser does; here the server in this program responds. */
async function visit(url: string, init?: RequestInit): Promise<void> {
  const response = await server.fetch(new Request(url, init));
  const text = await response.text();
  const code = /<Code>(.*)<\/Code>/.exec(text)?.[1];
  console.log(
    "  response:",
    response.status,
    code ?? JSON.stringify(text),
    response.headers.get("content-disposition"),
  );
}

await storage.save("invoice.txt", "Total: 42.00");

console.log("download it, under a name of our choice, within five minutes:");
const download = await storage.url("invoice.txt", {
  expiresIn: 300,
  parameters: { ResponseContentDisposition: 'attachment; filename="invoice-0042.txt"' },
});
console.log(" ", download);
await visit(download);

console.log("the same link, changed to expire later:");
await visit(download.replace("X-Amz-Expires=300", "X-Amz-Expires=600"));

console.log("upload a file straight to the bucket, as a browser can with fetch(url, { method: 'PUT', body: file }):");
const upload = await storage.url("upload.txt", { method: "PUT", expiresIn: 60 });
await visit(upload, { method: "PUT", body: "Paid." });
console.log("  stored:", await storage.readText("upload.txt"));

console.log("a URL without a signature:");
await visit("http://localhost:9000/media/invoice.txt");
