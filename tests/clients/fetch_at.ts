/** A fetch for hosts without DNS records: it sends requests to an address, with the host of the URL in the Host header. */
import { request as httpRequest } from "node:http";
import { Buffer } from "node:buffer";

/** @param address The host and port of all requests. */
export function fetchAt(address: string): (request: Request) => Promise<Response> {
  const { hostname, port } = new URL(`http://${address}`);
  return async (request) => {
    const { host, pathname, search } = new URL(request.url);
    const body = Buffer.from(await request.arrayBuffer());
    const headers = { ...Object.fromEntries(request.headers), host, "content-length": String(body.length) };
    return await new Promise((resolve, reject) => {
      const sent = httpRequest({
        hostname,
        port,
        path: pathname + search,
        method: request.method,
        headers,
        agent: false,
      });
      sent.on("error", reject);
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("error", reject);
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const { statusCode: status = 0, headers: received } = response;
          const fields = Object.entries(received).map(([name, value]): [string, string] => [name, String(value)]);
          const empty = request.method === "HEAD" || status === 204 || status === 304;
          resolve(new Response(empty ? null : Buffer.concat(chunks), { status, headers: fields }));
        });
      });
      sent.end(body);
    });
  };
}
