/** What is measured of small requests, and what is said of it. */
import type { Measured } from "./rounds.ts";

/** The names of the contenders that the targets speak of. */
export const OURS = "storage.save, storage.open";
export const BARE = "bare fetch";
/** Says how much of the difference to bare fetch is the runtime's own work on the headers of any signature. */
export const WITH_HEADERS = "bare fetch with such headers";

export const OBJECT_BYTES = 1024;
export const CONCURRENCIES = [1, 16, 64] as const;

/** What is asked of a runtime: everything, at one concurrency. */
export interface SmallRequestsBench {
  readonly origin: string;
  readonly concurrency: number;
}

/** What came of it. */
export interface SmallRequestsRates extends Measured {
  readonly method: "PUT" | "GET";
}
