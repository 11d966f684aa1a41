/** A proxy in front of a server for a line that is slow in one direction: the connections share the rate of uploads. */
import { type ConnectionFilter, TcpProxy, type Verdict } from "./tcp_proxy.ts";

export class ThrottledProxy extends TcpProxy {
  readonly #bytesPerSecond: number;
  /** When the bytes so far have passed, on the clock of `performance.now`. */
  #freeAt = 0;
  /** Bytes that clients have sent, heads of requests included. */
  sentBytes = 0;

  /** @param bytesPerSecond The rate of all that clients send. */
  constructor(target: URL, bytesPerSecond: number) {
    super(target.hostname, Number(target.port));
    this.#bytesPerSecond = bytesPerSecond;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  protected filter(): ConnectionFilter {
    return {
      request: async ({ byteLength }): Promise<Verdict> => {
        this.sentBytes += byteLength;
        const now = performance.now();
        this.#freeAt = Math.max(now, this.#freeAt) + byteLength * 1000 / this.#bytesPerSecond;
        await new Promise((resolve) => setTimeout(resolve, this.#freeAt - now));
        return "forward";
      },
      answer: () => "forward",
    };
  }
}
