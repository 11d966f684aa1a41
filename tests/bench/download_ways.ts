/** The measured ways of downloading, and their results. */
export const SINGLE = "open, a single stream";
export const DEFAULT = "download, as it is";
export const FOUR = "download, 4 concurrent";

export interface DownloadBench {
  readonly endpointUrl: string;
  readonly sizeBytes: number;
  readonly rounds: number;
}

/** The time of each round, in milliseconds. */
export interface DownloadTimes {
  readonly name: string;
  readonly milliseconds: number[];
}
