/** What of fetch an S3 client needs, on `node:http`: it can leave certificates unchecked and go through proxies. */
import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import { builtin } from "../builtin.ts";
import { PieceBlob } from "./fetch_body.ts";
import { type Proxy, proxyAuthorization, proxyRefusal, type ProxyRoute } from "./proxies.ts";
import type { Transport } from "./transport.ts";

interface Socket {
  destroy(): void;
}

interface IncomingMessage extends AsyncIterable<Uint8Array<ArrayBuffer>> {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly rawHeaders: readonly string[];
  /** Whether all of it has come in. */
  readonly complete: boolean;
  on(event: "error", listener: (error: Error) => void): void;
  resume(): void;
  destroy(error?: unknown): void;
}

interface ClientRequest {
  once(event: "response", listener: (response: IncomingMessage) => void): void;
  once(event: "connect", listener: (response: IncomingMessage, socket: Socket) => void): void;
  once(event: "close", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  end(body?: Uint8Array): void;
  destroy(error?: unknown): void;
}

type SocketDone = (error: Error | null, socket?: Socket) => void;

/** What an agent opens a socket for: the request's own options are among its. */
interface SocketOptions {
  readonly host: string;
  readonly port: number | string;
  readonly tunnelSignal?: AbortSignal | undefined;
}

interface Agent {
  createConnection(options: SocketOptions, done: SocketDone): Socket | undefined;
  destroy(): void;
}

interface HttpModule {
  Agent: new (options: { keepAlive: boolean }) => Agent;
  request(url: URL, options: object): ClientRequest;
}

interface TlsModule {
  connect(options: object): Socket;
}

interface StreamModule {
  promises: { pipeline(source: ReadableStream, target: ClientRequest): Promise<void> };
}

const BODILESS = [204, 205, 304];

/** @param ca The only authorities trusted; without it, the runtime's. */
export function createNodeFetch(
  { verify, route, ca }: { verify: boolean; route: ProxyRoute; ca: string[] | undefined },
): Transport {
  const http = builtin<HttpModule>("node:http")!;
  const https = builtin<HttpModule>("node:https")!;
  const tls = builtin<TlsModule>("node:tls")!;
  const trust = { ...(ca && { ca, rejectUnauthorized: true }), ...(!verify && { rejectUnauthorized: false }) };
  const moduleFor = ({ protocol }: URL): HttpModule => protocol === "https:" ? https : http;
  const pools = new Map<Proxy | undefined, Map<string, Agent>>();

  /** Keeps sockets for the next request to the same host by the same way. */
  function agentFor(peer: URL, proxy: Proxy | undefined, isTunnelled: boolean): Agent {
    const agents = pools.get(proxy) ?? new Map<string, Agent>();
    pools.set(proxy, agents);
    const way = isTunnelled ? "tunnel" : peer.protocol;
    const known = agents.get(way);
    if (known !== undefined) return known;
    // On Bun and Deno an idle tunnel through TLS would keep the process alive.
    const agent = new (moduleFor(peer).Agent)({ keepAlive: !isTunnelled || proxy!.url.protocol === "http:" });
    if (isTunnelled) {
      agent.createConnection = (options, done) => void openTunnel(proxy!, options, done);
    } else if (peer.protocol === "https:") {
      // Deno's own would ask for a permission to read the system's certificates, needed or not.
      agent.createConnection = (options) => tls.connect({ ...options, ...trust });
    }
    agents.set(way, agent);
    return agent;
  }

  function openTunnel(proxy: Proxy, options: SocketOptions, done: SocketDone): void {
    const host = `${options.host.includes(":") ? `[${options.host}]` : options.host}:${options.port}`;
    const request = moduleFor(proxy.url).request(proxy.url, {
      ...serverName(proxy.url),
      method: "CONNECT",
      path: host,
      headers: { host, ...proxyAuthorization(proxy) },
      agent: agentFor(proxy.url, undefined, false),
    });
    const signal = options.tunnelSignal;
    const stop = (): void => request.destroy(signal?.reason);
    signal?.addEventListener("abort", stop);
    const finish: SocketDone = (error, socket) => {
      signal?.removeEventListener("abort", stop);
      done(error, socket);
    };
    request.on("error", finish);
    request.once("connect", ({ statusCode }, socket) => {
      if (statusCode >= 200 && statusCode < 300) return finish(null, tls.connect({ ...options, ...trust, socket }));
      socket.destroy();
      const said = `the proxy ${proxy.url.host} answered CONNECT with status ${statusCode}`;
      finish(statusCode === 407 ? proxyRefusal(proxy) : new Error(said));
    });
    request.end();
  }

  return {
    fetch: async (input, init = {}) => {
      const url = new URL(input);
      const signal = init.signal ?? undefined;
      signal?.throwIfAborted();
      const method = init.method ?? "GET";
      const body = checkBody(init.body);
      const headers = headersOf(method, init.headers, body);
      const proxy = route(url);
      const isTunnelled = proxy !== undefined && url.protocol === "https:";
      // A plain request is the proxy's to read: it is told the whole URL.
      const forwarder = isTunnelled ? undefined : proxy;
      const peer = forwarder?.url ?? url;
      const request = moduleFor(peer).request(peer, {
        method,
        headers: forwarder ? { ...headers, host: url.host, ...proxyAuthorization(forwarder) } : headers,
        ...(forwarder && { path: `${url.origin}${url.pathname}${url.search}`, ...serverName(peer) }),
        agent: agentFor(peer, proxy, isTunnelled),
        tunnelSignal: signal,
      });
      let response: IncomingMessage | undefined;
      const stop = (): void => {
        request.destroy(signal?.reason);
        response?.destroy(signal?.reason);
      };
      signal?.addEventListener("abort", stop);
      request.once("close", () => signal?.removeEventListener("abort", stop));
      try {
        response = await unlessAborted(signal, () => answerTo(request, body));
        response.on("error", () => {}); // whoever reads the body is told
        const { statusCode: status, statusMessage: statusText, rawHeaders } = response;
        if (status < 200 || status > 599) throw new TypeError(`the server answered with status ${status}`); // no Response has it
        const answered = { status, statusText, headers: parseHeaders(rawHeaders) };
        const isBodiless = method === "HEAD" || BODILESS.includes(status) ||
          answered.headers.get("content-length") === "0";
        if (!isBodiless) return new Response(streamOf(response), answered);
        await unlessAborted(signal, () => finished(request, response!));
        return new Response(null, answered);
      } catch (error) {
        request.destroy();
        throw error;
      }
    },
    close: () => {
      for (const agents of pools.values()) for (const agent of agents.values()) agent.destroy();
      pools.clear();
      return Promise.resolve();
    },
  };
}

/** By which name a proxy's own certificate goes; without it that would be the Host header's. */
function serverName({ hostname }: URL): { servername: string } {
  return { servername: /^\[|^[\d.]+$/.test(hostname) ? "" : hostname };
}

function checkBody(body: RequestInit["body"]): Uint8Array | Blob | undefined {
  if (typeof body === "string") return encodeUtf8(body);
  if (body instanceof PieceBlob && body.whole !== undefined) return body.whole;
  if (body instanceof Uint8Array || body instanceof Blob) return body;
  if (body === undefined || body === null) return undefined;
  throw new TypeError("With verify or proxies the body of a request must be a Uint8Array, a Blob or a text");
}

function headersOf(
  method: string,
  given: RequestInit["headers"],
  body: Uint8Array | Blob | undefined,
): Record<string, string> {
  const headers = new Headers(given);
  const size = body instanceof Blob ? body.size : body?.byteLength;
  if (size !== undefined || /^P(OS|U)T$/.test(method)) headers.set("content-length", String(size ?? 0));
  if (body instanceof Blob && body.type !== "" && !headers.has("content-type")) headers.set("content-type", body.type);
  return Object.fromEntries(headers);
}

function answerTo(request: ClientRequest, body: Uint8Array | Blob | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", reject);
    if (body instanceof Blob) {
      builtin<StreamModule>("node:stream")!.promises.pipeline(body.stream(), request).catch(reject);
    } else {
      request.end(body);
    }
  });
}

function parseHeaders(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index < raw.length; index += 2) headers.append(raw[index]!, raw[index + 1]!);
  return headers;
}

/** Waited for, so that the next request finds the socket free. */
function finished(request: ClientRequest, response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    request.once("close", resolve);
    response.resume();
  });
}

/** Read chunk by chunk, as it is asked for; cancelled at once, also while it waits for a chunk. */
function streamOf(message: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = message[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const { value, done } = await chunks.next();
      if (done) return controller.close();
      controller.enqueue(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)); // no Buffer, whose slice() is a view
    },
    cancel: () => message.complete ? message.resume() : message.destroy(), // a whole body leaves a socket to keep
  }, { highWaterMark: 0 });
}
