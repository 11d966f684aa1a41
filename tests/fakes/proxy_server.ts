/** An HTTP proxy on real sockets: it tunnels CONNECT, forwards plain requests, and counts both. */
export interface ProxyServer extends AsyncDisposable {
  /** Host and port. */
  readonly host: string;
  /** The number of opened tunnels. */
  readonly connects: number;
  /** The number of forwarded plain requests. */
  readonly forwards: number;
  /** The number of requests that were refused for a missing login. */
  readonly refusals: number;
  /** The number of open connections of clients. */
  readonly open: number;
  /** Stops answering; later requests wait forever. */
  fallSilent(): void;
}

export interface ProxyServerOptions {
  /** `user:password`; no login is needed without it. */
  readonly login?: string;
  /** A certificate and its key, for TLS between client and proxy. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export function startProxy({ login, tls }: ProxyServerOptions = {}): ProxyServer {
  const address = { hostname: "127.0.0.1", port: 0 };
  const listener: Deno.Listener<Deno.Conn> = tls ? Deno.listenTls({ ...address, ...tls }) : Deno.listen(address);
  const connections = new Set<Deno.Conn>();
  const counts = { connects: 0, forwards: 0, refusals: 0 };
  let silent = false;

  async function serveClient(client: Deno.Conn): Promise<void> {
    const head = await readHead(client);
    if (head === undefined) return;
    if (silent) return void await client.read(new Uint8Array(1)); // until the client closes
    const [method, target] = head.text.split(" ", 2) as [string, string];
    if (login !== undefined && !head.text.includes(`\r\nproxy-authorization: Basic ${btoa(login)}\r\n`)) {
      counts.refusals++;
      return await write(
        client,
        'HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm="t"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      );
    }
    const url = new URL(method === "CONNECT" ? `http://${target}` : target);
    const server = await Deno.connect({ hostname: url.hostname, port: Number(url.port || 80) });
    connections.add(server);
    if (method === "CONNECT") {
      counts.connects++;
      await write(client, "HTTP/1.1 200 Connected\r\n\r\n");
    } else {
      counts.forwards++;
      const line = `${method} ${url.pathname}${url.search} HTTP/1.1\r\nconnection: close`;
      const headers = head.text.replace(/^.*/, line).replace(/\r\n(proxy-authorization|connection: keep-alive).*/i, "");
      await write(server, headers);
    }
    await write(server, head.rest);
    const up = client.readable.pipeTo(server.writable);
    await Promise.allSettled([up, server.readable.pipeTo(client.writable)]);
  }

  async function accept(): Promise<void> {
    for await (const client of listener) {
      connections.add(client);
      serveClient(client).catch(() => {}).finally(() => {
        connections.delete(client);
        close(client);
      });
    }
  }

  const accepting = accept();
  return {
    host: `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    get connects() {
      return counts.connects;
    },
    get forwards() {
      return counts.forwards;
    },
    get refusals() {
      return counts.refusals;
    },
    get open() {
      return connections.size;
    },
    fallSilent: () => void (silent = true),
    [Symbol.asyncDispose]: async () => {
      listener.close();
      for (const connection of connections) close(connection);
      await accepting;
    },
  };
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
