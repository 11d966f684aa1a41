import { denoApi } from "../detect.ts";
import { createNodeFetch } from "./node_fetch.ts";
import type { Proxy, ProxyRoute } from "./proxies.ts";
import { proxyRefusal } from "./proxy_login.ts";
import type { ConnectionOptions, Transport } from "./transport.ts";

interface DenoHttpClient {
  close(): void;
}

interface DenoLike {
  createHttpClient(options: {
    caCerts?: string[];
    proxy?: { url: string; basicAuth?: { username: string; password: string } };
  }): DenoHttpClient;
}

/** A transport with checked options: Deno's own `fetch` where it can do what they say, else `node:http`. */
export function configuredTransport(options: ConnectionOptions): Transport {
  const { verify, route, connectTimeout } = options;
  const deno = denoApi<DenoLike>();
  const ownFetch = deno !== undefined && verify && connectTimeout === undefined;
  return withProxyErrors(route, ownFetch ? denoTransport(deno, options) : createNodeFetch(options));
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

function denoTransport(deno: DenoLike, connection: ConnectionOptions): Transport {
  const { route, ca: caCerts } = connection;
  const clients = new Map<Proxy | undefined, DenoHttpClient>();
  let nodeFetch: Transport | undefined;
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
        const response = await fetch(url, options);
        const isStripped = options.method === "HEAD" && response.ok && !response.headers.has("content-length");
        if (!isStripped) return response;
        // Below 2.9, Deno removes `Content-Length` and `Content-Encoding` of encoded objects.
        return await (nodeFetch ??= createNodeFetch(connection)).fetch(url, init);
      } catch (error) {
        // On Deno only the text of the cause shows this. Without this check the request would be retried.
        const refused = proxy && /proxy authentication required/i.test(String((error as Error)?.cause));
        throw refused ? proxyRefusal(proxy) : error;
      }
    },
    close: async () => {
      for (const client of clients.values()) client.close();
      clients.clear();
      await nodeFetch?.close();
    },
  };
}
