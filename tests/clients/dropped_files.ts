/** What the test of dropped files and its probe tell each other. */

export interface DroppedWish {
  readonly endpointUrl: string;
  readonly files: number;
  /** Bytes of each file: each has the number of its 64 KiB block, from 0. */
  readonly sizeBytes: number;
  /**
   * `dropped` forgets the files and collects garbage; `unread` forgets them before the first read; `held` keeps them, and
   * reads on in the last one once all connections are gone.
   */
  readonly kind: "dropped" | "unread" | "held";
}

export interface DroppedResult {
  /** The sockets that were open at the end; `undefined` if unknown. */
  readonly sockets: number | undefined;
}

/** Sockets that may stay open for further requests. */
export const MOST_KEPT = 2;
