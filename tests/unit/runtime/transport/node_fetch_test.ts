/** Deno's sanitizers fail these tests if something stays open. */
import { assertEquals, assertRejects } from "@std/assert";
import { createNodeFetch } from "../../../../src/runtime/transport/node_fetch.ts";
import { proxyRoute } from "../../../../src/runtime/transport/proxies.ts";
import type { Transport } from "../../../../src/runtime/transport/transport.ts";
import { HttpSocket } from "../../../fakes/http_socket.ts";
import { startProxy } from "../../../fakes/proxy_server.ts";
import { startStreamOrigin } from "../../../fakes/stream_origin.ts";

function nodeFetch(proxies: Record<string, string> = {}): Transport {
  return createNodeFetch({ verify: true, route: proxyRoute(proxies), ca: undefined });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

Deno.test("createNodeFetch() opens new connections after close()", async () => {
  await using origin = startStreamOrigin();
  const transport = nodeFetch();
  for (let round = 0; round < 2; round++) {
    assertEquals((await transport.fetch(`${origin.url}/none`)).status, 204);
    await transport.close();
  }
});

Deno.test("createNodeFetch() closes the unfinished tunnel of an aborted request", async () => {
  await using proxy = startProxy();
  proxy.fallSilent();
  const transport = nodeFetch({ https: proxy.host });
  const controller = new AbortController();
  const answer = transport.fetch("https://s3.example.com/", { signal: controller.signal });
  await until(() => proxy.open === 1);
  controller.abort(new Error("enough"));
  await assertRejects(() => answer, Error, "enough");
  await until(() => proxy.open === 0);
  await transport.close();
});

Deno.test("createNodeFetch() reports an abort between the response and the first read to the reader", async () => {
  await using origin = startStreamOrigin();
  const transport = nodeFetch();
  const controller = new AbortController();
  const { body } = await transport.fetch(`${origin.url}/mebibytes?count=64`, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await new Promise((resolve) => setTimeout(resolve, 20)); // an unhandled error would end the process
  await assertRejects(() => new Response(body).text(), Error, "enough");
  await transport.close();
});

Deno.test("createNodeFetch() throws for responses that fetch cannot represent, and closes the connection", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answers = [
    "HTTP/1.1 999 What\r\ncontent-length: 1\r\n\r\nx",
    "HTTP/1.1 101 Switched\r\n\r\n",
    "what?\r\n\r\n",
    "",
  ];
  const serving = (async () => {
    for (const text of answers) {
      const connection = await listener.accept();
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode(text));
      connection.close();
    }
  })();
  const transport = nodeFetch();
  for (const _ of answers) await assertRejects(() => transport.fetch(`http://127.0.0.1:${listener.addr.port}/`), Error);
  await serving;
  listener.close();
  await transport.close();
});

Deno.test("createNodeFetch() returns all headers, and joins repeated ones like fetch", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("x", { status: 201, headers: [["x-a", "1"], ["x-a", "2"], ["ETag", '"e"']] }),
  );
  const transport = nodeFetch();
  const response = await transport.fetch(`http://127.0.0.1:${server.addr.port}/`);
  assertEquals(
    [response.status, response.headers.get("x-a"), response.headers.get("etag"), await response.text()],
    [201, "1, 2", '"e"', "x"],
  );
  await transport.close();
  await server.shutdown();
});

Deno.test("createNodeFetch() limits the time to connect, including TLS and tunnels, and not that of an answer", async () => {
  const sockets: Deno.Conn[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = (async () => {
    for await (const socket of listener) sockets.push(socket); // never answers
  })();
  const { port } = listener.addr;
  const limited = (connectTimeout: number, proxies = {}): Transport =>
    createNodeFetch({ verify: true, route: proxyRoute(proxies), ca: undefined, connectTimeout });
  const hasty = limited(0.02);
  const error = await assertRejects(() => hasty.fetch(`https://127.0.0.1:${port}/`), Error, "no connection within");
  const { code, syscall } = error as Error & Record<"code" | "syscall", unknown>;
  assertEquals([code, syscall], ["ETIMEDOUT", "connect"]);
  const tunnelled = limited(0.02, { https: `https://127.0.0.1:${port}` });
  await assertRejects(() => tunnelled.fetch("https://s3.example.com/"), Error, "no connection within");
  // The second request uses the connection of the first one. A timer that is left fails the test.
  await using origin = startStreamOrigin();
  const patient = limited(60);
  for (let round = 0; round < 2; round++) assertEquals((await patient.fetch(`${origin.url}/none`)).status, 204);
  for (const transport of [hasty, tunnelled, patient]) await transport.close();
  for (const socket of sockets) socket.close();
  listener.close();
  await accepting;
});

Deno.test('createNodeFetch() needs no event "close" of a request, which Deno below 2.8 does not emit', async () => {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
  const { getBuiltinModule } = process;
  type Request = { once(event: string, listener: () => void): Request };
  const http = getBuiltinModule.call(process, "node:http") as { request(...options: unknown[]): Request };
  const silent = {
    ...http,
    request: (...options: unknown[]): Request => {
      const request = http.request(...options);
      const once = request.once.bind(request);
      return Object.assign(request, {
        once: (event: string, listener: () => void) => event === "close" ? request : once(event, listener),
      });
    },
  };
  await using origin = startStreamOrigin();
  try {
    process.getBuiltinModule = (name) => name === "node:http" ? silent : getBuiltinModule.call(process, name);
    const transport = nodeFetch();
    for (let round = 0; round < 2; round++) assertEquals((await transport.fetch(`${origin.url}/none`)).status, 204);
    await transport.close();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
});

Deno.test("createNodeFetch() waits until the body of an early response's request was sent: its memory is used again", async () => {
  const size = 32 * 1024 ** 2; // more than the buffers of sockets
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let received = 0;
  const serve = async (): Promise<void> => {
    const socket = new HttpSocket(await listener.accept());
    await socket.readHead();
    await socket.answer(503, new Headers({ "content-length": "0" }), new Uint8Array(0));
    await new Promise((resolve) => setTimeout(resolve, 200)); // the response arrives
    while (received < size) received += (await socket.readBody(1024 ** 2)).byteLength;
    socket.close();
  };
  const serving = serve();
  const transport = nodeFetch();
  const url = `http://127.0.0.1:${listener.addr.port}/`;
  const { status } = await transport.fetch(url, { method: "PUT", body: new Uint8Array(size) });
  assertEquals([status, received > 0], [503, true]);
  await serving;
  await transport.close();
  listener.close();
});
