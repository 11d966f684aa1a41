/** A TCP proxy on loopback whose subclasses observe, delay and cut connections. */

/** What to do with received bytes: forward them, forward them and close both sides, or close without forwarding. */
export type Verdict = "forward" | "forward and close" | "close";

/** Decides about the bytes of one connection. */
export interface ConnectionFilter {
  /** Called with bytes of the client before they are forwarded. */
  request(bytes: Uint8Array): Verdict | Promise<Verdict>;
  /** Called with bytes of the server before they are forwarded. */
  answer(bytes: Uint8Array): Verdict | Promise<Verdict>;
}

export abstract class TcpProxy {
  readonly #target: Deno.ConnectOptions;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #accepting: Promise<void>;
  readonly #serving = new Set<Promise<void>>();
  readonly #open = new Set<Deno.Conn>();

  constructor(hostname: string, port: number) {
    this.#target = { hostname, port };
    this.#accepting = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** The number of open connections. */
  get connections(): number {
    return this.#serving.size;
  }

  /** Closes all open connections; new ones are accepted. */
  drop(): void {
    for (const connection of this.#open) connection.close();
    this.#open.clear();
  }

  async close(): Promise<void> {
    this.#listener.close();
    this.drop();
    await Promise.all([this.#accepting, ...this.#serving]);
  }

  /** Creates the filter of a new connection. */
  protected abstract filter(): ConnectionFilter;

  async #accept(): Promise<void> {
    for (;;) {
      try {
        const client = await this.#listener.accept();
        const serving = this.#serve(client).catch(() => {}).finally(() => this.#serving.delete(serving));
        this.#serving.add(serving);
      } catch (error) {
        if (error instanceof Deno.errors.NotConnected) continue; // the client closed before it was accepted
        if (error instanceof Deno.errors.BadResource) return; // the listener is closed
        throw error;
      }
    }
  }

  async #serve(client: Deno.Conn): Promise<void> {
    this.#open.add(client);
    const server = await Deno.connect(this.#target);
    this.#open.add(server);
    const filter = this.filter();
    // If either side closes, or the filter says so, both sides are closed.
    await Promise.race([
      forward(client, server, (bytes) => filter.request(bytes)),
      forward(server, client, (bytes) => filter.answer(bytes)),
    ]).catch(() => {});
    for (const connection of [client, server]) {
      if (this.#open.delete(connection)) connection.close();
    }
  }
}

async function forward(
  from: Deno.Conn,
  to: Deno.Conn,
  judge: (bytes: Uint8Array) => Verdict | Promise<Verdict>,
): Promise<void> {
  const buffer = new Uint8Array(65536);
  for (let length = await from.read(buffer); length !== null; length = await from.read(buffer)) {
    const bytes = buffer.subarray(0, length);
    const verdict = await judge(bytes);
    if (verdict === "close") return;
    for (let sent = 0; sent < length;) sent += await to.write(bytes.subarray(sent));
    if (verdict === "forward and close") return;
  }
}
