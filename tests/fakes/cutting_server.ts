/** Serves one object on a real socket, and interrupts answers. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** How a response is interrupted: the connection is closed, reset, or stalls. */
export type Break = "close" | "reset" | "stall";

export interface CuttingServerOptions {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The offsets at which a response is interrupted, each once. */
  readonly cuts: readonly number[];
  readonly how: Break;
  /** Called when a response is interrupted. */
  readonly onCut?: (offset: number) => void;
}

/** Bytes of one write to a socket. */
const PIECE_BYTES = 64 * 1024;

/** Starts a server on a free port; disposing it closes all connections. */
export async function startCuttingServer(options: CuttingServerOptions): Promise<CuttingServer> {
  const server = new CuttingServer(options);
  await server.listen();
  return server;
}

export class CuttingServer implements AsyncDisposable {
  /** The served object, which may be changed while the server runs. */
  readonly object: { bytes: Uint8Array<ArrayBuffer>; etag: string };
  /** The requested ranges, in order; `undefined` for the whole object. */
  readonly ranges: (string | undefined)[] = [];
  /** Bytes of the object that were written to sockets. */
  sentBytes = 0;
  readonly #options: CuttingServerOptions;
  readonly #cuts: number[];
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer({ noDelay: true }, (socket) => this.#serve(socket));

  constructor(options: CuttingServerOptions) {
    this.object = { bytes: options.bytes, etag: '"first"' };
    this.#options = options;
    this.#cuts = options.cuts.toSorted((a, b) => a - b);
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** The number of open connections. */
  get open(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let wake = (): void => {};
    const drained = (): Promise<void> => new Promise((resolve) => wake = resolve);
    socket.on("drain", () => wake());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      wake();
    });
    socket.on("error", () => {}); // a cut connection may report an error
    let received = "";
    socket.on("data", (data) => {
      received += data.toString("latin1");
      if (!received.includes("\r\n\r\n")) return;
      const request = received;
      received = "";
      this.#answer(socket, request, drained).catch(() => socket.destroy());
    });
  }

  async #answer(socket: Socket, request: string, drained: () => Promise<void>): Promise<void> {
    const { bytes, etag } = this.object;
    const header = (name: string): string | undefined => new RegExp(`^${name}: (.*?)\r$`, "im").exec(request)?.[1];
    const range = header("range");
    this.ranges.push(range);
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
    const cut = this.#takeCut(start, end);
    for (let offset = start; offset < (cut ?? end);) {
      const piece = bytes.subarray(offset, Math.min(offset + PIECE_BYTES, cut ?? end));
      offset += piece.byteLength;
      this.sentBytes += piece.byteLength;
      if (!socket.write(piece)) await drained();
      if (socket.destroyed) return;
    }
    if (cut === undefined) return;
    this.#options.onCut?.(cut);
    if (this.#options.how === "close") socket.end();
    if (this.#options.how === "reset") socket.resetAndDestroy();
  }

  /** The next offset at which a response from `start` to `end` is interrupted. */
  #takeCut(start: number, end: number): number | undefined {
    const index = this.#cuts.findIndex((offset) => offset > start && offset < end);
    return index === -1 ? undefined : this.#cuts.splice(index, 1)[0];
  }
}
