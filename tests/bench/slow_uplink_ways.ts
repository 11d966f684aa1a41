/** What the runner and the client of `slow_uplink` tell each other. */

export interface SlowUplinkWish {
  readonly endpointUrl: string;
  readonly sizeBytes: number;
  readonly partSize: number;
}

export interface SlowUplinkFigures {
  readonly seconds: number;
  /** The progress that the storage reported. */
  readonly progress: { readonly seconds: number; readonly bytes: number }[];
  readonly error?: string | undefined;
}

/** The start of a line that is shown while the client runs. */
export const STEP_MARKER = "step: ";
