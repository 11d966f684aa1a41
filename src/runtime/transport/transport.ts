import type { ProxyRoute } from "./proxies.ts";

/** Options of connections that differ from those of the runtime's `fetch`. */
export interface TransportOptions {
  /**
   * Whether to check the certificates of servers; or the CA bundle to trust, as a path or as PEM text.
   * @default {true}
   */
  readonly verify?: boolean | string | undefined;
  /** The URLs of proxies by `"http"`, `"https"` or `"all"`, or by one of these with a host. */
  readonly proxies?: Readonly<Record<string, string>> | undefined;
  /** The seconds within which a connection must be established, including TLS; as long as the system waits by default. */
  readonly connectTimeout?: number | undefined;
}

/** How connections are made: checked options. */
export interface ConnectionOptions {
  /** Whether certificates are checked. */
  readonly verify: boolean;
  readonly route: ProxyRoute;
  /** The authorities to trust, as PEM; `undefined` for those of the runtime. */
  readonly ca: string[] | undefined;
  /** The seconds within which a connection must be established, including TLS; `undefined` for as long as the system waits. */
  readonly connectTimeout?: number | undefined;
}

/** Sends requests in place of `fetch`, without following redirects. */
export interface Transport {
  /** @throws {ConfigurationError} If a proxy rejects the user name or password. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /** Closes all connections, also those in use. A later request opens new ones. */
  close(): Promise<void>;
}
