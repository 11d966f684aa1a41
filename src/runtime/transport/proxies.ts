import { ConfigurationError } from "../../errors.ts";
import { encodeBase64, encodeUtf8 } from "../../kit/bytes/bytes.ts";

/** A proxy to send requests through. */
export interface Proxy {
  /** Where it listens, without user name and password. */
  readonly url: URL;
  readonly login?: { readonly username: string; readonly password: string };
}

/** The proxy for requests to that URL; `undefined` if they go straight to its host. */
export type ProxyRoute = (url: URL) => Proxy | undefined;

/**
 * Looks proxies up as Python's requests does: first by scheme and host, then by scheme, then `all://host`, then `all`.
 *
 * @throws {ConfigurationError} If a key or a proxy's URL is malformed.
 */
export function proxyRoute(proxies: Readonly<Record<string, string>>): ProxyRoute {
  const table = new Map(Object.entries(proxies).map(([key, text]) => [checkKey(key), parseProxy(key, text)]));
  return ({ protocol, hostname }) => {
    const scheme = protocol.slice(0, -1);
    const keys = [`${scheme}://${hostname}`, scheme, `all://${hostname}`, "all"];
    return keys.map((key) => table.get(key)).find((proxy) => proxy !== undefined);
  };
}

/** The header by which a proxy knows who asks (RFC 7617). */
export function proxyAuthorization({ login }: Proxy): Record<string, string> {
  if (login === undefined) return {};
  return { "proxy-authorization": `Basic ${encodeBase64(encodeUtf8(`${login.username}:${login.password}`))}` };
}

/** What to throw where a proxy answers with 407. */
export function proxyRefusal({ url, login }: Proxy): ConfigurationError {
  const state = login === undefined ? "wants a user name and a password" : "refuses the user name or password given";
  return new ConfigurationError(`The proxy ${url.host} ${state}: write them as "http://user:password@${url.host}"`);
}

function checkKey(key: string): string {
  if (/^(https?|all)(:\/\/(\[[\da-f:.]+\]|[^\s/?#@:[\]]+))?$/i.test(key)) return key.toLowerCase();
  throw new ConfigurationError(
    'proxies must be keyed by "http", "https" or "all", or by one of these and a host without a port, such as ' +
      `"https://s3.example.com": there is the key "${key.replace(/^.*@/s, "…")}"`,
  );
}

/** No part of a URL that is no URL is shown: who knows which part is the password. */
function parseProxy(key: string, text: string): Proxy {
  const complete = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = typeof text === "string" && URL.canParse(complete) ? new URL(complete) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || `${url.pathname}${url.search}${url.hash}` !== "/") {
    throw new ConfigurationError(
      `proxies["${key}"] must be the http or https URL of a host and a port, such as ` +
        `"http://user:password@proxy.example.com:3128"${url ? `: it is ${url.protocol}//…` : ""}`,
    );
  }
  const { username, password } = url;
  url.username = url.password = "";
  if (username === "" && password === "") return { url };
  try {
    return { url, login: { username: decodeURIComponent(username), password: decodeURIComponent(password) } };
  } catch {
    throw new ConfigurationError(`proxies["${key}"] must have %25 for each % in its user name and password`);
  }
}
