// deno-lint-ignore-file no-console -- prints the port for the test
/** Serves a handler of Request and Response on Node, as frameworks do. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export function serveOnNode(handle: (request: Request) => Promise<Response>): void {
  const server = createServer(async (incoming, outgoing) => {
    const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method: incoming.method!,
      headers: Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
      body: hasBody ? Readable.toWeb(incoming) as ReadableStream : null,
      ...(hasBody && { duplex: "half" }),
    });
    const response = await handle(request).catch((error) => new Response(String(error), { status: 500 }));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body === null) outgoing.end();
    else await pipeline(Readable.fromWeb(response.body as never), outgoing).catch(() => {}); // the client has disconnected
  });
  server.listen(0, "127.0.0.1", () => {
    console.error(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
}
