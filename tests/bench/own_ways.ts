/** The operations whose own time is measured, and the results. */
import type { Measured } from "./rounds.ts";

export const OPERATIONS = ["save", "open and bytes", "stat"] as const;
export type Operation = typeof OPERATIONS[number];

/** The contenders of each operation. */
export const OURS = "this package";
export const BY_HAND = "signed by hand";
/** Makes the response only: what the others take longer is their own time. */
export const RESPONSE = "the response alone";

/** The result of a client process. */
export interface OwnRates extends Measured {
  readonly operation: Operation;
}
