/** A proxy in front of PostgreSQL that cuts connections around a COMMIT. */
import { type ConnectionFilter, TcpProxy } from "./tcp_proxy.ts";

/**
 * When the connection is cut: before the COMMIT is forwarded, after it was forwarded, after its answer was received but not
 * forwarded, or after the client has the answer.
 */
export const CUTS = ["before COMMIT", "after COMMIT", "before the answer", "after the answer"] as const;
export type Cut = (typeof CUTS)[number];

/** A COMMIT as a query or a statement to prepare. No other statement of the tests contains the word. */
const COMMIT = /\bcommit\b/i;

export class CuttingProxy extends TcpProxy {
  /** When the next COMMIT is cut; `undefined` for never. The cut resets it. */
  next: Cut | undefined;
  /** The number of cut connections. */
  cuts = 0;

  protected filter(): ConnectionFilter {
    /** When this connection is cut, set by its COMMIT. */
    let cut: Cut | undefined;
    return {
      request: (bytes) => {
        if (this.next !== undefined && COMMIT.test(new TextDecoder("latin1").decode(bytes))) {
          cut = this.next;
          this.next = undefined;
          this.cuts++;
        }
        return cut === "before COMMIT" ? "close" : cut === "after COMMIT" ? "forward and close" : "forward";
      },
      answer: () => {
        return cut === "before the answer" ? "close" : cut === "after the answer" ? "forward and close" : "forward";
      },
    };
  }
}

/** Starts the proxy. */
export function cuttingProxy(hostname: string, port: number): CuttingProxy {
  return new CuttingProxy(hostname, port);
}
