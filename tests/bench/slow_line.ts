/** A server of one object with a delay for each answer and a limited rate for each connection. */
export interface SlowLine extends AsyncDisposable {
  readonly origin: string;
}

export interface SlowLineOptions {
  readonly sizeBytes: number;
  readonly latencyMilliseconds: number;
  /** The rate of each connection. */
  readonly bytesPerSecond: number;
}

const PIECE = new Uint8Array(64 * 1024);

/** The bytes of an answer, at the limited rate. */
function paced(length: number, bytesPerSecond: number): ReadableStream<Uint8Array> {
  const start = performance.now();
  let sent = 0;
  return new ReadableStream({
    async pull(controller): Promise<void> {
      if (sent === length) return controller.close();
      const early = sent * 1000 / bytesPerSecond - (performance.now() - start);
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      const piece = PIECE.subarray(0, Math.min(PIECE.byteLength, length - sent));
      sent += piece.byteLength;
      controller.enqueue(piece);
    },
  }, { highWaterMark: 0 });
}

export function startSlowLine({ sizeBytes, latencyMilliseconds, bytesPerSecond }: SlowLineOptions): SlowLine {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    await new Promise((resolve) => setTimeout(resolve, latencyMilliseconds));
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "") ?? [];
    const start = Number(first ?? 0);
    const end = last ? Math.min(Number(last) + 1, sizeBytes) : sizeBytes;
    const headers = new Headers({ etag: '"e"', "content-length": `${end - start}` });
    if (first !== undefined) headers.set("content-range", `bytes ${start}-${end - 1}/${sizeBytes}`);
    return new Response(paced(end - start, bytesPerSecond), { status: first === undefined ? 200 : 206, headers });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
