/** An HTTP proxy on real sockets: it tunnels CONNECT, forwards plain requests, and counts both. */

export interface ProxyServerOptions {
  /** `user:password`; no login is needed without it. */
  readonly login?: string;
  /** A certificate and its key, for TLS between client and proxy. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

const LOGIN_REQUIRED =
  'HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm="t"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** Starts a proxy on a free port; disposing it closes all connections. */
export function startProxy(options: ProxyServerOptions = {}): ProxyServer {
  return new ProxyServer(options);
}

export class ProxyServer implements AsyncDisposable {
  /** The number of opened tunnels. */
  connects = 0;
  /** The number of forwarded plain requests. */
  forwards = 0;
  /** The number of requests that were refused for a missing login. */
  refusals = 0;
  readonly #login: string | undefined;
  readonly #listener: Deno.Listener<Deno.Conn>;
  readonly #connections = new Set<Deno.Conn>();
  readonly #accepting: Promise<void>;
  #isSilent = false;

  constructor({ login, tls }: ProxyServerOptions) {
    const address = { hostname: "127.0.0.1", port: 0 };
    this.#login = login;
    this.#listener = tls ? Deno.listenTls({ ...address, ...tls }) : Deno.listen(address);
    this.#accepting = this.#accept();
  }

  /** Host and port. */
  get host(): string {
    return `127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  /** The number of open connections. */
  get open(): number {
    return this.#connections.size;
  }

  /** Stops answering; later requests wait forever. */
  fallSilent(): void {
    this.#isSilent = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) close(connection);
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    for (;;) {
      try {
        const client = await this.#listener.accept();
        this.#connections.add(client);
        this.#serve(client).catch(() => {}).finally(() => {
          this.#connections.delete(client);
          close(client);
        });
      } catch (error) {
        if (error instanceof Deno.errors.NotConnected) continue; // the client closed before it was accepted
        if (error instanceof Deno.errors.BadResource) return; // the listener is closed
        throw error;
      }
    }
  }

  async #serve(client: Deno.Conn): Promise<void> {
    const head = await readHead(client);
    if (head === undefined) return;
    if (this.#isSilent) return void await client.read(new Uint8Array(1)); // until the client closes
    if (this.#login !== undefined && !head.text.includes(`\r\nproxy-authorization: Basic ${btoa(this.#login)}\r\n`)) {
      this.refusals++;
      return await write(client, LOGIN_REQUIRED);
    }
    const [method, target] = head.text.split(" ", 2) as [string, string];
    const url = new URL(method === "CONNECT" ? `http://${target}` : target);
    const server = await Deno.connect({ hostname: url.hostname, port: Number(url.port || 80) });
    this.#connections.add(server);
    if (method === "CONNECT") {
      this.connects++;
      await write(client, "HTTP/1.1 200 Connected\r\n\r\n");
    } else {
      this.forwards++;
      const line = `${method} ${url.pathname}${url.search} HTTP/1.1\r\nconnection: close`;
      const headers = head.text.replace(/^.*/, line).replace(/\r\n(proxy-authorization|connection: keep-alive).*/i, "");
      await write(server, headers);
    }
    await write(server, head.rest);
    const up = client.readable.pipeTo(server.writable);
    await Promise.allSettled([up, server.readable.pipeTo(client.writable)]);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch { /* it is closed already */ }
}

async function write(target: Deno.Conn, data: string | Uint8Array): Promise<void> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  for (let sent = 0; sent < bytes.length;) sent += await target.write(bytes.subarray(sent));
}

/** The head of a request with header names in lower case, and the bytes that were read after it. */
async function readHead(client: Deno.Conn): Promise<{ text: string; rest: Uint8Array } | undefined> {
  let bytes = new Uint8Array(0);
  const chunk = new Uint8Array(16 * 1024);
  for (;;) {
    const count = await client.read(chunk);
    if (count === null) return undefined;
    bytes = new Uint8Array([...bytes, ...chunk.subarray(0, count)]);
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    const end = text.indexOf("\r\n\r\n");
    if (end === -1) continue;
    const head = text.slice(0, end + 4).replace(/\r\n[^:\r\n]+:/g, (name) => name.toLowerCase());
    return { text: head, rest: bytes.subarray(end + 4) };
  }
}
