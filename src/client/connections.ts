import { onAbort } from "../kit/async/on_abort.ts";
import type { Settings } from "../settings/resolve.ts";
import type { ConnectionState } from "./flow/connection_state.ts";
import type { S3Request } from "./request.ts";

/**
 * The connections to one service that are in use. A request counts until its response arrives, and a body while its reader
 * waits for bytes. A body that waits for its reader does not count, as the reader may wait for other requests; nor does it
 * keep its connection if others need one, or for long, if reading can continue over another one.
 */
export class Connections implements ConnectionState {
  sending = 0;
  counted = 0;
  readonly bodies: Set<BodySlot> = new Set();
  queue: ConnectionState["queue"];
  rate: ConnectionState["rate"];
  bandwidth: ConnectionState["bandwidth"];
  sent: ConnectionState["sent"];
  idle: ConnectionState["idle"];

  /**
   * Starts a request; waits for its turn if there are too many already. Each call needs one of `leave`.
   *
   * @param startedAt When the first attempt began; `undefined` for that attempt.
   */
  enter(settings: Settings, request: S3Request, startedAt: number | undefined): Promise<void> | undefined {
    const { maxConnections, retryMode } = settings.clientConfig;
    const isLimited = retryMode === "adaptive" || settings.transferConfig.maxBandwidth !== undefined;
    const isFull = this.queue !== undefined || this.sending + this.bodies.size >= maxConnections;
    // Loaded on demand: most programs have fewer connections.
    if (isLimited || isFull) {
      return import("./flow/enter.ts").then(({ enter }) => enter(this, settings, request, startedAt));
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
  /** Aborts the request. */
  readonly #stop: AbortController;
  /** Held, as Deno forgets the signal of a request together with its response: aborting would close nothing. */
  readonly response: Response;
  /** Stops listening to the caller's signal. */
  readonly #unlisten: (() => void) | undefined;
  /** Rejects the pending read. */
  #fail: (() => void) | undefined;
  /** Whether it counts: until its first bytes were read, as a program may open files and read none; then during reads. */
  isCounted = false;
  /** Since when the body waits for its reader, on the clock of `performance.now`; infinite while the reader waits for it. */
  restingSince = performance.now();
  /** Whether reading can continue over another connection. */
  maySuspend = false;
  /** Whether the connection was closed in favour of others. */
  isSuspended = false;

  /**
   * @param body Closes the connection once it is collected: nothing else here may refer to it.
   * @param stop Aborts the request.
   * @param signal Aborted by the caller.
   */
  constructor(
    body: object,
    connections: Connections,
    response: Response,
    stop: AbortController,
    signal: AbortSignal | undefined,
  ) {
    this.#connections = connections;
    this.response = response;
    this.#stop = stop;
    this.#unlisten = signal && onAbort(signal, () => {
      stop.abort(signal.reason);
      this.#fail?.();
    });
    this.count(true);
    if (typeof FinalizationRegistry === "undefined") return; // older Workers, which would keep bodies of dropped requests
    connections.bodies.add(this);
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
    const { bodies, idle } = this.#connections;
    bodies.delete(this);
    if (bodies.size === 0) idle?.stop();
    this.count(false);
  }

  /** Closes the connection. */
  close(): void {
    this.isSuspended = true;
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
