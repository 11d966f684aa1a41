import { createHash } from "node:crypto";

/** A server that responds to every request as S3 does, from memory and without delay, so that the client is measured. */
export interface SmallObjectServer extends AsyncDisposable {
  readonly origin: string;
}

/** @param object The body of every GET and PUT: the ETag is its MD5, which clients may compare. */
export function startSmallObjectServer(object: Uint8Array<ArrayBuffer>): SmallObjectServer {
  const etag = `"${createHash("md5").update(object).digest("hex")}"`;
  const headers = { etag, "x-amz-request-id": "0A1B2C3D4E5F6G7H" };
  const stored = {
    ...headers,
    "last-modified": "Wed, 12 Oct 2009 17:50:00 GMT",
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    if (request.method !== "PUT") return new Response(object, { headers: stored });
    await request.arrayBuffer();
    return new Response(null, { headers });
  });
  return { origin: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}
