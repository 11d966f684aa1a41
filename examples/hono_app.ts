// deno-lint-ignore-file no-console -- the example prints its results
/**
 * An upload service on Hono, which runs on every runtime: albums to upload to, and downloads by name.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- in your project: import { Hono } from "hono"
import { Hono } from "npm:hono@^4";
import { S3Storage } from "@storages/s3";
import { serve } from "@storages/s3/serve";
import { createS3Server } from "@storages/s3/testing";
import { handleUpload, UploadError } from "@storages/s3/upload";

const s3 = createS3Server({ buckets: ["media"] }); // instead of a real one
const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch: s3.fetch });

const app = new Hono();

app.post("/albums/:album", async (c) => {
  const { files } = await handleUpload(storage, c.req.raw, {
    name: ({ originalName }) => [c.req.param("album"), originalName].map((one) => storage.getValidName(one)).join("/"),
    onExisting: "refuse",
  });
  return c.json(files.map(({ name }) => name), 201);
});

app.get("/albums/:album/:file", (c) => {
  return serve(storage, c.req.raw, {
    prefix: "/albums/",
    disposition: "attachment",
    cacheControl: "private, max-age=60",
  });
});

app.onError((error, c) => {
  if (error instanceof UploadError) return error.toResponse();
  console.error(error);
  return c.text("Something went wrong", 500);
});

// On Deno: Deno.serve(app.fetch). Here the handler is called without a server.
const form = new FormData();
form.append("file", new File(["three days of rain"], "diary.txt"));
for (const _ of [1, 2]) {
  const uploaded = await app.request("/albums/norway", { method: "POST", body: form });
  console.log(uploaded.status, await uploaded.json());
}
const download = await app.request("/albums/norway/diary.txt");
console.log(download.headers.get("content-disposition"), "→", await download.text());
