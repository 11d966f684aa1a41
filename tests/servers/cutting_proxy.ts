/** A proxy in front of PostgreSQL that cuts connections around a COMMIT. */

/**
 * When the connection is cut: before the COMMIT is forwarded, after it was forwarded, after its answer was received but not
 * forwarded, or after the client has the answer.
 */
export const CUTS = ["before COMMIT", "after COMMIT", "before the answer", "after the answer"] as const;
export type Cut = (typeof CUTS)[number];

export interface CuttingProxy {
  readonly port: number;
  /** When the next COMMIT is cut; `undefined` for never. The cut resets it. */
  next: Cut | undefined;
  /** The number of cut connections. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** A COMMIT as a query or a statement to prepare. No other statement of the tests contains the word. */
const COMMIT = /\bcommit\b/i;

/** Starts the proxy. */
export function cuttingProxy(hostname: string, port: number): CuttingProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const lines = new Set<Promise<void>>();
  const open = new Set<Deno.Conn>();
  let cuts = 0;
  const proxy: CuttingProxy & { next: Cut | undefined } = {
    port: listener.addr.port,
    next: undefined,
    get cuts(): number {
      return cuts;
    },
    close: async () => {
      listener.close();
      for (const connection of open) connection.close();
      open.clear();
      await Promise.all(lines);
    },
  };
  const serve = async (client: Deno.Conn): Promise<void> => {
    open.add(client);
    const server = await Deno.connect({ hostname, port });
    open.add(server);
    /** When this connection is cut, set by its COMMIT. */
    let cut: Cut | undefined;
    const pass = async (from: Deno.Conn, to: Deno.Conn, isWanted: (bytes: Uint8Array) => boolean): Promise<void> => {
      const buffer = new Uint8Array(65536);
      for (let length = await from.read(buffer); length !== null; length = await from.read(buffer)) {
        const bytes = buffer.subarray(0, length);
        if (!isWanted(bytes)) return;
        for (let sent = 0; sent < length;) sent += await to.write(bytes.subarray(sent));
        if ((cut === "after COMMIT" && from === client) || (cut === "after the answer" && from === server)) return;
      }
    };
    const seesCommit = (bytes: Uint8Array): boolean => {
      if (proxy.next !== undefined && COMMIT.test(new TextDecoder("latin1").decode(bytes))) {
        cut = proxy.next;
        proxy.next = undefined;
        cuts++;
      }
      return cut !== "before COMMIT";
    };
    // If either side closes, or the connection is cut, both sides are closed.
    await Promise.race([pass(client, server, seesCommit), pass(server, client, () => cut !== "before the answer")])
      .catch(() => {});
    for (const connection of [client, server]) {
      if (open.delete(connection)) connection.close();
    }
  };
  const accept = async (): Promise<void> => {
    for await (const client of listener) {
      const line = serve(client).catch(() => {}).finally(() => lines.delete(line));
      lines.add(line);
    }
  };
  lines.add(accept());
  return proxy;
}
