// deno-lint-ignore-file no-console -- the example prints its results
/**
 * A page, browser_upload/page.html, uploads straight into the bucket: by a form, by PUT, or in parts. This service only signs
 * the requests. Without options it takes one upload and ends. To try the page, add `--serve`. With AWS_STORAGE_BUCKET_NAME
 * and keys set it uses that bucket, whose CORS rules must allow the page to POST and PUT.
 * @module
 */
import { S3Storage } from "@storages/s3";
import { createS3Server } from "@storages/s3/testing";
import { isCrossOrigin } from "@storages/s3/upload";

const s3 = createS3Server({ buckets: ["media"], cors: true }); // instead of a real one
const s3Http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => s3.fetch(request));
const endpointUrl = `http://127.0.0.1:${s3Http.addr.port}`;
const inMemory = { bucketName: "media", endpointUrl, accessKey: "testkey", secretKey: "testsecret" };
const storage = new S3Storage(Deno.env.has("AWS_STORAGE_BUCKET_NAME") ? {} : inMemory);
const page = await Deno.readTextFile(new URL("browser_upload/page.html", import.meta.url));
const AS_DOWNLOAD = { parameters: { ResponseContentDisposition: "attachment" } }; // S3 sends no policy against scripts
type Asked = { name: string; type: string; size: number; uploadId: string };

/** What the page needs to upload a file: a form limits the number of bytes, a PUT fixes it. */
const SIGNED: Record<string, (name: string, asked: Asked) => Promise<object>> = {
  "/form": (name, { type }) =>
    storage.presignedPost(name, { fields: { "Content-Type": type }, conditions: [["content-length-range", 1, 5e7]] }),
  "/put": async (name, { type, size }) => ({
    url: await storage.url(name, { method: "PUT", parameters: { ContentType: type, ContentLength: size } }),
  }),
  "/parts": (name, { type, size }) => storage.uploads.create(name, { size, contentType: type }),
};

async function answer(path: string, asked: Asked): Promise<object | void> {
  if (path === "/complete") return await storage.uploads.complete(asked.name, asked.uploadId, { size: asked.size });
  if (path === "/abort") return await storage.uploads.abort(asked.name, asked.uploadId);
  // Names are untrusted: they are made safe and get a folder each, so that no file is replaced.
  const name = `uploads/${crypto.randomUUID()}/${storage.getValidName(asked.name)}`;
  return { ...await SIGNED[path]!(name, asked), name, link: await storage.url(name, AS_DOWNLOAD) };
}

async function handle(request: Request): Promise<Response> {
  const pathname = URL.parse(request.url)?.pathname ?? ""; // "" for a malformed Host header
  if (pathname === "/") return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
  if (isCrossOrigin(request)) return Response.json({ message: "Cross-origin request" }, { status: 403 });
  try {
    return Response.json(await answer(pathname, await request.json()) ?? {});
  } catch (error) {
    return Response.json({ message: (error as Error).message }, { status: 400 });
  }
}

const stays = Deno.args.includes("--serve");
const port = stays ? Number(Deno.env.get("PORT") ?? 8000) : 0;
const service = Deno.serve({ hostname: "127.0.0.1", port }, handle);
if (!stays) {
  const body = new Blob(["hello from a browser"], { type: "text/plain" });
  const post = { method: "POST", body: JSON.stringify({ name: "hello world.txt", type: body.type, size: body.size }) };
  const { url, link } = await (await fetch(`http://127.0.0.1:${service.addr.port}/put`, post)).json();
  console.log("stored:", (await fetch(url, { method: "PUT", body })).status, await (await fetch(link)).text());
  await Promise.all([service.shutdown(), s3Http.shutdown()]);
}
