import { ConfigurationError } from "../../errors.ts";
import { builtin } from "../builtin.ts";
import { denoApi, isBun, isCloudflare } from "../detect.ts";
import { readCaBundle } from "./ca_bundle.ts";
import { readEnvironment } from "../environment.ts";
import { PieceBlob } from "./fetch_body.ts";
import { isPermitted } from "../permission.ts";
import { type Proxy, proxyRefusal, type ProxyRoute, proxyRoute } from "./proxies.ts";
import type { Transport, TransportOptions } from "./transport.ts";

interface DenoHttpClient {
  close(): void;
}

interface DenoLike {
  createHttpClient(options: {
    caCerts?: string[];
    proxy?: { url: string; basicAuth?: { username: string; password: string } };
  }): DenoHttpClient;
}

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
    throw new ConfigurationError(
      "verify, proxies and connectTimeout need Deno, Bun, or Node 20.16 or later: " +
        "this runtime does not let programs choose",
    );
  }
  const route = proxyRoute(proxies);
  const ca = typeof verify === "string" ? readCaBundle(verify) : undefined;
  const id = JSON.stringify([verify === false, ca, proxies, connectTimeout]);
  let transport = transports.get(id);
  if (transport === undefined) {
    const deno = denoApi<DenoLike>();
    const plain = deno !== undefined && verify !== false && connectTimeout === undefined
      ? denoTransport(deno, route, ca)
      : nodeTransport({ verify: verify !== false, route, ca, connectTimeout });
    transports.set(id, transport = withProxyErrors(route, plain));
  }
  return transport;
}

/** The variables in which `fetch` on Deno finds proxies. */
const PROXY_VARIABLES = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

let bulk: Transport | undefined;

/**
 * Returns a transport that sends a large array faster than `fetch`: `node:http` on Deno and Node passes the array to the
 * system without copies. Four concurrent parts of 8 MiB take half the time. Only for plain HTTP and without proxies.
 */
export function bulkTransport(url: string, { body }: RequestInit): Transport | undefined {
  if (!(body instanceof PieceBlob && body.whole !== undefined && url.startsWith("http:"))) return undefined;
  if (isBun()) return undefined; // its fetch is faster
  const isDirect = PROXY_VARIABLES.every((variable) =>
    isPermitted({ name: "env", variable }) && readEnvironment(variable) === undefined
  );
  return isDirect ? bulk ??= nodeTransport({ verify: true, route: () => undefined, ca: undefined }) : undefined;
}

/** Wraps a transport so that a proxy's 407 becomes an error: the response is not one of the server. */
function withProxyErrors(route: ProxyRoute, transport: Transport): Transport {
  return {
    close: () => transport.close(),
    fetch: async (url, init) => {
      const response = await transport.fetch(url, init);
      const proxy = response.status === 407 ? route(new URL(url)) : undefined;
      if (proxy === undefined) return response;
      await response.body?.cancel();
      throw proxyRefusal(proxy);
    },
  };
}

function denoTransport(deno: DenoLike, route: ProxyRoute, caCerts: string[] | undefined): Transport {
  const clients = new Map<Proxy | undefined, DenoHttpClient>();
  const clientFor = (proxy: Proxy | undefined): DenoHttpClient => {
    const known = clients.get(proxy);
    if (known !== undefined) return known;
    const client = deno.createHttpClient({
      ...(caCerts && { caCerts }),
      ...(proxy && { proxy: { url: proxy.url.href, ...(proxy.login && { basicAuth: proxy.login }) } }),
    });
    clients.set(proxy, client);
    return client;
  };
  return {
    fetch: async (url, init) => {
      const proxy = route(new URL(url));
      const options = { ...init, redirect: "manual", client: clientFor(proxy) } as RequestInit;
      try {
        return await fetch(url, options);
      } catch (error) {
        // On Deno only the text of the cause shows this. Without this check the request would be retried.
        const refused = proxy && /proxy authentication required/i.test(String((error as Error)?.cause));
        throw refused ? proxyRefusal(proxy) : error;
      }
    },
    close: () => {
      for (const client of clients.values()) client.close();
      clients.clear();
      return Promise.resolve();
    },
  };
}

/** Loaded on demand: edge runtimes do not need it. */
function nodeTransport(
  options: { verify: boolean; route: ProxyRoute; ca: string[] | undefined; connectTimeout?: number | undefined },
): Transport {
  let loading: Promise<Transport> | undefined;
  const load = (): Promise<Transport> =>
    loading ??= import("./node_fetch.ts").then(({ createNodeFetch }) => createNodeFetch(options));
  return {
    fetch: async (url, init) => await (await load()).fetch(url, init),
    close: async () => await (await loading)?.close(),
  };
}
