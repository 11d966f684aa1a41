/** A proxy in front of a server that delays and counts requests. */
import { type ConnectionFilter, TcpProxy, type Verdict } from "./tcp_proxy.ts";

/** The beginning of a request; bytes of a body do not match it. */
const REQUEST = /^(GET|HEAD|PUT|POST|DELETE) \//;

/** It forwards bytes unchanged, so that signatures stay valid. */
export class DelayingProxy extends TcpProxy {
  /** Requests so far, by method. */
  readonly requests: Record<string, number> = {};
  /** The delay of each request, in milliseconds. */
  delayMilliseconds: number;

  constructor(target: URL, delayMilliseconds: number) {
    super(target.hostname, Number(target.port));
    this.delayMilliseconds = delayMilliseconds;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  protected filter(): ConnectionFilter {
    return {
      request: async (bytes): Promise<Verdict> => {
        const method = REQUEST.exec(new TextDecoder().decode(bytes.subarray(0, 16)))?.[1];
        if (method !== undefined) {
          this.requests[method] = (this.requests[method] ?? 0) + 1;
          const { delayMilliseconds } = this;
          if (delayMilliseconds > 0) await new Promise((resolve) => setTimeout(resolve, delayMilliseconds));
        }
        return "forward";
      },
      answer: () => "forward",
    };
  }
}

/** Starts the proxy. */
export function delayingProxy(target: string, delayMilliseconds: number): DelayingProxy {
  return new DelayingProxy(new URL(target), delayMilliseconds);
}
