/** The ways to download that are measured, and what is said of them. */
export const SINGLE = "open, a single stream";
export const DEFAULT = "download, as it is";
export const FOUR = "download, 4 at once";

export interface DownloadBench {
  readonly endpointUrl: string;
  readonly sizeBytes: number;
  readonly rounds: number;
}

/** What each round took, in milliseconds. */
export interface DownloadTimes {
  readonly name: string;
  readonly milliseconds: number[];
}
