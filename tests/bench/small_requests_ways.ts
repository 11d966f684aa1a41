/** The measurements of small requests, and their results. */
import type { Measured } from "./rounds.ts";

/** The names of the contenders in the targets. */
export const OURS = "storage.save, storage.open";
export const BARE = "bare fetch";
/** Bare fetch with headers as long as a signature, to measure the cost of headers in the runtime. */
export const WITH_HEADERS = "bare fetch with such headers";

export const OBJECT_BYTES = 1024;
export const CONCURRENCIES = [1, 16, 64] as const;

/** The input of a client process. */
export interface SmallRequestsBench {
  readonly origin: string;
  readonly concurrency: number;
}

/** The result of a client process. */
export interface SmallRequestsRates extends Measured {
  readonly method: "PUT" | "GET";
}
