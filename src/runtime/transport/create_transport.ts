import { ConfigurationError } from "../../errors.ts";
import { builtin } from "../builtin.ts";
import { isCloudflare } from "../detect.ts";
import { readCaBundle } from "./ca_bundle.ts";
import { proxyRoute } from "./proxies.ts";
import type { ConnectionOptions, Transport, TransportOptions } from "./transport.ts";

/** Transports by their options: storages with the same options share connections, as they do those of `fetch`. */
const transports = new Map<string, Transport>();

/**
 * Returns a transport that checks certificates and uses proxies as the options say; equal options share one transport.
 *
 * Deno sends requests with its own `fetch`, except where certificates are not checked or the time to connect is limited,
 * which `fetch` does not support there: then, and on Bun and Node, `node:https` sends them. Deno's TLS under `node:https`
 * continues reading while a reader pauses, so that a body that is read slowly fills memory; so does Bun's `fetch` behind a
 * proxy.
 *
 * - Only the CA bundle is trusted; Deno trusts its own roots too.
 * - A configured proxy is used in spite of `NO_PROXY`, except on Deno. Without a configured proxy, Deno uses those of
 *   `HTTP_PROXY` and `HTTPS_PROXY`; `node:https` uses none.
 * - Deno permissions: `--allow-net` for each host and each proxy; `--allow-read` for the path of a bundle.
 *
 * @returns `undefined` if the runtime's `fetch` already does what the options say.
 * @throws {ConfigurationError} If an option is malformed, the bundle cannot be read, or the runtime does not support this.
 */
export function createTransport(
  { verify = true, proxies = {}, connectTimeout }: TransportOptions,
): Transport | undefined {
  if (verify === true && Object.keys(proxies).length === 0 && connectTimeout === undefined) return undefined;
  // Cloudflare's node:https accepts these options and ignores them.
  if (isCloudflare() || builtin("node:https") === undefined) {
    throw new ConfigurationError("verify, proxies and connectTimeout need Deno, Bun or Node");
  }
  const route = proxyRoute(proxies);
  const ca = typeof verify === "string" ? readCaBundle(verify) : undefined;
  const id = JSON.stringify([verify === false, ca, proxies, connectTimeout]);
  let transport = transports.get(id);
  if (transport === undefined) {
    transport = loadTransport({ verify: verify !== false, route, ca, connectTimeout });
    transports.set(id, transport);
  }
  return transport;
}

/** A transport that is loaded on demand: most programs need none. */
function loadTransport(options: ConnectionOptions): Transport {
  let loading: Promise<Transport> | undefined;
  const load = (): Promise<Transport> =>
    loading ??= import("../machine_code.ts").then(({ configuredTransport }) => configuredTransport(options));
  return {
    fetch: async (url, init) => await (await load()).fetch(url, init),
    close: async () => await (await loading)?.close(),
  };
}
