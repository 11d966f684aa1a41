import { onAbort } from "../kit/async/on_abort.ts";
import { isEdge } from "../runtime/detect.ts";
import type { Settings } from "../settings/resolve.ts";
import type { AdaptiveRate } from "./flow/adaptive_rate.ts";
import type { Bandwidth } from "./flow/bandwidth.ts";
import type { ConnectionQueue } from "./flow/connection_queue.ts";
import type { SentBody } from "./flow/sent_body.ts";
import type { S3Request } from "./request.ts";

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

  /** Starts a request; waits for its turn if there are too many already. Each call needs one of `leave`. */
  enter(settings: Settings, request: S3Request): Promise<void> | undefined {
    const { maxConnections, retryMode } = settings.clientConfig;
    const isLimited = retryMode === "adaptive" || settings.transferConfig.maxBandwidth !== undefined;
    // An edge runtime limits connections itself, and may end a request without a word, which would keep its turn.
    const isFull = (this.queue !== undefined || this.sending + this.bodies.size >= maxConnections) && !isEdge();
    // Loaded on demand: most programs have fewer connections.
    if (isLimited || isFull) return import("./flow/enter.ts").then(({ enter }) => enter(this, settings, request));
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
  /** Stops listening to the caller's signal. */
  readonly #unlisten: (() => void) | undefined;
  /** Rejects the pending read. */
  #fail: (() => void) | undefined;
  /** Whether it counts: until its first bytes were read, as a program may open files and read none; then during reads. */
  isCounted = false;
  /** Since when the body waits for its reader, on the clock of `performance.now`; infinite while the reader waits for it. */
  restingSince = performance.now();
  /** Whether reading can continue over another connection. */
  mayPark = false;
  /** Whether the connection was closed in favour of others. */
  isParked = false;

  /**
   * @param stop Aborts the request.
   * @param signal Aborted by the caller.
   */
  constructor(connections: Connections, stop: AbortController, signal: AbortSignal | undefined) {
    this.#connections = connections;
    this.#stop = stop;
    this.#unlisten = signal && onAbort(signal, () => {
      stop.abort(signal.reason);
      this.#fail?.();
    });
    connections.bodies.add(this);
    this.count(true);
  }

  /** Closes the connection once nobody holds the body any longer. */
  closeWith(body: object): void {
    if (typeof FinalizationRegistry === "undefined") return; // older Workers
    dropped ??= new FinalizationRegistry((slot) => slot.close());
    dropped.register(body, this, this);
  }

  /**
   * The reader begins to wait for bytes.
   *
   * @param fail Called if the caller aborts meanwhile.
   */
  read(fail?: () => void): void {
    this.#fail = fail;
    this.restingSince = Infinity;
    this.count(true);
  }

  /** The reader has received bytes. */
  rest(): void {
    this.#fail = undefined;
    this.restingSince = performance.now();
    this.count(false);
  }

  /** The body has ended. */
  release(): void {
    this.#fail = undefined;
    dropped?.unregister(this);
    this.#unlisten?.();
    this.#connections.bodies.delete(this);
    this.count(false);
  }

  /** Closes the connection. */
  close(): void {
    this.isParked = true;
    this.#stop.abort();
    this.release();
  }

  count(isCounted: boolean): void {
    if (isCounted === this.isCounted) return;
    this.isCounted = isCounted;
    this.#connections.counted += isCounted ? 1 : -1;
    if (!isCounted) this.#connections.queue?.wake();
  }
}
