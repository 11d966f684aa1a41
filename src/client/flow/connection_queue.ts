import { onAbort } from "../../kit/async/on_abort.ts";
import { isEdge } from "../../runtime/detect.ts";
import type { ConnectionState } from "./connection_state.ts";

/** How long a body must have waited for its reader before its connection may be closed: reading on takes another request. */
const IDLE_MILLISECONDS = 1000;

/** The time between two looks for such bodies, while requests wait. */
const LOOK_MILLISECONDS = 200;

/** Starts a request as soon as fewer than `most` are in use, in the order of the calls. */
export async function waitForTurn(
  connections: ConnectionState,
  most: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  // An edge runtime limits connections itself, and a request that it ends would keep its turn.
  if (isEdge()) return void connections.sending++;
  if (connections.queue === undefined) {
    closeIdle(connections, most);
    if (connections.sending + connections.counted < most) return void connections.sending++;
  }
  await (connections.queue ??= new ConnectionQueue(connections)).wait(most, signal);
}

/**
 * Closes connections of bodies that wait for their readers, the longest wait first, until there is room for one more. A body
 * that cannot be read over another connection keeps its own, and no longer counts.
 */
function closeIdle({ bodies, sending }: ConnectionState, most: number): void {
  const latest = performance.now() - IDLE_MILLISECONDS;
  const idle = [...bodies].filter(({ restingSince }) => restingSince <= latest);
  idle.sort((one, other) => one.restingSince - other.restingSince);
  for (const slot of idle) {
    if (sending + bodies.size < most) return;
    if (slot.maySuspend) slot.close();
    else slot.count(false);
  }
}

interface Waiting {
  readonly most: number;
  readonly start: () => void;
}

/** The requests that wait for their turn. */
export class ConnectionQueue {
  readonly #connections: ConnectionState;
  readonly #waiting: Set<Waiting> = new Set();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(connections: ConnectionState) {
    this.#connections = connections;
    this.#timer = setInterval(() => {
      const [first] = this.#waiting;
      closeIdle(connections, first!.most);
      this.wake();
    }, LOOK_MILLISECONDS);
  }

  /** Resolves once the request is counted. */
  wait(most: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        most,
        start: () => {
          forget?.();
          this.#connections.sending++;
          resolve();
        },
      };
      const forget = signal && onAbort(signal, () => {
        this.#waiting.delete(waiting);
        this.wake();
        reject(signal.reason);
      });
      this.#waiting.add(waiting);
    });
  }

  /** Starts those whose turn has come. */
  wake(): void {
    const connections = this.#connections;
    for (const waiting of this.#waiting) {
      if (connections.sending + connections.counted >= waiting.most) break;
      this.#waiting.delete(waiting);
      waiting.start();
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    connections.queue = undefined;
  }
}
