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

/** One for all that connect in the same way: storages share their connections, as they do those of `fetch`. */
const transports = new Map<string, Transport>();

/**
 * A transport that checks certificates and goes through proxies as it is told; the same one where it is told the same.
 *
 * Deno's own `fetch` sends its requests, unless no certificate is to be checked, which `fetch` cannot do there: then, and
 * on Bun and Node, `node:https` does. Deno's TLS under `node:https` reads on while a reader pauses, so that a body read
 * slowly gathers in memory; Bun's `fetch` does so behind a proxy.
 *
 * - A CA bundle is all that is trusted; Deno trusts its own roots as well.
 * - A proxy given is used whatever `NO_PROXY` says; but Deno minds that variable. Without a proxy given, Deno takes those
 *   of `HTTP_PROXY` and `HTTPS_PROXY`; `node:https` takes none.
 * - Deno permissions: `--allow-net` for each host, and for each proxy too; `--allow-read` for a bundle's path.
 *
 * @returns `undefined` if there is nothing that the runtime's `fetch` does not do by itself.
 * @throws {ConfigurationError} If an option is malformed, the bundle cannot be read, or on runtimes that cannot do it.
 */
export function createTransport({ verify = true, proxies = {} }: TransportOptions): Transport | undefined {
  if (verify === true && Object.keys(proxies).length === 0) return undefined;
  // Cloudflare's node:https takes these options and minds none.
  if (isCloudflare() || builtin("node:https") === undefined) {
    throw new ConfigurationError(
      "verify and proxies need Deno, Bun, or Node from 20.16 on: this runtime decides by itself how it connects",
    );
  }
  const route = proxyRoute(proxies);
  const ca = typeof verify === "string" ? readCaBundle(verify) : undefined;
  const id = JSON.stringify([verify === false, ca, proxies]);
  let transport = transports.get(id);
  if (transport === undefined) {
    const deno = denoApi<DenoLike>();
    const plain = deno !== undefined && verify !== false
      ? denoTransport(deno, route, ca)
      : nodeTransport({ verify: verify !== false, route, ca });
    transports.set(id, transport = withProxyErrors(route, plain));
  }
  return transport;
}

/** By these `fetch` finds proxies itself, on Deno. */
const PROXY_VARIABLES = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

let bulk: Transport | undefined;

/**
 * What sends a large array better than `fetch`: `node:http` on Deno and Node, which hands the array to the system as it is.
 * Four parts of 8 MiB at once take half the time of `fetch`. Only over plain HTTP, and not where a proxy may be meant.
 */
export function bulkTransport(url: string, { body }: RequestInit): Transport | undefined {
  if (!(body instanceof PieceBlob && body.whole !== undefined && url.startsWith("http:"))) return undefined;
  if (isBun()) return undefined; // its fetch is the quicker one
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
        // Deno has no word for it but its cause's text. Without this it would be tried again and again.
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

/** Loaded on demand: a service on an edge has no use for it. */
function nodeTransport(options: { verify: boolean; route: ProxyRoute; ca: string[] | undefined }): Transport {
  let loading: Promise<Transport> | undefined;
  const load = (): Promise<Transport> =>
    loading ??= import("./node_fetch.ts").then(({ createNodeFetch }) => createNodeFetch(options));
  return {
    fetch: async (url, init) => await (await load()).fetch(url, init),
    close: async () => await (await loading)?.close(),
  };
}
