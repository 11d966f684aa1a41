import { ConfigurationError } from "../../errors.ts";

/** A proxy for requests. */
export interface Proxy {
  /** The URL of the proxy, without user name and password. */
  readonly url: URL;
  readonly login?: { readonly username: string; readonly password: string };
}

/** Returns the proxy for requests to a URL; `undefined` for direct requests. */
export type ProxyRoute = (url: URL) => Proxy | undefined;

/**
 * Chooses proxies as Python's requests does: first by scheme and host, then by scheme, then `all://host`, then `all`.
 *
 * @throws {ConfigurationError} If a key or the URL of a proxy is malformed.
 */
export function proxyRoute(proxies: Readonly<Record<string, string>>): ProxyRoute {
  const table = new Map(Object.entries(proxies).map(([key, text]) => [checkKey(key), parseProxy(key, text)]));
  return ({ protocol, hostname }) => {
    const scheme = protocol.slice(0, -1);
    const keys = [`${scheme}://${hostname}`, scheme, `all://${hostname}`, "all"];
    return keys.map((key) => table.get(key)).find((proxy) => proxy !== undefined);
  };
}

function checkKey(key: string): string {
  if (/^(https?|all)(:\/\/(\[[\da-f:.]+\]|[^\s/?#@:[\]]+))?$/i.test(key)) return key.toLowerCase();
  throw new ConfigurationError(
    'proxies must be keyed by "http", "https" or "all", or by one of these and a host without a port, such as ' +
      `"https://s3.example.com", got "${key.replace(/^.*@/s, "…")}"`,
  );
}

/** Errors show no part of a malformed URL, as any part may be the password. */
function parseProxy(key: string, text: string): Proxy {
  const complete = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = typeof text === "string" && URL.canParse(complete) ? new URL(complete) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || `${url.pathname}${url.search}${url.hash}` !== "/") {
    throw new ConfigurationError(
      `proxies["${key}"] must be the http or https URL of a host and a port, such as ` +
        `"http://user:password@proxy.example.com:3128"${url ? `, got ${url.protocol}//…` : ""}`,
    );
  }
  const { username, password } = url;
  url.username = url.password = "";
  if (username === "" && password === "") return { url };
  try {
    return { url, login: { username: decodeURIComponent(username), password: decodeURIComponent(password) } };
  } catch {
    throw new ConfigurationError(`proxies["${key}"] must encode each % in its user name and password as %25`);
  }
}
