// deno-lint-ignore-file no-console -- the example prints its results
/**
 * A Node script: `node:http` calls handlers of Request and Response, for uploads by a form and for downloads.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { S3Storage } from "@storages/s3";
import { serve } from "@storages/s3/serve";
import { createS3Server } from "@storages/s3/testing";
import { handleUpload, UploadError } from "@storages/s3/upload";

const s3 = createS3Server({ buckets: ["media"] }); // instead of a real one
const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch: s3.fetch });

async function handle(request: Request): Promise<Response> {
  if (request.method !== "POST") return await serve(storage, request, { disposition: "attachment" });
  const { files } = await handleUpload(storage, request);
  return Response.json(files, { status: 201 });
}

/** Converts Node's request to a Request; frameworks such as Hono do this for you. */
function requestOf(incoming: IncomingMessage): Request {
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  return new Request(incoming.url!.replace(/^(?=\/)/, `http://${incoming.headers.host}`), {
    method: incoming.method!,
    headers: Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
    body: hasBody ? Readable.toWeb(incoming) as ReadableStream : null,
    ...(hasBody && { duplex: "half" }), // the response may begin before the body ends
  });
}

async function listener(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const request = await Promise.resolve(incoming).then(requestOf).catch(() => undefined);
  if (request === undefined) return void outgoing.writeHead(400).end(); // a malformed host, target or method
  const response = await handle(request).catch((error) =>
    error instanceof UploadError ? error.toResponse() : new Response("Something went wrong\n", { status: 500 })
  );
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(response.body as never), outgoing).catch(() => {}); // the client went away
}

const server = createServer(listener).listen(0, "127.0.0.1", async () => {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  if (process.argv.includes("--serve")) return console.log(`Listening on ${address}`);
  const body = new FormData();
  body.append("file", new File(["storage contents"], "hello world.txt"));
  const [file] = await (await fetch(address, { method: "POST", body })).json();
  const download = await fetch(address + file.name, { headers: { range: "bytes=8-" } });
  console.log(file.name, download.status, await download.text());
  server.closeAllConnections();
  server.close();
});
