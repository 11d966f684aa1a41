import type { Settings } from "../../settings/resolve.ts";
import type { Pace } from "./bandwidth.ts";

/** The connections of a client, as its limits see them. Each limit exists only if a storage needs it. */
export interface ConnectionState {
  /** Requests that were sent, and have no response yet. */
  sending: number;
  /** Bodies that count. */
  readonly counted: number;
  /** All bodies that were neither read to their ends nor cancelled. */
  readonly bodies: ReadonlySet<OpenBody>;
  /** The requests that wait for their turn, if there are any. */
  queue: { wait(most: number, signal: AbortSignal | undefined): Promise<void>; wake(): void } | undefined;
  /** Limits the rate of requests, in adaptive mode. */
  rate:
    | { readonly perSecond: number; take(signal: AbortSignal | undefined): Promise<void>; update(error: unknown): void }
    | undefined;
  /** Limits the bytes per second, if a storage has a limit. */
  bandwidth: { paceOf(settings: Settings, signal: AbortSignal | undefined): Pace | undefined } | undefined;
  /** The large bodies that are being sent. */
  sent: Set<BodyInFlight> | undefined;
  /** Closes the connections of large bodies without a reader. */
  idle: { watch(seconds: number): void; stop(): void } | undefined;
}

/** A body that is being received. */
export interface OpenBody {
  /** Since when the body waits for its reader, on the clock of `performance.now`; infinite while the reader waits for it. */
  readonly restingSince: number;
  /** Whether reading can continue over another connection. */
  readonly maySuspend: boolean;
  /** Closes the connection. */
  close(): void;
  /** Sets whether it counts. */
  count(isCounted: boolean): void;
}

/** A body that is being sent. */
export interface BodyInFlight {
  readonly size: number;
  /** Bytes of which the runtime does not show whether they were sent. */
  readonly unobserved: number;
  /** Called with the bytes that are in flight now, unobserved ones and all, and with the unobserved ones of a further body. */
  share(unobserved: number, all: number, further: number): void;
  /** Called when another body was sent, with the time and the unobserved bytes that are still in flight. */
  release(at: number, bytes: number): void;
}
