// deno-lint-ignore-file no-console -- its output is what it is for
/**
 * A web service that streams uploads into a bucket, and answers with a link.
 *
 * By itself it serves one upload and ends. To try it: `deno run -A examples/deno_upload_service.ts --serve`, then
 * `curl -T some_file http://127.0.0.1:8000/some_file`.
 *
 * @module
 */
import { isStorageError, S3Storage, type Storage } from "@storages/s3";
import { createS3Server } from "@storages/s3/testing";

const MAX_BYTES = 1024 ** 3;

/** The service. It knows of a Storage only: which one, its caller decides. */
async function handle(storage: Storage, request: Request): Promise<Response> {
  if (request.method !== "PUT" || request.body === null) return new Response("PUT a file\n", { status: 405 });
  const length = request.headers.get("content-length");
  if (length === null) return new Response("Say how long it is\n", { status: 411 });
  if (Number(length) > MAX_BYTES) return new Response("At most 1 GiB\n", { status: 413 });
  try {
    const wanted = decodeURIComponent(new URL(request.url).pathname.slice(1));
    // The request itself is the content: its type is kept, and its body is never in memory as a whole.
    const name = await storage.save(storage.getValidName(wanted), request);
    return Response.json({ name, url: await storage.url(name, { expire: 600 }) }, { status: 201 });
  } catch (error) {
    if (isStorageError(error, "SuspiciousName") || error instanceof URIError) {
      return new Response(`${error.message}\n`, { status: 400 });
    }
    console.error(error);
    return new Response("The file could not be stored\n", { status: 502 });
  }
}

const s3 = createS3Server({ buckets: ["media"] }); // in the place of a real one, over HTTP so that links work
const s3Http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => s3.fetch(request));
const storage = new S3Storage({
  bucketName: "media",
  fileOverwrite: false,
  endpointUrl: `http://127.0.0.1:${s3Http.addr.port}`,
  accessKey: "testkey",
  secretKey: "testsecret",
});

const serve = Deno.args.includes("--serve");
const service = Deno.serve({ hostname: "127.0.0.1", port: serve ? 8000 : 0 }, (request) => handle(storage, request));

if (!serve) {
  const address = `http://127.0.0.1:${service.addr.port}/hello%20world.txt`;
  const answer = await fetch(address, { method: "PUT", body: "hello from a client" });
  const { name, url } = await answer.json();
  console.log(answer.status, name);
  console.log("its link gives:", await (await fetch(url)).text());
  await Promise.all([service.shutdown(), s3Http.shutdown()]);
}
