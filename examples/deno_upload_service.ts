// deno-lint-ignore-file no-console -- the example prints its results
/**
 * A web service on Deno: a form uploads pictures, and each is served with ranges and conditions.
 *
 * Without options it serves one upload and ends. To try it: `deno run -A examples/deno_upload_service.ts --serve`, then open
 * http://127.0.0.1:8000/.
 *
 * @module
 */
import { S3Storage, type Storage } from "@storages/s3";
import { serve } from "@storages/s3/serve";
import { createS3Server } from "@storages/s3/testing";
import { handleUpload, UploadError } from "@storages/s3/upload";

const PAGE = `<!doctype html><title>Upload</title>
<form method="post" enctype="multipart/form-data"><input type="file" name="file" multiple><button>Upload</button></form>`;

/** The service. It takes any Storage; the caller chooses one. */
async function handle(storage: Storage, request: Request): Promise<Response> {
  const pathname = URL.parse(request.url)?.pathname; // undefined for a malformed Host header
  if (pathname !== "/") return await serve(storage, request); // no browser runs scripts of an uploaded SVG
  if (request.method !== "POST") return new Response(PAGE, { headers: { "content-type": "text/html" } });
  try {
    // The files are sent to the bucket as they arrive: none is in memory as a whole.
    const { files } = await handleUpload(storage, request, { accept: ["image/*"], maxFileBytes: 20 * 1024 ** 2 });
    return Response.json(files.map(({ name, size }) => ({ url: `/${encodeURIComponent(name)}`, size })), {
      status: 201,
    });
  } catch (error) {
    if (error instanceof UploadError) return error.toResponse(); // 400, 403, 409, 413 or 415
    throw error;
  }
}

const s3 = createS3Server({ buckets: ["media"] }); // instead of a real one
const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch: s3.fetch });

const stays = Deno.args.includes("--serve");
const port = stays ? Number(Deno.env.get("PORT") ?? 8000) : 0;
const service = Deno.serve({ hostname: "127.0.0.1", port }, (request) => handle(storage, request));

if (!stays) {
  const address = `http://127.0.0.1:${service.addr.port}/`;
  const form = new FormData();
  form.append("file", new File(["GIF89a…"], "my picture.gif"));
  const [stored] = await (await fetch(address, { method: "POST", body: form })).json();
  console.log("stored as", stored.url);
  const picture = await fetch(new URL(stored.url, address), { headers: { range: "bytes=0-5" } });
  console.log(picture.status, picture.headers.get("content-range"), await picture.text());
  await service.shutdown();
}
