/** As much of `fetch` as an S3 client needs, on `node:http`: with unchecked certificates, CA bundles and proxies. */
import { blobStream } from "../blob_stream.ts";
import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { timerDelay } from "../../kit/async/timer_delay.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import { builtin } from "../builtin.ts";
import { PieceBlob } from "./fetch_body.ts";
import type { Proxy, ProxyRoute } from "./proxies.ts";
import { proxyAuthorization, proxyRefusal } from "./proxy_login.ts";
import type { ConnectionOptions, Transport } from "./transport.ts";

interface Socket {
  readonly connecting: boolean;
  /** Whether the TLS handshake has not ended yet. */
  readonly secureConnecting?: boolean;
  once(event: "connect" | "secureConnect" | "close", listener: () => void): void;
  destroy(): void;
}

interface IncomingMessage extends AsyncIterable<Uint8Array<ArrayBuffer>> {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly rawHeaders: readonly string[];
  /** Whether the whole message has arrived. */
  readonly complete: boolean;
  on(event: "error", listener: (error: Error) => void): void;
  once(event: "end", listener: () => void): void;
  resume(): void;
  destroy(error?: unknown): void;
}

interface ClientRequest {
  /** Whether all of its body was handed to the system. */
  readonly writableFinished: boolean;
  once(event: "socket", listener: (socket: Socket) => void): void;
  once(event: "response", listener: (response: IncomingMessage) => void): void;
  once(event: "connect", listener: (response: IncomingMessage, socket: Socket) => void): void;
  once(event: "close" | "finish", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  end(body?: Uint8Array): void;
  destroy(error?: unknown): void;
}

type SocketDone = (error: Error | null, socket?: Socket) => void;

/** The options that an agent opens a socket with; they include those of the request. */
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

/** A transport on `node:http` and `node:https`. */
export function createNodeFetch(options: ConnectionOptions): Transport {
  return new NodeTransport(options);
}

class NodeTransport implements Transport {
  readonly #http = builtin<HttpModule>("node:http")!;
  readonly #https = builtin<HttpModule>("node:https")!;
  readonly #tls = builtin<TlsModule>("node:tls")!;
  readonly #route: ProxyRoute;
  readonly #connectTimeout: number | undefined;
  /** TLS options that say which certificates are trusted. */
  readonly #trust: { readonly ca?: string[]; readonly rejectUnauthorized?: boolean };
  readonly #agents = new Map<Proxy | undefined, Map<string, Agent>>();

  constructor({ verify, route, ca, connectTimeout }: ConnectionOptions) {
    this.#route = route;
    this.#connectTimeout = connectTimeout;
    this.#trust = { ...(ca && { ca, rejectUnauthorized: true }), ...(!verify && { rejectUnauthorized: false }) };
  }

  async fetch(input: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(input);
    const signal = init.signal ?? undefined;
    signal?.throwIfAborted();
    const method = init.method ?? "GET";
    const body = checkBody(init.body);
    const request = this.#request(url, method, headersOf(method, init.headers, body), signal);
    limitConnecting(request, this.#connectTimeout);
    let response: IncomingMessage | undefined;
    const stop = (): void => {
      request.destroy(signal?.reason);
      response?.destroy(signal?.reason);
    };
    signal?.addEventListener("abort", stop);
    request.once("close", () => signal?.removeEventListener("abort", stop));
    try {
      response = await unlessAborted(signal, () => responseTo(request, body));
      response.on("error", () => {}); // reported to the reader of the body
      const { statusCode: status, statusMessage: statusText, rawHeaders } = response;
      if (status < 200 || status > 599) throw new TypeError(`the server responded with status ${status}`); // no Response has it
      const init = { status, statusText, headers: parseHeaders(rawHeaders) };
      const isBodiless = method === "HEAD" || BODILESS.includes(status) ||
        init.headers.get("content-length") === "0";
      if (!isBodiless) return new Response(streamOf(response), init);
      await unlessAborted(signal, () => finished(request, response!));
      return new Response(null, init);
    } catch (error) {
      request.destroy();
      throw error;
    }
  }

  close(): Promise<void> {
    for (const agents of this.#agents.values()) for (const agent of agents.values()) agent.destroy();
    this.#agents.clear();
    return Promise.resolve();
  }

  /** Begins a request, by the proxy that its URL goes through. */
  #request(
    url: URL,
    method: string,
    headers: Record<string, string>,
    signal: AbortSignal | undefined,
  ): ClientRequest {
    const proxy = this.#route(url);
    const isTunnelled = proxy !== undefined && url.protocol === "https:";
    // The proxy itself handles a plain request, and needs its whole URL.
    const forwarder = isTunnelled ? undefined : proxy;
    const peer = forwarder?.url ?? url;
    return this.#moduleFor(peer).request(peer, {
      method,
      headers: forwarder ? { ...headers, host: url.host, ...proxyAuthorization(forwarder) } : headers,
      ...(forwarder && { path: `${url.origin}${url.pathname}${url.search}`, ...serverName(peer) }),
      agent: this.#agentFor(peer, proxy, isTunnelled),
      tunnelSignal: signal,
    });
  }

