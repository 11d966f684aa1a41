// deno-lint-ignore-file no-console -- its output is what it is for
/**
 * A Node script: `node:http` in front of handlers of Request and Response, to upload by a form and to download.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { S3Storage } from "@storages/s3";
import { serve } from "@storages/s3/serve";
import { createS3Server } from "@storages/s3/testing";
import { handleUpload, UploadError } from "@storages/s3/upload";

const s3 = createS3Server({ buckets: ["media"] }); // in the place of a real one
const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch: s3.fetch });

async function handle(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method !== "POST") {
    const disposition = "attachment"; // what strangers upload may hold scripts: no browser shows it as a page of ours
    return await serve(request, storage, decodeURIComponent(pathname.slice(1)), { disposition });
  }
  try {
    return Response.json((await handleUpload(request, { storage })).files, { status: 201 });
  } catch (error) {
    if (error instanceof UploadError) return error.toResponse();
    throw error;
  }
}

/** Node's request as a Request, and the Response as Node's: frameworks such as Hono bring this along. */
async function listener(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method!,
    headers: Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
    body: hasBody ? Readable.toWeb(incoming) as ReadableStream : null,
    ...(hasBody && { duplex: "half" }), // the body goes on while it is answered
  });
  const response = await handle(request).catch(() => new Response("Something went wrong\n", { status: 500 }));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(response.body as never), outgoing).catch(() => {}); // the client went away
}

const server = createServer(listener).listen(0, "127.0.0.1", async () => {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const body = new FormData();
  body.append("file", new File(["storage contents"], "hello world.txt"));
  const [file] = await (await fetch(address, { method: "POST", body })).json();
  const download = await fetch(address + file.name, { headers: { range: "bytes=8-" } });
  console.log(file.name, download.status, await download.text());
  server.closeAllConnections();
  server.close();
});
