/** How connections are made, where it is not as the runtime's `fetch` makes them. */
export interface TransportOptions {
  /**
   * Whether a server's certificate is checked; or the CA bundle to trust, by its path or as PEM text.
   * @default {true}
   */
  readonly verify?: boolean | string | undefined;
  /** The URLs of proxies, each under `"http"`, `"https"` or `"all"`, or under one of these with a host. */
  readonly proxies?: Readonly<Record<string, string>> | undefined;
}

/** What sends requests in place of `fetch`. It does not follow redirects. */
export interface Transport {
  /** @throws {ConfigurationError} If a proxy refuses the user name or password. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /** Closes its connections, also those in use. A later request opens new ones. */
  close(): Promise<void>;
}
