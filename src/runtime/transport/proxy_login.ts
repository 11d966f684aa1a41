import { ConfigurationError } from "../../errors.ts";
import { encodeBase64, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import type { Proxy } from "./proxies.ts";

/** The header with the user name and the password for a proxy (RFC 7617). */
export function proxyAuthorization({ login }: Proxy): Record<string, string> {
  if (login === undefined) return {};
  return { "proxy-authorization": `Basic ${encodeBase64(encodeUtf8(`${login.username}:${login.password}`))}` };
}

/** The error for a proxy that responds with status 407. */
export function proxyRefusal({ url, login }: Proxy): ConfigurationError {
  const state = login === undefined ? "requires a user name and a password" : "rejected the user name or password";
  return new ConfigurationError(`The proxy ${url.host} ${state}: write them as "http://user:password@${url.host}"`);
}
