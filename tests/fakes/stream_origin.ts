/** A server with long, late and broken answers, for tests of transports. */
export interface StreamOrigin extends AsyncDisposable {
  readonly url: string;
}

const MEBIBYTE = 1024 * 1024;

/** @param tls A certificate and its key; plain HTTP by default. */
export function startStreamOrigin(tls?: { cert: string; key: string }): StreamOrigin {
  let sentMebibytes = 0;
  let cancelled = 0;
  const ending = new AbortController();

  /** A requested number of bytes, created as the client reads them. */
  function mebibytes(count: number): ReadableStream<Uint8Array> {
    sentMebibytes = 0;
    return new ReadableStream({
      pull(controller): void {
        if (sentMebibytes === count) return controller.close();
        controller.enqueue(new Uint8Array(MEBIBYTE).fill(sentMebibytes++));
      },
      cancel: () => void cancelled++,
    }, { highWaterMark: 0 });
  }

  async function answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/mebibytes":
        return new Response(mebibytes(Number(searchParams.get("count"))));
      case "/state":
        return Response.json({ sentMebibytes, cancelled });
      case "/echo":
        return Response.json({
          method: request.method,
          headers: Object.fromEntries(request.headers),
          sum: (await request.bytes()).reduce((sum, byte) => sum + byte, 0),
        });
      case "/redirect":
        return new Response(null, { status: 307, headers: { location: "/echo" } });
      case "/none":
        return new Response(null, { status: 204 });
      case "/cut":
        return new Response(
          new ReadableStream({
            start: (controller) => controller.enqueue(new Uint8Array(10)),
            pull: (controller) => controller.error(new Error("the server aborts the answer")),
          }),
          { headers: { "content-length": "1000" } },
        );
      case "/silence":
        await new Promise<void>((resolve) => {
          for (const signal of [request.signal, ending.signal]) signal.addEventListener("abort", () => resolve());
        });
        return new Response();
      default:
        return new Response("no such path", { status: 404 });
    }
  }

  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: () => new Response(), ...tls };
  const server = Deno.serve(options, answer);
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await server.shutdown();
    },
  };
}
