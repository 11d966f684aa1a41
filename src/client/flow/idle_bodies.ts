import { isEdge } from "../../runtime/detect.ts";
import { setBackgroundTimer } from "../../runtime/background_timer.ts";
import type { ConnectionState } from "./connection_state.ts";

/** Begins to watch the bodies of a client, of which one was opened. Loaded on demand: most responses are small. */
export function watchIdle(connections: ConnectionState, seconds: number): void {
  (connections.idle ??= new IdleBodies(connections)).watch(seconds);
}

/**
 * Closes connections of bodies that are not read: a program that drops a file without closing it would keep its connection
 * until a garbage collection, which a quiet process never makes. One timer watches all bodies, and keeps no process alive.
 *
 * Bodies that cannot be read over another connection keep theirs.
 */
export class IdleBodies {
  readonly #connections: ConnectionState;
  #milliseconds = Infinity;
  #clearTimer: (() => void) | undefined;

  constructor(connections: ConnectionState) {
    this.#connections = connections;
  }

  /**
   * Begins to watch, until no body is left.
   *
   * @param seconds How long a body may wait for its reader; the longest of these times applies to all.
   */
  watch(seconds: number): void {
    if (isEdge() || this.#connections.bodies.size === 0) return; // timers of an edge runtime end with their request
    const milliseconds = seconds * 1000;
    if (this.#clearTimer === undefined) this.#schedule(this.#milliseconds = milliseconds);
    else this.#milliseconds = Math.max(this.#milliseconds, milliseconds);
  }

  /** No body is left. */
  stop(): void {
    this.#clearTimer?.();
    this.#clearTimer = undefined;
  }

  #schedule(milliseconds: number): void {
    this.#clearTimer = setBackgroundTimer(milliseconds, () => this.#look());
  }

  #look(): void {
    this.#clearTimer = undefined;
    const now = performance.now();
    let soonest = this.#milliseconds;
    for (const slot of [...this.#connections.bodies]) {
      const left = slot.restingSince + this.#milliseconds - now;
      if (left > 0) soonest = Math.min(soonest, left);
      else if (slot.maySuspend) slot.close();
    }
    if (this.#connections.bodies.size > 0) this.#schedule(soonest);
  }
}