  #moduleFor({ protocol }: URL): HttpModule {
    return protocol === "https:" ? this.#https : this.#http;
  }

  /** The agent that keeps sockets for further requests of the same protocol through the same proxy. */
  #agentFor(peer: URL, proxy: Proxy | undefined, isTunnelled: boolean): Agent {
    const agents = this.#agents.get(proxy) ?? new Map<string, Agent>();
    this.#agents.set(proxy, agents);
    const name = isTunnelled ? "tunnel" : peer.protocol;
    const known = agents.get(name);
    if (known !== undefined) return known;
    // On Bun and Deno an idle tunnel through TLS would keep the process alive.
    const agent = new (this.#moduleFor(peer).Agent)({ keepAlive: !isTunnelled || proxy!.url.protocol === "http:" });
    if (isTunnelled) {
      agent.createConnection = (options, done) => void this.#openTunnel(proxy!, options, done);
    } else if (peer.protocol === "https:") {
      // Deno's own would ask for a permission to read the system's certificates, needed or not.
      agent.createConnection = (options) => this.#tls.connect({ ...options, ...this.#trust });
    }
    agents.set(name, agent);
    return agent;
  }

  #openTunnel(proxy: Proxy, options: SocketOptions, done: SocketDone): void {
    const host = `${options.host.includes(":") ? `[${options.host}]` : options.host}:${options.port}`;
    const request = this.#moduleFor(proxy.url).request(proxy.url, {
      ...serverName(proxy.url),
      method: "CONNECT",
      path: host,
      headers: { host, ...proxyAuthorization(proxy) },
      agent: this.#agentFor(proxy.url, undefined, false),
    });
    limitConnecting(request, this.#connectTimeout);
    const signal = options.tunnelSignal;
    const stop = (): void => request.destroy(signal?.reason);
    signal?.addEventListener("abort", stop);
    const finish: SocketDone = (error, socket) => {
      signal?.removeEventListener("abort", stop);
      done(error, socket);
    };
    request.on("error", finish);
    request.once("connect", ({ statusCode }, socket) => {
      if (statusCode >= 200 && statusCode < 300) {
        return finish(null, this.#tls.connect({ ...options, ...this.#trust, socket }));
      }
      socket.destroy();
      const message = `the proxy ${proxy.url.host} responded to CONNECT with status ${statusCode}`;
      finish(statusCode === 407 ? proxyRefusal(proxy) : new Error(message));
    });
    request.end();
  }
}

/** Destroys a request whose connection is not established in time, with the error that the system has for that. */
function limitConnecting(request: ClientRequest, seconds: number | undefined): void {
  if (seconds === undefined) return;
  request.once("socket", (socket) => {
    if (!socket.connecting && !socket.secureConnecting) return; // an earlier request has left it
    const timer = setTimeout(() => {
      const error = new Error(`no connection within ${seconds} s`);
      request.destroy(Object.assign(error, { code: "ETIMEDOUT", syscall: "connect" }));
    }, timerDelay(seconds * 1000));
    const stop = (): void => clearTimeout(timer);
    socket.once(socket.secureConnecting ? "secureConnect" : "connect", stop);
    socket.once("close", stop);
  });
}

/** The name that a proxy's own certificate must have; without it that would be the Host header's. */
function serverName({ hostname }: URL): { servername: string } {
  return { servername: /^\[|^[\d.]+$/.test(hostname) ? "" : hostname };
}

function checkBody(body: RequestInit["body"]): Uint8Array | Blob | undefined {
  if (typeof body === "string") return encodeUtf8(body);
  if (body instanceof PieceBlob && body.whole !== undefined) return body.whole;
  if (body instanceof Uint8Array || body instanceof Blob) return body;
  if (body === undefined || body === null) return undefined;
  throw new TypeError("With verify or proxies, the body of a request must be a Uint8Array, a Blob or a string");
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

function responseTo(request: ClientRequest, body: Uint8Array | Blob | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", reject);
    if (body instanceof Blob) {
      builtin<StreamModule>("node:stream")!.promises.pipeline(blobStream(body), request).catch(reject);
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

/** Resolves once the request has ended, so that the next one finds its socket free. */
function finished(request: ClientRequest, response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Below 2.8, Deno emits no "close" of a request whose connection is kept. A response may end before its request.
    const end = (): void => {
      if (request.writableFinished) timer = setTimeout(resolve);
      else request.once("finish", end);
    };
    response.once("end", end);
    request.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    response.resume();
  });
}

/** A stream that reads the message chunk by chunk on demand, and can be cancelled while it waits for a chunk. */
function streamOf(message: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = message[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const { value, done } = await chunks.next();
      if (done) return controller.close();
      controller.enqueue(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)); // not a Buffer, whose slice() is a view
    },
    cancel: () => message.complete ? message.resume() : message.destroy(), // a complete body leaves a socket to reuse
  }, { highWaterMark: 0 });
}
