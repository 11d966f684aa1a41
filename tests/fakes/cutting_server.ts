/** Serves one object on a real socket, and interrupts answers. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** How an answer is interrupted: the connection is closed, reset, or stalls. */
export type Break = "close" | "reset" | "stall";

export interface CuttingServer extends AsyncDisposable {
  readonly origin: string;
  /** Options that may be changed while it runs. */
  readonly object: { bytes: Uint8Array<ArrayBuffer>; etag: string };
  /** The requested ranges, in order; `undefined` for the whole object. */
  readonly ranges: (string | undefined)[];
  /** Bytes of the object that were written to sockets. */
  readonly sentBytes: number;
  /** The number of open connections. */
  readonly open: number;
}

export interface CuttingServerOptions {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The offsets at which an answer is interrupted, each once. */
  readonly cuts: readonly number[];
  readonly how: Break;
  /** Called when an answer is interrupted. */
  readonly onCut?: (offset: number) => void;
}

/** Bytes of one write to a socket. */
const PIECE_BYTES = 64 * 1024;

export async function startCuttingServer(options: CuttingServerOptions): Promise<CuttingServer> {
  const object = { bytes: options.bytes, etag: '"first"' };
  const cuts = options.cuts.toSorted((a, b) => a - b);
  const ranges: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  let sentBytes = 0;

  /** The next offset at which an answer from `start` to `end` is interrupted. */
  function takeCut(start: number, end: number): number | undefined {
    const index = cuts.findIndex((offset) => offset > start && offset < end);
    return index === -1 ? undefined : cuts.splice(index, 1)[0];
  }

  async function answer(socket: Socket, request: string, drained: () => Promise<void>): Promise<void> {
    const { bytes, etag } = object;
    const header = (name: string): string | undefined => new RegExp(`^${name}: (.*?)\r$`, "im").exec(request)?.[1];
    const range = header("range");
    ranges.push(range);
    const condition = header("if-match");
    if (condition !== undefined && condition !== etag) {
      socket.write("HTTP/1.1 412 Precondition Failed\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
    const start = Number(first ?? 0);
    const end = last ? Math.min(Number(last) + 1, bytes.byteLength) : bytes.byteLength;
    const status = range === undefined
      ? "200 OK"
      : `206 Partial Content\r\ncontent-range: bytes ${start}-${end - 1}/${bytes.byteLength}`;
    socket.write(`HTTP/1.1 ${status}\r\netag: ${etag}\r\ncontent-length: ${end - start}\r\n\r\n`);
    const cut = takeCut(start, end);
    for (let offset = start; offset < (cut ?? end);) {
      const piece = bytes.subarray(offset, Math.min(offset + PIECE_BYTES, cut ?? end));
      offset += piece.byteLength;
      sentBytes += piece.byteLength;
      if (!socket.write(piece)) await drained();
      if (socket.destroyed) return;
    }
    if (cut === undefined) return;
    options.onCut?.(cut);
    if (options.how === "close") socket.end();
    if (options.how === "reset") socket.resetAndDestroy();
  }

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let wake = (): void => {};
    const drained = (): Promise<void> => new Promise((resolve) => wake = resolve);
    socket.on("drain", () => wake());
    socket.on("close", () => {
      sockets.delete(socket);
      wake();
    });
    socket.on("error", () => {}); // a cut connection may report an error
    let said = "";
    socket.on("data", (data) => {
      said += data.toString("latin1");
      if (!said.includes("\r\n\r\n")) return;
      const request = said;
      said = "";
      answer(socket, request, drained).catch(() => socket.destroy());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    object,
    ranges,
    get sentBytes() {
      return sentBytes;
    },
    get open() {
      return sockets.size;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
