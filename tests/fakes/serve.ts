/** A server on a free loopback port, which is closed when disposed. */
export interface FakeServer extends AsyncDisposable {
  readonly origin: string;
  /** The requests in order, as "GET /path". */
  readonly asked: string[];
}

/** A response, or `undefined` to hang until the server is closed. */
export type FakeAnswer = Response | "silence";

/** Serves responses on a real socket, and records the requests. */
export function serveFake(answer: (request: Request, path: string) => FakeAnswer | Promise<FakeAnswer>): FakeServer {
  const asked: string[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(`${request.method} ${pathname}${search}`);
    const given = await answer(request, pathname);
    if (given !== "silence") return given;
    await ended;
    return new Response(null, { status: 500 });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      end();
      await server.shutdown();
    },
  };
}
