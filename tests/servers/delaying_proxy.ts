/** A proxy in front of a server that delays and counts requests. */

/** The beginning of a request; bytes of a body do not match it. */
const REQUEST = /^(GET|HEAD|PUT|POST|DELETE) \//;

export interface DelayingProxy {
  readonly endpoint: string;
  /** Requests so far, by method. */
  readonly requests: Record<string, number>;
  /** The delay of each request, in milliseconds. */
  delayMilliseconds: number;
  /** The number of open connections. */
  readonly connections: number;
  close(): Promise<void>;
}

/** Starts the proxy. It forwards bytes unchanged, so that signatures stay valid. */
export function delayingProxy(target: string, delayMilliseconds: number): DelayingProxy {
  const { hostname, port } = new URL(target);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const lines = new Set<Promise<void>>();
  const open = new Set<Deno.Conn>();
  const proxy: DelayingProxy = {
    endpoint: `http://127.0.0.1:${listener.addr.port}`,
    requests: {},
    delayMilliseconds,
    get connections(): number {
      return lines.size - 1; // but for the one that accepts
    },
    close: async () => {
      listener.close();
      for (const connection of open) connection.close();
      await Promise.all(lines);
    },
  };
  const serve = async (client: Deno.Conn): Promise<void> => {
    const server = await Deno.connect({ hostname, port: Number(port) });
    open.add(client).add(server);
    const pass = async (
      from: Deno.Conn,
      to: Deno.Conn,
      before: (bytes: Uint8Array) => Promise<void>,
    ): Promise<void> => {
      const buffer = new Uint8Array(65536);
      for (let length = await from.read(buffer); length !== null; length = await from.read(buffer)) {
        const bytes = buffer.subarray(0, length);
        await before(bytes);
        for (let sent = 0; sent < length;) sent += await to.write(bytes.subarray(sent));
      }
    };
    const wait = async (bytes: Uint8Array): Promise<void> => {
      const method = REQUEST.exec(new TextDecoder().decode(bytes.subarray(0, 16)))?.[1];
      if (method === undefined) return;
      proxy.requests[method] = (proxy.requests[method] ?? 0) + 1;
      if (proxy.delayMilliseconds > 0) await new Promise((resolve) => setTimeout(resolve, proxy.delayMilliseconds));
    };
    // If either side closes, both sides are closed.
    await Promise.race([pass(client, server, wait), pass(server, client, () => Promise.resolve())]).catch(() => {});
    for (const connection of [client, server]) {
      if (open.delete(connection)) connection.close();
    }
  };
  const accept = async (): Promise<void> => {
    for (;;) {
      try {
        const client = await listener.accept();
        const line = serve(client).catch(() => {}).finally(() => lines.delete(line));
        lines.add(line);
      } catch (error) {
        if (error instanceof Deno.errors.NotConnected) continue; // it hung up before it was let in
        if (error instanceof Deno.errors.BadResource) return; // closed
        throw error;
      }
    }
  };
  lines.add(accept());
  return proxy;
}
