/** What the runner and the client of `soak` tell each other. */

export interface SoakWish {
  readonly endpointUrl: string;
  /** The time for calls; measurements take some more. */
  readonly seconds: number;
  /** The number of measurements, at equal intervals. */
  readonly samples: number;
}

/** A measurement while no call runs, after a garbage collection. */
export interface SoakSample {
  /** Since the start. */
  readonly seconds: number;
  /** Calls so far. */
  readonly calls: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Open files and sockets; `undefined` if unknown. */
  readonly descriptors?: number | undefined;
}

/** The start of a line with one measurement. */
export const STEP_MARKER = "step: ";
