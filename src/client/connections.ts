import type { ConnectionQueue } from "./connection_queue.ts";

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

  /** Starts a request; waits for its turn if there are `most` already. Each call needs one of `leave`. */
  enter(most: number, signal: AbortSignal | undefined): Promise<void> | undefined {
    if (this.queue !== undefined || this.sending + this.bodies.size >= most) {
      // Loaded on demand: most programs have fewer connections.
      return import("./connection_queue.ts").then(({ enter }) => enter(this, most, signal));
    }
    this.sending++;
    return undefined;
  }

  /** Ends a request. */
  leave(): void {
    this.sending--;
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
