import type { Bytes } from "../kit/bytes/bytes.ts";
import { isEdge } from "../runtime/detect.ts";
import type { Settings } from "../settings/resolve.ts";
import type { AdaptiveRate } from "./flow/adaptive_rate.ts";
import type { Bandwidth, Pace } from "./flow/bandwidth.ts";
import type { ConnectionQueue } from "./flow/connection_queue.ts";
import type { AttemptLimits, SentBody } from "./flow/sent_body.ts";
import type { S3Request } from "./request.ts";

/** Larger bodies are watched while they are sent: how long that takes depends on what else is being sent. */
const WATCHED_BYTES = 16 * 1024;

/**
 * The connections to one service that are in use. A request counts until its response arrives, and a body while its reader
 * waits for bytes. A body that waits for its reader does not count, as the reader may wait for other requests; nor does it
 * keep its connection if others need one and reading can continue over another one.
 */
export class Connections {
  /** Requests that were sent, and are not answered yet. */
  sending = 0;
  /** Bodies that count. */
  counted = 0;
  /** All bodies that were neither read to their ends nor cancelled. */
  readonly bodies: Set<BodySlot> = new Set();
  /** The requests that wait for their turn, if there are any. */
  queue: ConnectionQueue | undefined;

  /** Limits the rate of requests, in adaptive mode. */
  rate: AdaptiveRate | undefined;
  /** Limits the bytes per second, if a storage has a limit. */
  bandwidth: Bandwidth | undefined;
  /** The large bodies that are being sent. */
  sent: Set<SentBody> | undefined;

  /**
   * Watches a body while it is sent, and limits its bandwidth; `undefined` if it is small enough to do without.
   *
   * @param signal Ends the wait for bandwidth.
   */
  send(
    { transferConfig: { maxBandwidth } }: Settings,
    body: Bytes | Blob,
    limits: AttemptLimits,
    signal: AbortSignal,
  ): Promise<SentBody> | undefined {
    if (maxBandwidth === undefined && (body instanceof Blob ? body.size : body.byteLength) < WATCHED_BYTES) return;
    return import("./flow/sent_body.ts").then(async ({ pacedBody, SentBody }) => {
      const pace = this.pace(maxBandwidth, signal);
      return new SentBody(this, pace === undefined ? body : await pacedBody(body, pace, maxBandwidth!), limits);
    });
  }

  /** Limits the bytes per second; `undefined` without a limit. */
  pace(maxBandwidth: number | undefined, signal: AbortSignal | undefined): Pace | undefined {
    const { bandwidth } = this;
    if (bandwidth === undefined || maxBandwidth === undefined) return undefined;
    return (bytes) => bandwidth.take(bytes, maxBandwidth, signal);
  }

  /** Starts a request; waits for its turn if there are too many already. Each call needs one of `leave`. */
  enter(settings: Settings, request: S3Request): Promise<void> | undefined {
    const { maxConnections, retryMode } = settings.clientConfig;
    const isLimited = retryMode === "adaptive" || settings.transferConfig.maxBandwidth !== undefined;
    if (isLimited || this.queue !== undefined || this.sending + this.bodies.size >= maxConnections) {
      // Loaded on demand: most programs have fewer connections. An edge runtime limits them itself, and may end a request
      // without a word.
      if (isLimited || !isEdge()) return import("./flow/enter.ts").then(({ enter }) => enter(this, settings, request));
    }
    this.sending++;
    return undefined;
  }

  /**
   * Ends a request.
   *
   * @param error Its failure.
   */
  leave(error?: unknown): void {
    this.sending--;
    this.rate?.update(error);
    this.queue?.wake();
  }
}

let dropped: FinalizationRegistry<BodySlot> | undefined;

/** The connection of a body. It does not hold the body, so that a body that nobody holds any longer releases it. */
export class BodySlot {
  readonly #connections: Connections;
  readonly #stop: AbortController;
  #isCounted = false;
  /** Since when the body waits for its reader, on the clock of `performance.now`; infinite while the reader waits for it. */
  restingSince = Infinity;
  /** Whether reading can continue over another connection. */
  mayPark = false;
  /** Whether the connection was closed in favour of others. */
  isParked = false;

  constructor(connections: Connections, stop: AbortController, body: object) {
    this.#connections = connections;
    this.#stop = stop;
    connections.bodies.add(this);
    this.count(true); // until its first bytes were read: a program may open files and read none
    this.restingSince = performance.now();
    if (typeof FinalizationRegistry === "undefined") return; // older Workers
    dropped ??= new FinalizationRegistry((slot) => slot.close());
    dropped.register(body, this, body);
  }

  /** Whether it counts. */
  get isCounted(): boolean {
    return this.#isCounted;
  }

  /** The reader begins to wait for bytes. */
  read(): void {
    this.count(true);
    this.restingSince = Infinity;
  }

  /** The reader has received bytes. */
  rest(): void {
    this.restingSince = performance.now();
    this.count(false);
  }

  /** Ends a body. */
  release(body: object): void {
    dropped?.unregister(body);
    this.#leave();
  }

  /** Closes the connection. */
  close(): void {
    this.isParked = true;
    this.#stop.abort();
    this.#leave();
  }

  count(isCounted: boolean): void {
    if (isCounted === this.#isCounted) return;
    this.#isCounted = isCounted;
    this.#connections.counted += isCounted ? 1 : -1;
    if (!isCounted) this.#connections.queue?.wake();
  }

  #leave(): void {
    this.#connections.bodies.delete(this);
    this.count(false);
  }
}
