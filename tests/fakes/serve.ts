/** A server on a free loopback port, until it is disposed of. */
export interface FakeServer extends AsyncDisposable {
  readonly origin: string;
  /** What was asked, in order: "GET /path". */
  readonly asked: string[];
}

/** An answer, or none as long as the server is there. */
export type FakeAnswer = Response | "silence";

/** Answers on a real socket, and keeps what was asked. */
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
